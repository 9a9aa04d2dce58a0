"""The stored records of cookies, as documented, and a request with those that belong to a URL."""

import json
import socket
from urllib.parse import urlsplit


def octets(text):
    """A text of a record stands for its UTF-8 octets or, marked, for its ISO-8859-1 octets."""
    if isinstance(text, dict):
        return text["latin1"].encode("latin-1")
    return text.encode("utf-8")


def domain_matches(domain, host):
    """A domain with a leading dot is for the hosts below it, too."""
    return host == domain.removeprefix(".") or host.endswith(domain) and domain.startswith(".")


def path_matches(own, path):
    return path == own or path.startswith(own if own.endswith("/") else own + "/")


def cookie(identity, record):
    """Domain, path and name are in the identity, with NUL between them, and so is the key of a partition."""
    domain, path, name, *partition = identity.split(b"\0")
    return None if partition else (domain.decode(), path.decode("latin-1"), name, json.loads(record))


def header(cookies, url):
    url = urlsplit(url)
    sent = [
        (-len(own_path), record.get("created", 0), record["order"], name, record)
        for domain, own_path, name, record in cookies
        if domain_matches(domain, url.hostname)
        and path_matches(own_path, url.path or "/")
        and (url.scheme == "https" or not record.get("secure"))
    ]
    sent.sort(key=lambda cookie: cookie[:3])
    pairs = []
    for *_, name, record in sent:
        pair = name
        if "value" in record:
            pair += (b"=" if pair else b"") + octets(record["value"])
        pairs.append(pair)
    return b"; ".join(pairs)


def send(cookies, url, address):
    """Sends a request for the URL to the address, with the octets of its `Cookie`."""
    value = header(cookies, url)
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port))) as connection:
        head = b"GET / HTTP/1.0\r\n"
        if value:
            # Shown as ISO-8859-1 characters, so that the other side may read it as text.
            head += b"Cookie: " + value.decode("latin-1").encode("utf-8") + b"\r\n"
        connection.sendall(head + b"\r\n")
        while connection.recv(4096):
            pass
