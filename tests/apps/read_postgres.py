"""Reads a session from PostgreSQL by its documented format, and sends a request with its cookies.

usage: read_postgres.py SERVER NAMESPACE SESSION URL ADDRESS

SERVER is a connection string of `psql`. The request for URL goes to ADDRESS (host:port). Its `Cookie` is written as the
octets of the header.
"""

import subprocess
import sys

import stored

STATEMENT = """
SELECT encode(identity, 'hex'), encode(record, 'hex') FROM cookiejar_cookies
WHERE namespace = :'namespace' AND session = convert_to(:'session', 'UTF8') AND record IS NOT NULL
    AND (expires IS NULL OR expires > extract(epoch FROM now()))
"""


def cookies(server, namespace, session):
    values = ["-v", f"namespace={namespace}", "-v", f"session={session}"]
    rows = subprocess.run(["psql", "-XAt", *values, server], input=STATEMENT, text=True, check=True, capture_output=True)
    for row in rows.stdout.splitlines():
        identity, record = map(bytes.fromhex, row.split("|"))
        if cookie := stored.cookie(identity, record):
            yield cookie


server, namespace, session, url, address = sys.argv[1:]
stored.send(cookies(server, namespace, session), url, address)
