"""Reads a session out of a SQLite file by its documented format, and sends a request with its cookies.

usage: read_sqlite.py FILE NAMESPACE SESSION URL ADDRESS

The request for URL goes to ADDRESS (host:port). Its `Cookie` is written as the octets of the header.
"""

import json
import socket
import sqlite3
import sys
import time
from urllib.parse import urlsplit


def octets(text):
    """A text of a record stands for its UTF-8 octets or, marked, for its ISO-8859-1 octets."""
    if isinstance(text, dict):
        return text["latin1"].encode("latin-1")
    return text.encode("utf-8")


def domain_matches(cookie, host):
    if cookie["host_only"]:
        return host == cookie["domain"]
    return host == cookie["domain"] or host.endswith("." + cookie["domain"])


def path_matches(cookie, path):
    own = octets(cookie["path"]).decode("latin-1")
    return path == own or path.startswith(own if own.endswith("/") else own + "/")


def cookies(file, namespace, session):
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    rows = database.execute(
        "SELECT record FROM cookies WHERE namespace = ? AND session = ? AND record IS NOT NULL"
        " AND (expires IS NULL OR expires > ?)",
        (namespace, session, int(time.time())),
    )
    return [json.loads(record) for (record,) in rows]


def header(cookies, url):
    url = urlsplit(url)
    sent = [
        cookie
        for cookie in cookies
        if domain_matches(cookie, url.hostname)
        and path_matches(cookie, url.path or "/")
        and (url.scheme == "https" or not cookie.get("secure"))
        and "partition" not in cookie
    ]
    sent.sort(key=lambda cookie: (-len(octets(cookie["path"])), cookie.get("created", 0), cookie["order"]))
    pairs = []
    for cookie in sent:
        pair = octets(cookie["name"])
        if "value" in cookie:
            pair += (b"=" if pair else b"") + octets(cookie["value"])
        pairs.append(pair)
    return b"; ".join(pairs)


def main():
    file, namespace, session, url, address = sys.argv[1:]
    cookie = header(cookies(file, namespace, session), url)
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port))) as connection:
        head = b"GET / HTTP/1.0\r\n"
        if cookie:
            # Shown as ISO-8859-1 characters, so that the other side may read it as text.
            head += b"Cookie: " + cookie.decode("latin-1").encode("utf-8") + b"\r\n"
        connection.sendall(head + b"\r\n")
        while connection.recv(4096):
            pass


main()
