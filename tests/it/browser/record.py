#!/usr/bin/env python3
"""Records what a real browser does with a few hundred generated cookies.

Headless Chromium is driven over its debugging pipe against a server on the loopback: made-up hosts
are resolved to it, over http and https. Each case begins without cookies; each exchange of a case is
a request that the browser makes, the `Cookie` header that the server saw, and the `Set-Cookie` fields
that it answered with. Scripts that read and write `document.cookie` are exchanges, too.

    python3 tests/browser/record.py > tests/browser/recording.jsonl

Words behind it choose the cases whose names begin so.

The first line says which browser it was and what time it was; each other line is a case. Texts stand
for their ISO-8859-1 bytes. Needs: Python 3.9, `chromium` and `openssl` in the path. Nothing else on the
machine is touched: the profile is a new folder that goes away again.
"""

import fcntl
import http.server
import itertools
import json
import os
import random
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import urlsplit

# Exchanges that the server knows: what it is to answer with, and what it saw.
ANSWERS, SEEN = {}, {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        step = re.search(r"[?&]step=(\d+)", self.path)
        fields = []
        if step and int(step[1]) in ANSWERS:
            number = int(step[1])
            SEEN[number] = self.headers.get("Cookie")
            fields = ANSWERS[number]
        body = b"<!doctype html><link rel=icon href='data:,'><title>.</title>"
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nCache-Control: no-store\r\n"
        head += b"Content-Length: %d\r\n" % len(body)
        for field in fields:
            head += b"Set-Cookie: " + field.encode("latin-1") + b"\r\n"
        self.wfile.write(head + b"\r\n" + body)

    do_GET = do_POST = do_HEAD = answer

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass


def serve(folder):
    """An http and an https server; their ports."""
    key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=test", "-keyout", key, "-out", certificate],
        check=True, stderr=subprocess.DEVNULL)
    plain, secure = (Server(("127.0.0.1", 0), Handler) for _ in range(2))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    for server in (plain, secure):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return plain.server_address[1], secure.server_address[1]


