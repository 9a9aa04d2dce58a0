"""Reads a session from Redis by its documented format, and sends a request with its cookies.

usage: read_redis.py SERVER NAMESPACE SESSION URL ADDRESS

SERVER is host:port. The request for URL goes to ADDRESS (host:port). Its `Cookie` is written as the octets of the header.
"""

import socket
import sys
import time

import stored


def reply(lines):
    """One reply of the protocol: a status, an error, a text, or a list."""
    line = lines.readline().rstrip(b"\r\n")
    kind, rest = line[:1], line[1:]
    if kind == b"$":
        return lines.read(int(rest) + 2)[:-2]
    if kind == b"*":
        return [reply(lines) for _ in range(int(rest))]
    assert kind != b"-", rest
    return rest


def command(server, *arguments):
    host, port = server.rsplit(":", 1)
    with socket.create_connection((host, int(port))) as connection:
        parts = [b"$%d\r\n%s\r\n" % (len(argument), argument) for argument in arguments]
        connection.sendall(b"*%d\r\n" % len(parts) + b"".join(parts))
        return reply(connection.makefile("rb"))


def cookies(server, namespace, session):
    key = f"cookiejar:{{{namespace}}}:session:{session}".encode()
    fields = command(server, b"HGETALL", key)
    for identity, entry in zip(fields[::2], fields[1::2]):
        # Stamp and writer, version; then, unless it is a tombstone, created, expires, last access, record.
        parts = entry.split(b" ", 5)
        if identity and len(parts) == 6 and (parts[3] == b"-" or int(parts[3]) > time.time()):
            if cookie := stored.cookie(identity, parts[5]):
                yield cookie


server, namespace, session, url, address = sys.argv[1:]
stored.send(cookies(server, namespace, session), url, address)
