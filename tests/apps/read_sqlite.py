"""Reads a session out of a SQLite file by its documented format, and sends a request with its cookies.

usage: read_sqlite.py FILE NAMESPACE SESSION URL ADDRESS

The request for URL goes to ADDRESS (host:port). Its `Cookie` is written as the octets of the header.
"""

import sqlite3
import sys
import time

import stored


def cookies(file, namespace, session):
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    rows = database.execute(
        "SELECT identity, record FROM cookies WHERE namespace = ? AND session = ? AND record IS NOT NULL"
        " AND (expires IS NULL OR expires > ?)",
        (namespace, session, int(time.time())),
    )
    found = [stored.cookie(identity, record) for identity, record in rows]
    return [cookie for cookie in found if cookie]


file, namespace, session, url, address = sys.argv[1:]
stored.send(cookies(file, namespace, session), url, address)