class Browser:
    """Chromium with one page, spoken to over file descriptors 3 and 4."""

    def __init__(self, folder, plain, secure):
        to_browser, self.out = os.pipe()
        self.inp, from_browser = os.pipe()
        # Out of the way of 3 and 4.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_browser, from_browser)]

        def wire():
            os.dup2(ends[0], 3, inheritable=True)
            os.dup2(ends[1], 4, inheritable=True)

        # Third-party cookies are allowed, so that the rules of the drafts are all that speaks.
        os.makedirs(f"{folder}/profile/Default")
        with open(f"{folder}/profile/Default/Preferences", "w", encoding="ascii") as preferences:
            json.dump({"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": False}}, preferences)
        command = [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--ignore-certificate-errors", "--remote-debugging-pipe",
            "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LocalNetworkAccessChecks",
            f"--user-data-dir={folder}/profile",
            f"--host-resolver-rules=MAP *:80 127.0.0.1:{plain},MAP *:443 127.0.0.1:{secure}",
            "about:blank",
        ]
        self.process = subprocess.Popen(
            command, preexec_fn=wire, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.numbers, self.buffer, self.events, self.session = itertools.count(1), b"", [], None
        target = next(
            info for info in self.call("Target.getTargets")["targetInfos"] if info["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self.session = attached["sessionId"]
        self.call("Page.enable")
        self.call("Network.enable")

    def call(self, method, **parameters):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer.get("method"))

    def receive(self):
        while b"\0" not in self.buffer:
            data = os.read(self.inp, 1 << 16)
            if not data:
                raise RuntimeError("the browser is gone")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def loaded(self):
        while "Page.loadEventFired" not in self.events:
            self.events.append(self.receive().get("method"))
        self.events.clear()

    def run(self, script):
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True)
        return result["result"].get("value")

    def navigate(self, url):
        self.events.clear()
        error = self.call("Page.navigate", url=url).get("errorText")
        if error:
            raise RuntimeError(f"{url}: {error}")
        self.loaded()

    def load_by(self, script):
        self.events.clear()
        self.run(script)
        self.loaded()

    def forget(self):
        self.navigate("about:blank")
        self.call("Network.clearBrowserCookies")

    def version(self):
        return self.call("Browser.getVersion")["product"]

    def close(self):
        self.process.terminate()
        self.process.wait()


def site(url):
    """The site of a URL, for the hosts of these cases."""
    parts = urlsplit(url)
    host = parts.hostname
    labels = host.split(".")
    if not host.replace(".", "").isdigit() and ":" not in host:
        host = ".".join(labels[-3 if labels[-2:] == ["co", "uk"] else -2:])
    return f"{parts.scheme}://{host}"


def as_bytes(text):
    """What stands for the UTF-8 of a script's text."""
    return text.encode().decode("latin-1")


class Recorder:
    def __init__(self, browser):
        self.browser, self.steps = browser, itertools.count(1)

    def exchange(self, page, action):
        """One request or script; what is known of it, what was sent, and the page after it."""
        kind, url, fields = action
        if kind in ("read", "write"):
            known = f"{page} script in:{site(page)}"
            if kind == "write":
                self.browser.run(f"document.cookie = {json.dumps(fields[0])}; 0")
                return {"request": known, "set": [as_bytes(fields[0])]}, page
            return {"request": known, "sent": as_bytes(self.browser.run("document.cookie"))}, page
        step = next(self.steps)
        ANSWERS[step] = fields
        target = f"{url}{'&' if '?' in url else '?'}step={step}"
        quoted = json.dumps(target)
        if kind == "navigate":
            self.browser.navigate(target)
            known = f"{url} top in:{site(url)}"
        elif kind == "link":
            self.browser.load_by(f"location.href = {quoted}; 0")
            known = f"{url} by:{page} top in:{site(url)}"
        elif kind == "form":
            self.browser.load_by(
                f"f = document.createElement('form'); f.method = 'POST'; f.action = {quoted};"
                "document.body.append(f); f.submit(); 0")
            known = f"{url} by:{page} top POST in:{site(url)}"
        else:
            self.browser.run(
                f"fetch({quoted}, {{mode: 'no-cors', credentials: 'include'}}).then(() => 0)")
            known = f"{url} by:{page} in:{site(page)}"
        if step not in SEEN:
            raise RuntimeError(f"no request came for {kind} {url}")
        page = page if kind == "fetch" else url
        exchange = {"request": known, "sent": SEEN.pop(step) or ""}
        return {**exchange, "set": fields} if fields else exchange, page

    def case(self, name, actions):
        self.browser.forget()
        page, exchanges = None, []
        for action in actions:
            exchange, page = self.exchange(page, action)
            exchanges.append(exchange)
        return {"name": name, "exchanges": exchanges}


# The cases. An action is (kind, URL, fields); most cases set once and ask a few times.

def ask(*urls):
    return [("navigate", url, []) for url in urls]


def set_and_ask(url, fields, *urls):
    fields = [fields] if isinstance(fields, str) else fields
    return [("navigate", url, fields)] + ask(*urls)


HOME, WWW, PLAIN = "https://acme.example/", "https://www.acme.example/a/b", "http://www.acme.example/a/b"


def parsing():
    fields = [
        "a=b", "a", "=a", "=a=b", "a=", "", "=", " ", ";", "; Secure", "a=b=c", " a = b ", "\ta\t=\tb\t",
        "a b=c d", "a=\"b\"", "a=\"b c\"", "a=\"b", "a='b'", "a=b,c=d", "a=b, c=d", "a,b=c", "a=b\\c",
        "a={\"x\":1}", "a=b;", "a=b;;", "a=b; ", "a=b;=;", "a=b; =x", "a=b; x", "a=b; x=", "a=b; x=y; z",
        "a=\xe9", "\xe9=a", "a=\xc3\xa9", "a=\xff\xfe", "a=b\x01c", "a=b\x1f", "a\x7f=b", "a=b; x=\x01",
        "a=b\x0bc", "a\tb=c", "a=b\tc", "a=b\t", "$a=b", "a$=b", "(a)=b", "a@b=c", "a:b=c", "a/b=c", "a[]=b",
        "a=%20%3B", "a=b+c", "a=b&c=d", "a==b", "==a", "=;a=b", " =b", "a =", "\xa0a=b\xa0", "a=b\xa0",
        "a=b; Version=1", "a=b; Comment=c; Port=\"80\"", "a=b; Discard", "Set-Cookie: a=b", "a=b; Domain",
        "a=b; Path", "a=b; secure", "a=b; SECURE=x", "a=b; httponly", "a=b; samesite=lax",
        "a=b; SameSite=NONE; Secure", "a=b; SameSite=x", "a=b; SameSite", "path=/x", "domain=x", "Secure",
        "HttpOnly", "a=b; Max-Age=60; x", "__proto__=x", "a=b;Path=/;Secure", "a=b; Path=/\x0b",
    ]
    for size in (4094, 4095, 4096, 4097, 5000):
        fields.append("a=" + "v" * (size - 1))
        fields.append("n" * (size - 1) + "=v")
        fields.append("v" * size)
    for size in (1023, 1024, 1025):
        fields.append("a=b; Path=/x; Path=/" + "p" * (size - 1))
        fields.append("a=b; Domain=acme.example; Domain=" + "d" * size)
        fields.append("a=b; Max-Age=0; Max-Age=" + "9" * size)
        fields.append("a=b; x=" + "y" * size)
    return [("parse", set_and_ask(WWW, field, WWW, HOME)) for field in fields]


def lifetimes():
    values = [
        "Max-Age=60", "Max-Age=0", "Max-Age=-1", "Max-Age=", "Max-Age", "Max-Age=+60", "Max-Age=60.5",
        "Max-Age=0x10", "Max-Age=1e3", "Max-Age=\"60\"", "Max-Age=abc", "Max-Age=-", "Max-Age=--1",
        "Max-Age=00", "Max-Age=007", "Max-Age= 60 ", "Max-Age=6 0", "Max-Age=-0",
        "Max-Age=99999999999999999999", "Max-Age=-99999999999999999999",
        "Max-Age=0; Max-Age=60", "Max-Age=60; Max-Age=0", "Max-Age=0; Max-Age=x", "Max-Age=60; Max-Age=x",
        "Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Max-Age=0; Expires=Fri, 01 Jan 2038 00:00:00 GMT",
        "Max-Age=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Max-Age=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=Fri, 01 Jan 2038 00:00:00 GMT",
        "Expires=Fri, 01 Jan 2038 00:00:00 GMT; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=junk",
        "Expires=", "Expires", "Expires=0", "Expires=-1", "Expires=junk",
    ]
    past = [
        "Thu, 01 Jan 1970 00:00:00 GMT", "Thursday, 01-Jan-70 00:00:01 GMT", "Thu Jan  1 00:00:01 1970",
        "Thu, 01-Jan-1970 00:00:01 GMT", "01 Jan 1970 00:00:01", "1 Jan 1970 0:0:1", "1 January 1970 00:00:01",
        "1970 Jan 1 00:00:01", "00:00:01 1 Jan 1970", "Jan 1 1970 00:00:01", "1 jan 1970 00:00:01 gmt",
        "Thu, 01 Jan 1970 00:00:00 +0000", "Thu, 01 Jan 1970 00:00:00 UTC", "Thu,01Jan1970 00:00:00",
        "1/Jan/1970 00:00:01", "1-Jan-70 00:00:01", "Thu Jan 01 1970 00:00:01 GMT+0100 (CET)",
        "\"Thu, 01 Jan 1970 00:00:00 GMT\"", "Thu, 32 Jan 1970 00:00:00 GMT", "Thu, 31 Feb 1970 00:00:00 GMT",
        "Thu, 01 Jan 1970 24:00:00 GMT", "Thu, 01 Jan 1970 00:60:00 GMT", "Thu, 01 Jan 1970 00:00:60 GMT",
        "Thu, 01 Jan 1970 00:00 GMT", "Thu, 01 Jan 1970", "01 Foo 1970 00:00:00", "1970-01-01T00:00:00Z",
        "Thu, 01 Jan 1601 00:00:00 GMT", "Thu, 01 Jan 1600 00:00:00 GMT", "Thu, 01 Jan 0099 00:00:00 GMT",
        "Thu, 01 Jan 19700 00:00:00 GMT", "Thu, 001 Jan 1970 00:00:00 GMT", "Thu, 01 Jan 70 00:00:00 GMT",
        "Thu, 01 Jan 00 00:00:00 GMT", "Thu, 01 Jan 25 00:00:00 GMT", "Thu, 01 Jan 69 00:00:00 GMT",
        "Thu, 01 Jan 99 00:00:00 GMT", "Thu, 01 Janx 1970 00:00:00 GMT", "Thu, 1st Jan 1970 00:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00.123 GMT", "Thu, 01 Jan 1970 00:00:00 AM", "1 1 Jan 1970 00:00:00",
        "01 01 1970 00:00:00", "Thu; 01 Jan 1970 00:00:00", "12:00:00 PM 1 Jan 1970",
        "Wed, 29 Feb 2023 00:00:00 GMT", "Sat, 31 Apr 2021 00:00:00 GMT", "Mon, 01 Jan 10000 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 09 Nov 2024 9:12:40 GMT", "Sat, 09 nov 2024 09:12:40 gmt",
        "Sat Nov 09 2024 09:12:40 GMT+0000 (Coordinated Universal Time)", "2024/11/09 09:12:40",
        "9 Nov 24 09:12:40", "Sat, 09 Nov 2024 09:12:40 -0800", "Sat, 09 Nov 2024 091240 GMT",
    ]
    attributes = values + ["Expires=" + date for date in past]
    # One that can be read as past deletes the cookie that is there.
    return [("lifetime", set_and_ask(WWW, ["a=old"], WWW) + set_and_ask(WWW, f"a=new; {attribute}", WWW))
            for attribute in attributes]


def domains():
    hosts = ["acme.example", "www.acme.example", "a.www.acme.example", "acme.co.uk", "www.acme.co.uk",
             "localhost", "app.localhost", "127.0.0.1", "intranet", "wiki.intranet", "xn--bcher-kva.example"]
    texts = ["acme.example", ".acme.example", "ACME.Example", "www.acme.example", "..acme.example", "acme.example.",
             "example", ".example", "", ".", "cme.example", "shop.acme.example", "acme.example, x", "acme example",
             "\"acme.example\"", "acme.example:443", "https://acme.example", "acme.example/", "%61cme.example",
             "acme.ex\xe4mple"]
    for text in texts:
        for host in hosts[:3]:
            ways = [f"https://{other}/" for other in hosts[:3]]
            yield "domain", set_and_ask(f"https://{host}/", f"a=b; Domain={text}", *ways)
    pairs = [("acme.co.uk", "co.uk"), ("acme.co.uk", "acme.co.uk"), ("www.acme.co.uk", "acme.co.uk"),
             ("www.acme.co.uk", "uk"), ("localhost", "localhost"), ("app.localhost", "localhost"),
             ("localhost", ".localhost"), ("127.0.0.1", "127.0.0.1"), ("127.0.0.1", ".127.0.0.1"),
             ("127.0.0.1", "0.0.1"), ("127.0.0.1", "1"), ("intranet", "intranet"), ("wiki.intranet", "intranet"),
             ("wiki.intranet", "wiki.intranet"), ("xn--bcher-kva.example", "b\xc3\xbccher.example"),
             ("xn--bcher-kva.example", "b\xfccher.example"), ("xn--bcher-kva.example", "xn--bcher-kva.example"),
             ("foo.herokuapp.com", "herokuapp.com"), ("foo.herokuapp.com", "foo.herokuapp.com"),
             ("herokuapp.com", "herokuapp.com")]
    for host, text in pairs:
        below = [] if host[0].isdigit() else [f"https://x.{host}/"]
        yield "suffix", set_and_ask(f"https://{host}/", f"a=b; Domain={text}", f"https://{host}/", *below)
    for extra in ["Domain=acme.example; Domain=", "Domain=; Domain=acme.example", "Domain=x; Domain=acme.example",
                  "Domain=acme.example; Domain=x", "Domain=acme.example; Domain", "domain = acme.example "]:
        yield "domains", set_and_ask("https://www.acme.example/", f"a=b; {extra}", "https://www.acme.example/",
                                     "https://acme.example/")


def paths():
    texts = ["/", "/a", "/a/", "/a/b", "/a/b/", "/a/b/c", "/A", "/x", "a", "", "\"/\"", "/%61", "/a%2Fb", "/a b",
             "//", "/a//b", "/a/../x", "/a/./b", "/a?x", "/a#x", "/a;x", "/\xe9", "/%C3%A9", "/%c3%a9", "/a\\b", "*",
             "./", "/a=b", "/a,b", "/a|b", "/a<b>", "/[a]", "/a~", "/a'"]
    asked = ["/", "/a", "/a/", "/a/b", "/a/b/c", "/ab"]
    for text in texts:
        ways = [HOME[:-1] + path for path in asked]
        yield "path", set_and_ask(HOME + "a/b", f"n=v; Path={text}", *ways)
    for text, path in [("/a b", "/a%20b"), ("/a%20b", "/a%20b"), ("/a%2Fb", "/a%2Fb"), ("/a%2fb", "/a%2Fb"),
                       ("/%61", "/%61"), ("/%61", "/a"), ("/\xe9", "/%E9"), ("/\xc3\xa9", "/%C3%A9"),
                       ("/%c3%a9", "/%C3%A9"), ("/%C3%A9", "/%c3%a9"), ("/a\\b", "/a\\b"), ("//", "//x"),
                       ("/a//b", "/a//b"), ("/a|b", "/a|b"), ("/a'", "/a'"), ("/a?x", "/a%3Fx"), ("/[a]", "/[a]"),
                       ("/a/../x", "/x"), ("/a;x", "/a;x"), ("/a<b>", "/a<b>"), ("/a\"b", "/a\"b")]:
        yield "path", set_and_ask(HOME, f"n=v; Path={text}", HOME[:-1] + path)
    for path in ["/", "/a", "/a/", "/a/b", "//", "/a//b", "//a/b", "/a/b?c/d", "/%61/b", "/a%2Fb", "/a;b/c"]:
        yield "default path", set_and_ask(HOME[:-1] + path, "n=v", HOME, HOME + "a", HOME + "a/x", HOME + "/x")
    yield "paths", set_and_ask(HOME, "n=v; Path=/a; Path=/b", HOME + "a", HOME + "b")
    yield "paths", set_and_ask(HOME, "n=v; Path=/a; Path=b", HOME + "a", HOME)
    yield "paths", set_and_ask(HOME, "n=v; Path=/a; Path=", HOME + "a", HOME)


def prefixes():
    names = ["__Secure-a", "__secure-a", "__SECURE-A", "__Host-a", "__host-a", "__HOST-a", "__Http-a", "__http-a",
             "__Host-Http-a", "__host-http-a", "__Secure", "__Host", "_Host-a", "__Http", "__Hostx-a"]
    attributes = ["", "; Secure", "; Secure; Path=/", "; Path=/", "; Secure; Path=/; Domain=acme.example",
                  "; Secure; HttpOnly", "; Secure; HttpOnly; Path=/", "; HttpOnly", "; Secure; Path=/x",
                  "; Secure; Domain="]
    for name in names:
        for rest in attributes:
            yield "prefix", set_and_ask(HOME, f"{name}=v{rest}", HOME)
    for field in ["__Secure-a", "=__Secure-a", "__Host-a", "=__host-a=b; Secure; Path=/", "=__Http-a=b",
                  "=__Host-Http-a", "__Secure-a; Secure", "=x__Host-a", "=a=__Host-b", "__Http-a; Secure; HttpOnly"]:
        yield "nameless prefix", set_and_ask(HOME, field, HOME)
    yield "prefix", set_and_ask(HOME, "__Host-a=v; Secure; Path=x", HOME)
    yield "prefix", set_and_ask("https://127.0.0.1/", "__Host-a=v; Secure; Path=/; Domain=127.0.0.1", "https://127.0.0.1/")
    for host in ["localhost", "app.localhost", "127.0.0.1", "acme.example"]:
        for field in ["a=v; Secure", "__Secure-a=v; Secure", "__Host-a=v; Secure; Path=/", "a=v; SameSite=None; Secure"]:
            yield "loopback", set_and_ask(f"http://{host}/", field, f"http://{host}/", f"https://{host}/")


def secure():
    for field in ["a=b; Secure", "a=b"]:
        yield "secure", set_and_ask(WWW, field, WWW, PLAIN)
        yield "secure", set_and_ask(PLAIN, field, WWW, PLAIN)
    stored = ["a=1; Secure; Path=/", "a=1; Secure; Path=/; Domain=acme.example", "a=1; Secure; Path=/login",
              "a=1; Path=/", "b=1; Secure; Path=/"]
    new = ["a=2; Path=/", "a=2; Path=/; Domain=acme.example", "a=2; Path=/login", "a=2; Path=/login/en",
           "a=2; Path=/loginx", "a=; Path=/; Max-Age=0", "A=2; Path=/"]
    way = "www.acme.example/login/en"
    for first, second in itertools.product(stored, new):
        yield "overlay", (set_and_ask("https://" + way, first)
                          + set_and_ask("http://" + way, second, "https://" + way, "http://" + way))
    for host in ["acme.example", "a.www.acme.example", "shop.acme.example"]:
        yield "overlay", (set_and_ask("https://www.acme.example/", "a=1; Secure; Path=/")
                          + set_and_ask(f"http://{host}/", "a=2; Path=/", f"http://{host}/", "https://www.acme.example/"))


def replacing():
    yield "order", set_and_ask(WWW, ["a=1; Path=/", "b=2; Path=/a", "c=3; Path=/a/b", "d=4; Path=/"], WWW)
    yield "order", set_and_ask(WWW, ["a=1", "b=2", "a=1"], WWW)
    yield "order", set_and_ask(WWW, ["a=1", "b=2", "a=3"], WWW)
    yield "order", set_and_ask(WWW, ["a=1", "b=2"]) + set_and_ask(WWW, "a=3; Secure", WWW)
    yield "order", set_and_ask(WWW, ["a=1", "b=2", "a=1; Max-Age=0", "a=1"], WWW)
    yield "identity", set_and_ask(HOME, ["a=1", "a=2; Domain=acme.example", "A=3", "a=4; Path=/x"], HOME, HOME + "x")
    yield "identity", set_and_ask(HOME, ["1", "=2", "a=3"], HOME)
    yield "identity", set_and_ask(HOME, ["a=1; Domain=acme.example", "a=; Max-Age=0"], HOME)
    yield "identity", set_and_ask(HOME, ["a=1", "a=; Max-Age=0; Domain=acme.example"], HOME)
    yield "identity", set_and_ask(HOME, ["a=1; Path=/", "a=2; Path=//"], HOME, HOME + "/x")


OTHER = "https://other.example/"


def same_site():
    values = ["", "; SameSite=Strict", "; SameSite=Lax", "; SameSite=None; Secure", "; SameSite=x", "; SameSite=None"]
    for value in values:
        field = f"a=b{value}"
        there = set_and_ask(HOME, field)
        for kind in ("link", "form", "fetch"):
            for page in (OTHER, "https://www.acme.example/", "http://acme.example/"):
                if kind == "form" and value in ("", "; SameSite=x"):
                    continue  # recorded with its own name
                yield "same-site", there + ask(page) + [(kind, HOME, [])]
            yield "same-site setting", ask(OTHER) + [(kind, HOME, [field])] + ask(HOME)
        yield "same-site", there + ask(HOME)
    for page in (OTHER, "https://www.acme.example/"):
        yield "young", set_and_ask(HOME, "a=b") + ask(page) + [("form", HOME, [])]
    for host, page in [("https://a.co.uk/", "https://b.co.uk/"), ("https://a.acme.co.uk/", "https://b.acme.co.uk/"),
                       ("https://a.herokuapp.com/", "https://b.herokuapp.com/")]:
        yield "sites", set_and_ask(host, "a=b; SameSite=Strict") + ask(page) + [("fetch", host, [])]


def partitions():
    for field in ["a=b; Secure; Partitioned; SameSite=None", "a=b; Partitioned", "a=b; Secure; Partitioned",
                  "__Host-a=b; Secure; Path=/; Partitioned; SameSite=None", "a=b; Partitioned; SameSite=None"]:
        yield "partition", ask(OTHER) + [("fetch", HOME, [field]), ("fetch", HOME, [])] + ask(HOME, OTHER) + [("fetch", HOME, [])]
        yield "partition", set_and_ask(HOME, field, HOME, OTHER) + [("fetch", HOME, [])]
    both = ["a=1; Secure; SameSite=None", "a=2; Secure; SameSite=None; Partitioned"]
    yield "partition", ask(OTHER) + [("fetch", HOME, both), ("fetch", HOME, [])] + ask(HOME)
    yield "partition", (ask(OTHER) + [("fetch", HOME, both)] + ask("https://third.example/")
                        + [("fetch", HOME, both[1:]), ("fetch", HOME, []), ("fetch", HOME, ["a=; Secure; Partitioned; Max-Age=0; SameSite=None"]), ("fetch", HOME, [])])


def scripts():
    writes = ["a=2", "a=2; HttpOnly", "b=2", "b=2; Secure", "__Http-x=1; Secure", "__Host-x=1; Secure; Path=/", "a=; Max-Age=0",
              "b=; Max-Age=0", "a=2; Path=/x", "c", "=c", "a=2; Domain=acme.example", "d=\xe9", "", "=", "e=f\tg",
              "s=1; SameSite=Strict", "s=1; SameSite=None"]
    for field in writes:
        yield "script", (set_and_ask(HOME, ["a=1; HttpOnly", "b=1"])
                         + [("write", None, [field]), ("read", None, [])] + ask(HOME))


def mixtures():
    """Whole exchanges of generated cookies."""
    rng = random.Random(6265)
    urls = [f"{scheme}://{host}{path}" for scheme in ("http", "https")
            for host in ("acme.example", "www.acme.example", "shop.acme.example") for path in ("/", "/a", "/a/b")]
    attributes = ["Secure", "HttpOnly", "Path=/", "Path=/a", "Path=/a/b", "Domain=acme.example", "Domain=www.acme.example",
                  "Max-Age=0", "Max-Age=1000", "SameSite=Lax", "SameSite=None", "SameSite=Strict",
                  "Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Expires=Fri, 01 Jan 2038 00:00:00 GMT"]
    for _ in range(120):
        actions = []
        for turn in range(rng.randint(3, 6)):
            fields = []
            for _ in range(rng.randint(0, 3)):
                name = rng.choice(["a", "b", "c", "", "__Host-a", "__Secure-b"])
                field = f"{name}={turn}{rng.randint(0, 9)}"
                field += "".join("; " + rng.choice(attributes) for _ in range(rng.randint(0, 4)))
                fields.append(field)
            kind = rng.choice(["navigate", "navigate", "link"]) if actions else "navigate"
            actions.append((kind, rng.choice(urls), fields))
        actions += ask(rng.choice(urls), rng.choice(urls))
        yield "mixture", actions


def cases():
    everything = [parsing(), lifetimes(), domains(), paths(), prefixes(), secure(), replacing(), same_site(), partitions(),
                  scripts(), mixtures()]
    counts = {}
    for name, actions in itertools.chain(*everything):
        counts[name] = counts.get(name, 0) + 1
        yield f"{name} {counts[name]}", actions


def main():
    folder = tempfile.mkdtemp()
    try:
        browser = Browser(folder, *serve(folder))
        try:
            recorder = Recorder(browser)
            print(json.dumps({"browser": browser.version(), "now": int(time.time())}))
            chosen = tuple(sys.argv[1:]) or ("",)
            for name, actions in cases():
                if not name.startswith(chosen):
                    continue
                try:
                    print(json.dumps(recorder.case(name, actions), separators=(",", ":")), flush=True)
                except RuntimeError as error:
                    print(f"left out: {name}: {error}", file=sys.stderr)
        finally:
            browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
