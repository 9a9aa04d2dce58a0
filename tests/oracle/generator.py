"""Generated exchanges. `exchange(seed, index)` depends on its two arguments only, so runs may split a range.

What URLs hold is kept to what the WHATWG URL standard and Python's `urllib.parse` understand alike: no dot
segments, no backslashes, no leading zeros in ports, IP addresses in their canonical form.
"""

import random
import time

# Hosts and what their servers may write into Domain. ---------------------------------------------------------------

ACME = (
    [
        "www.acme.com", "acme.com", "a.b.acme.com", "shop.acme.com", "xacme.com", "www.acme.com.evil.org",
        "WWW.Acme.COM", "my_host.acme.com",
    ],
    [
        "acme.com", ".acme.com", "www.acme.com", ".www.acme.com", "ACME.com", "com", ".com", "xacme.com",
        ".b.acme.com", "acme.com.", ".acme.com.", "..acme.com", '"acme.com"', "cme.com", ".me.com", "evil.org",
        "shop.acme.com",
    ],
)
DOTTED = (
    ["acme.com.", "www.acme.com.", "acme.com", "www.acme.com", "example.co.uk.", "foo.", "co.uk.", "foo.local."],
    [
        "acme.com.", ".acme.com.", "acme.com", ".acme.com", "com.", ".com.", "co.uk.", ".co.uk.", "foo.", ".foo.",
        ".local.", "example.co.uk.", ".",
    ],
)
UK = (
    ["example.co.uk", "shop.example.co.uk", "other.co.uk", "co.uk", "www.shop.example.co.uk"],
    ["example.co.uk", ".example.co.uk", "co.uk", ".co.uk", "uk", ".uk", "shop.example.co.uk", ".CO.uk", "co.uk."],
)
GITHUB = (
    ["foo.github.io", "bar.github.io", "github.io", "a.foo.github.io"],
    ["github.io", ".github.io", "foo.github.io", ".foo.github.io", "io", "GitHub.io", "bar.github.io"],
)
# A suffix below a name that is somebody's own.
CLOUD = (
    ["x.s3.cloud.org", "s3.cloud.org", "cloud.org", "www.cloud.org", "a.x.s3.cloud.org"],
    ["cloud.org", ".cloud.org", "s3.cloud.org", ".s3.cloud.org", "x.s3.cloud.org", "org"],
)
DOTLESS = (
    ["foo", "localhost", "foo.local", "x.foo.local", "xfoo.local", "bar.foo", "FOO", "xfoo", "com"],
    [
        "foo", ".foo", "foo.local", ".foo.local", "local", ".local", "localhost", "", ".", "..", "foo.", ".Foo",
        "com", "xfoo", ".localhost.local",
    ],
)
IPV4 = (
    ["127.0.0.1", "1.2.3.4", "5.2.3.4", "12.3.4.5"],
    ["1.2.3.4", ".1.2.3.4", "2.3.4", ".3.4", ".4", "5.2.3.4", "127.0.0.1", "0.0.1", "..1.2.3.4", "local"],
)
IPV6 = (
    ["[::1]", "[2001:db8::1]", "[2001:DB8::1]", "[fe80::2]"],
    ["[::1]", ".[::1]", "::1", "[2001:db8::1]", "local", ".local", "[::1].local", "[2001:DB8::1]", "1]"],
)
IDN = (
    ["bücher.example", "www.bücher.example", "xn--bcher-kva.example", "BÜCHER.example"],
    [
        "bücher.example", ".bücher.example", "xn--bcher-kva.example", ".XN--bcher-kva.example", "Bücher.example",
        "example",
    ],
)
FAMILIES = [ACME] * 6 + [UK] * 2 + [GITHUB] * 2 + [CLOUD] * 2 + [DOTLESS] * 4 + [IPV4] * 2 + [IPV6] * 2
FAMILIES += [DOTTED] * 2 + [IDN]
EVERYTHING = tuple(
    sum((family[i] for family in (ACME, UK, GITHUB, CLOUD, DOTLESS, IPV4, IPV6, DOTTED, IDN)), []) for i in (0, 1)
)

SUFFIXES = ["com", "org", "uk", "co.uk", "io", "github.io", "example", "s3.cloud.org"]
HOSTLESS = ["file:///x/y", "data:,x", "mailto:a@b"]
SCHEMES = ["http"] * 9 + ["https"] * 9 + ["ws", "wss", "HTTP"]
PORTS = [""] * 12 + [":80", ":8080", ":443", ":8443"]
USERS = [""] * 80 + ["user@", "user:secret@", "a%40b:80@"]
PATHS = ["/", "", "/a", "/a/", "/a/b", "/a/b/c", "/ab", "/acme/login", "/acme/", "/a/b/"] * 3 + [
    "/%7efoo/x", "/%7Efoo/x", "/caf%c3%a9/x", "/café/x", "/%e9/x", "/a;p=1/b", "/x~y/z", "/x//y", "/a{b}/c",
    "/a'b", "/a|b", "/%zz/x", "/a%2fb/c", "/[x]/y", "/.hid/x", "/a<b>/c", "/a^b/c", "/A/b",
]
TAILS = [""] * 8 + ["?q=1", "#top", "?a=b&c=/d", "?"]

# Attributes --------------------------------------------------------------------------------------------------------

NAMES = ["a", "b", "c", "sid"] * 5 + [
    "foo", "Foo", "$x", "$Version", "x y", "é", "\xc3\xa9", "a.b", "n[0]", '"q"', "Path",
]
VALUES = ["1", "2", "xyz", "abc123"] * 6 + [
    "", None, '"1"', '"a b"', "a b", "a,b", 'a"b', "a\\b", "\xe9", "\xc3\xa9", "a=b", '"', '""', "{1}", "x\ty",
    "'",
]
WORDS = ["1", "2", "xyz", '"1"', '"xyz"'] * 4 + [
    "", None, '""', '"a b"', '"a;b"', '"a, b"', r'"a\"b"', r'"a\\b"', r'"\a\b"', '"a', 'a"b', '"\xe9"', "\xc3\xa9",
    '"a\tb"', '"=;,"', r'"\\\""', "a=b", '"x"y',
]
PATH_ATTRIBUTES = ["/", "/a", "/a/", "/a/b", "/ab", "/acme", "/acme/"] * 3 + [
    "", None, "a", "a/b", '"/"', '"/a"', "/%7efoo", "/%7Efoo", "/caf\xc3\xa9", "/caf%c3%a9", "/\xe9", "/a b",
    "/%zz", "/A", "/a|b", "/a{b}", "/a?b", "/a#b", "/a%", "/x~y", "/a;b", "/a\\b", "%2fa",
]
PORT_ATTRIBUTES = ["80", "443", "8080", None, '"80"', '"80,8080"', "80,443,8080"] * 2 + [
    "", '"80, 8080"', "80 ,8080", "+80", "8_0", "080", "80,x", "x,80", "8080,", '""', '" 80 "', "80\xb2", "443,-1",
    '"80\x0b"',
]
MAX_AGES = ["3600", "60", "100000", "0"] * 5 + [
    "-1", "-0", " 60 ", "+60", "6_0", "1e3", "", None, "99999999999999999999", "253402300799", '"3600"', '"60"',
    "60x", "-99999999999999999999", "- 1", "0060", "3\xb2", "--1", "\x0b60", "1.5",
]
VERSIONS = ["1"] * 26 + [
    "0", '"1"', '"0"', "2", "01", "-1", "+1", '" 1 "', "1_0", "", None, "x", "1.0", '"1', '1"', "\xb9", "000",
    "1\xa0", "999999999",
]
FLAGS = ["", "", "", "", "=", "=1", "=true", ' = ""']
EXTRAS = [
    "HttpOnly", "httponly", "HTTPONLY", "HttpOnly=", "SameSite=Lax", "foo=bar", "Foo=bar", "foo", "foo=baz",
    "Priority=High", "Comment=hello", 'Comment="a b"', "Comment", "CommentURL=http://x/y",
    'commentURL="http://x/"', "COMMENT=", "é=1", "=x", "Partitioned", "$x=1", "rest=\xe9", "",
]

DELETIONS = ["; Max-Age=0", "; max-age=-5", "; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "; expires=0"]
ODD_SPACE = ["  ", "\t", " \t ", "\x0b", "\x0c", "\xa0", "\x85", "\x1c", "\x1f"]
CONTROLS = ["\x01", "\x7f", "\r", "\n", "\x00", "\x08", "\x1b", "\x0b"]
WORD_CONTROLS = [octet for octet in CONTROLS if octet != "\n"]  # whether a backslash escapes LF is nobody's rule

DATE_SHAPES = (
    ["%a, %d %b %Y %H:%M:%S GMT"] * 8
    + ["%A, %d-%b-%y %H:%M:%S GMT", "%a, %d-%b-%Y %H:%M:%S GMT", "%d %b %Y %H:%M:%S GMT", "%d-%b-%y %H:%M:%S GMT"] * 3
    + [
        "%d %b %Y", "%d-%b-%Y", "%a %b %d %H:%M:%S %Y", "%d %B %Y %H:%M:%S GMT", "%A, %d %B %Y %H:%M:%S",
        "%d/%b/%Y:%H:%M:%S +0100", "%d-%m-%Y %H:%M:%S", "%d %m %y %H:%M", "%Y-%m-%dT%H:%M:%SZ",
        "%a %b %d %Y %H:%M:%S GMT+0100 (CET)", "%a, %d %b %Y %H:%M:%S EST", "%a, %d %b %Y %H:%M:%S -0800",
        "%a, %d %b %Y %H:%M:%S +01:00", "%d %b %Y %H:%M:%S UTC (UTC)", "%a, %d %b %Y %H:%M:%S z",
        "%a, %d %b %Y %H:%M:%S Ut", "%a,%d %b %Y %H:%M:%S GMT", "%H:%M:%S %d %b %Y", "%b %d %Y %H:%M:%S",
        "%d %b %Y %H:%M PM", "%d %b %Y %H:%M", "%a, %d %b %Y %H:%M:%S GMT;x", "%a, %d %b %Y %H:%M:%Sx",
        "%dth %b %Y %H:%M:%S", '"%a, %d %b %Y %H:%M:%S GMT"', '"%a, %d %b %Y %H:%M:%S GMT', "%d_%b_%Y_%H:%M:%S",
        "%Sxx, %d %b %Y %H:%M:%S GMT", "Sxx, %d %b %Y %H:%M:%S GMT", "%a, %d %b %Y %H:%M:%S 0800",
        "%a, %d %b %Y %H:%M:%S +123", "%d %b %Y -8",
    ]
)
ODD_DATES = [
    None, "", "0", "1900000000", "never", "Wed, 09 Jxx 2030 22:23:32 GMT", "Wed, 31 Feb 2030 00:00:00 GMT",
    "30 Feb 2032 00:00:00", "29 Feb 2028", "Wed, 09 Feb 1969 22:23:32 GMT", "Thu, 01 Jan 1970 00:00:00 GMT",
    "09 Feb 1600 00:00:00", "09 Feb 1601 00:00:00", "09 Feb 123", "09 Feb 10000 00:00:00",
    "Fri, 31 Dec 9999 23:59:59 GMT", "31 Dec 9999 23:59:59 -0100", "01 Jan 2030 24:00:00", "01 Jan 2030 24:59:61",
    "Tue, 01 Jan 2030 25:00:00 GMT", "01 Jan 2030 00:60:00", "Tue, 01 Jan 2030 23:59:60 GMT", "01 Jan 70",
    "01 Jan 69", "01-Jan-99 00:00:00", "01 Jan 73 00:00:00", "01 Jan 74 00:00:00", "01 Jan 00 10:00:00",
    "00 Jan 2030 00:00:00", "1 Jan 2030 1:02:03", "1 jan 2030 1:2:3", "Tuesday, 01-JAN-30 00:00:00 GMT",
    "tue 01 january 2030 10:11:12 gmt", "01 Janitor 2030 10:11:12", "01 13 2030", "01 1_0 2030", "01 001 2030",
    "Tue, 01 Jan 0094 00:00:00 GMT", "01 Jan 0030 00:00:00", "Jan 1 30 00:00:00", "2030 Jan 1 0:0:0",
    "1 Jan 2030 10:00 pm", "Mon, 01 Jan 2030 00:00:00 XST", "01 Jan 2030 00:00:00 (x)",
    "01 Jan 2030 00:00:00 +9999", "1/1/2030", "19940203T141529Z", "01 Jan 2030 0800",
]
DATE_BITS = [
    "1", "01", "31", "2030", "30", "99", "jan", "Feb", "december", "10:20:30", "1:2:3", "24:00:00", "10:20:30x",
    "5x", "2031z", "Mon", "GMT", "Sept", "123", "00:00:0000", "ja", "7:8", "29",
]
DATE_JOINTS = [" ", "-", "/", ",", ", ", "\t", "  ", "_", ".", "+", ":"]

REQUEST_HEADERS = [["Cookie", "x=y"], ["cookie", ""], ["Cookie2", '$Version="1"'], ["Accept", "*/*"]]
CLEARS = "clear clear_domain clear_path remove remove clear_session_cookies clear_expired_cookies".split()
FLAG_NAMES = [
    "hide_cookie2", "strict_domain", "strict_ns_unverifiable", "strict_ns_set_initial_dollar",
    "strict_ns_set_path",
]
LIST_EXTRAS = [
    "acme.com", ".acme.com", "www.acme.com", "ACME.com", ".com", "foo", ".foo", "foo.local", ".local", "1.2.3.4",
    ".1.2.3.4", ".3.4", "[::1]", ".[::1]", "co.uk", ".co.uk", "acme.com.",
]


class Maker:
    """Makes one exchange; `noise` is how often it leaves the beaten track."""

    def __init__(self, seed, index):
        self.random = random.Random(f"{seed}/{index}")
        self.pick = self.random.choice
        self.id = f"{seed}/{index}"
        self.noise = self.pick([0.0, 0.0, 0.01, 0.02, 0.06])
        self.hosts, self.domains = EVERYTHING if self.chance(0.05) else self.pick(FAMILIES)
        self.now = 1_700_000_000 + self.random.randrange(10_000_000)
        self.visited = []
        self.written = []

    def chance(self, share):
        return self.random.random() < share

    # Requests

    def url(self, again=0.6):
        """A URL of the family, often one that was used before."""
        if self.visited and self.chance(again):
            url = self.pick(self.visited)
            return url if self.chance(0.7) else self.neighbour(url)
        if self.chance(0.004):
            return self.pick(HOSTLESS)
        user, host, port = self.pick(USERS), self.pick(self.hosts), self.pick(PORTS)
        return f"{self.pick(SCHEMES)}://{user}{host}{port}{self.pick(PATHS)}{self.pick(TAILS)}"

    def neighbour(self, url):
        """The same host under another scheme, or another path of it."""
        scheme, separator, rest = url.partition("://")
        if not separator or rest.startswith("/"):
            return url
        url = url.partition("?")[0].partition("#")[0]
        authority, _, path = url.partition("://")[2].partition("/")
        path = self.pick(["/" + path, "/" + path, f"/{path}/deeper".replace("//deeper", "/deeper"), self.pick(PATHS)])
        return f"{self.pick([scheme, 'https'])}://{authority}{path}"

    def visit(self, do):
        step = {"do": do, "url": self.url(0.93 if do == "request" else 0.55)}
        self.visited.append(step["url"])
        if self.chance(0.15):
            step["unverifiable"] = True
            if self.chance(0.8):
                step["origin"] = self.pick(self.hosts if self.chance(0.8) else EVERYTHING[0])
        return step

    def request(self):
        step = self.visit("request")
        if self.chance(0.03):
            step["headers"] = [self.pick(REQUEST_HEADERS)]
        return step

    def response(self):
        step = self.visit("response")
        headers = []
        for _ in range(self.pick([1, 1, 1, 2, 2, 3, 4])):
            if self.written and self.chance(0.15):
                headers.append(self.rewritten())
            elif self.chance(0.35 if self.rfc2965 else 0.06):
                headers.append(["Set-Cookie2", self.set_cookie2()])
            else:
                headers.append(["Set-Cookie", self.set_cookie()])
        if self.rfc2965 and self.chance(0.1):
            headers.append(["Set-Cookie", self.set_cookie(self.pick(headers)[1].partition("=")[0] or "a")])
        self.written += headers
        step["headers"] = headers
        return step

    def rewritten(self):
        """A header that came before, with another value, or as a deletion."""
        name, text = self.pick(self.written)
        if self.chance(0.5):
            return [name, text.replace("=1", "=2", 1)]
        return [name, text + self.pick(DELETIONS)]

    # Header text

    def space(self, usual=""):
        return self.pick(ODD_SPACE) if self.chance(self.noise) else usual

    def maybe_control(self, text, controls=CONTROLS):
        if text and self.chance(self.noise * 0.15):
            at = self.random.randrange(len(text) + 1)
            return text[:at] + self.pick(controls) + text[at:]
        return text

    def key(self, text):
        return self.pick([text, text, text.lower(), text.upper(), text.capitalize()])

    def pair(self, key, value):
        if value is None:
            return self.key(key)
        return f"{self.key(key)}{self.space()}={self.space()}{value}"

    def date(self):
        if self.chance(0.12):
            return self.pick(ODD_DATES)
        if self.chance(0.08):
            bits = [self.pick(DATE_BITS) for _ in range(self.pick([3, 4, 4, 5, 6]))]
            return self.pick(DATE_JOINTS).join(bits)
        moment = self.now + self.pick([-86400, 0, 1, 60, 3600, 10**6, 10**6, 10**8, 2 * 10**9])
        text = time.strftime(self.pick(DATE_SHAPES), time.gmtime(moment))
        return self.pick([text, text, text, text, text.lower(), text.upper(), text.replace(" 0", " ")])

    def domain(self):
        return self.pick(self.domains).encode("utf-8").decode("latin-1")

    def common_attributes(self):
        """Attributes that both protocols know, as (key, value)."""
        attributes = []
        if self.chance(0.45):
            attributes.append(("Path", self.pick(PATH_ATTRIBUTES)))
        if self.chance(0.42):
            attributes.append(("Domain", self.domain()))
        if self.chance(0.12):
            attributes.append(("Max-Age", self.pick(MAX_AGES)))
        if self.chance(0.04):
            attributes.append(("Port", self.pick(PORT_ATTRIBUTES)))
        return attributes

    def finish(self, attributes):
        """Flags, other attributes and doubles, then any order."""
        parts = [self.pair(key, value) for key, value in attributes]
        if self.chance(0.15):
            parts.append(self.key("Secure") + self.pick(FLAGS))
        if self.chance(0.04):
            parts.append(self.key("Discard") + self.pick(FLAGS))
        while self.chance(0.15):
            parts.append(self.pick(EXTRAS))
        self.random.shuffle(parts)
        return parts

    def another(self, key):
        """A second attribute of the same kind."""
        if key == "Domain":
            return key, self.domain()
        if key == "Expires":
            return key, self.date()
        pools = {"Path": PATH_ATTRIBUTES, "Max-Age": MAX_AGES, "Port": PORT_ATTRIBUTES, "Version": VERSIONS}
        return key, self.pick(pools[key])

    def set_cookie(self, name=None):
        attributes = self.common_attributes()
        if self.chance(0.2):
            attributes.append(("Expires", self.date()))
        if self.chance(0.12):
            attributes.append(("Version", self.pick(VERSIONS)))
        if attributes and self.chance(0.08):
            attributes.append(self.another(self.pick(attributes)[0]))
        name, value = name or self.pick(NAMES), self.pick(VALUES)
        first = name if value is None else f"{name}{self.space()}={self.space()}{value}"
        parts = [self.maybe_control(part) for part in [first, *self.finish(attributes)]]
        if self.chance(self.noise * 0.2):
            parts.insert(0, self.pick(["", "=x", " ", "="]))
        text = self.space() + parts[0]
        for part in parts[1:]:
            text += f"{self.space()};{self.space(' ')}{part}"
        return text + self.space()

    def quoted(self, value):
        """An attribute's value as a token or as a quoted string."""
        if value is None or value.startswith('"') or self.chance(0.4):
            return value
        return '"%s"' % value.replace("\\", "\\\\").replace('"', '\\"')

    def set_cookie2(self):
        return self.pick([", ", ", ", ",", " , ", ",,", "; ,"]).join(
            self.words() for _ in range(self.pick([1, 1, 1, 2, 3]))
        )

    def words(self):
        attributes = self.common_attributes()
        if self.chance(0.94):
            attributes.append(("Version", self.pick(VERSIONS if self.rfc2965 else ["0", "0", "1"])))
        if self.chance(0.08):
            attributes.append(("Expires", self.date()))
        if self.chance(0.15):
            attributes.append(("Port", self.pick(PORT_ATTRIBUTES)))
        attributes = [(key, self.quoted(value)) for key, value in attributes]
        name, value = self.pick(NAMES), self.pick(WORDS)
        first = name if value is None else f"{name}={value}"
        parts = [self.maybe_control(part, WORD_CONTROLS) for part in [first, *self.finish(attributes)]]
        joint = self.pick(["; "] * 8 + [";", " ", " ; ", ";;"])
        return self.space() + joint.join(parts) + self.space()

    # Policies and clears

    def policy(self):
        flags = {name: True for name in FLAG_NAMES if self.chance(0.08)}
        self.rfc2965 = self.chance(0.4)
        if self.rfc2965:
            flags["rfc2965"] = True
        if self.chance(0.06):
            flags["netscape"] = False
        if self.chance(0.2):
            flags["rfc2109_as_netscape"] = self.pick([None, True, False])
        if self.chance(0.15):
            flags["strict_rfc2965_unverifiable"] = False
        if self.chance(0.2):
            flags["strict_ns_domain"] = self.random.randrange(8)
        if self.chance(0.05):
            flags["secure_protocols"] = self.pick([[], ["https"], ["http", "https"], ["wss"]])
        if self.chance(0.07):
            flags["blocked_domains"] = [self.list_entry() for _ in range(self.pick([0, 1, 1, 2]))]
        if self.chance(0.05):
            flags["allowed_domains"] = self.pick([None, [], [self.list_entry() for _ in range(self.pick([1, 2, 4]))]])
        return flags

    def list_entry(self):
        entry = self.pick(self.pick([self.hosts, self.hosts, self.domains, LIST_EXTRAS]))
        if set(entry) <= {"."}:
            return "acme.com"
        return entry if entry.isascii() else "xn--bcher-kva.example"

    def clearing(self):
        """Steps that take cookies away, aimed at what may be there; sometimes twice at the same place."""
        kind = self.pick(CLEARS)
        host = host_of(self.pick(self.visited)) if self.chance(0.7) else self.pick(self.domains).lower()
        if not host.isascii():
            host = "xn--bcher-kva.example"
        place = {
            "domain": self.pick([host, host, "." + host]),
            "path": self.pick(["/", "/", "/a", "/acme", "/a/b"]),
            "name": self.pick(["a", "b", "c", "sid"]),
        }
        steps = [clear(kind, place)]
        if kind == "remove" and self.chance(0.5):
            steps.append(clear(self.pick(["clear_path", "clear_domain", "remove"]), place))
        return steps

    def steps(self):
        """One step, or two that belong together."""
        shares = {self.response: 36, self.request: 46, self.clearing: 9, self.advance: 6, self.other_policy: 3}
        made = self.random.choices(list(shares), list(shares.values()))[0]()
        return made if isinstance(made, list) else [made]

    def advance(self):
        return {"do": "advance", "seconds": self.pick([1, 59, 60, 61, 3600, 10**6])}

    def other_policy(self):
        return {"do": "set_policy", "policy": self.policy()}

    def revival(self):
        """A cookie that expires and comes again, beside others of the same host."""
        url, path = self.url(0), self.pick(["", "; Path=/"])
        first = [
            ["Set-Cookie", f"{name}=1{path}{self.pick(['', '; Max-Age=60', '; Max-Age=3600'])}"] for name in "abcd"
        ]
        again = [["Set-Cookie", f"{name}=2{path}"] for name in "abcd" if self.chance(0.5)]
        visit = {"do": "response", "url": url}
        steps = [{**visit, "headers": first}, {"do": "advance", "seconds": 60}]
        if self.chance(0.3):
            steps.append({"do": "request", "url": self.url(0.5)})
        return steps + [{**visit, "headers": again}, {"do": "request", "url": url}]

    def exchange(self):
        made = {
            "id": self.id,
            "form": self.pick(["new", "python"]),
            "policy": self.policy(),
            "suffixes": SUFFIXES,
            "now": self.now,
        }
        if self.chance(1 / 400):
            made["form"] = self.pick(["new"] * 9 + ["python"])
            made["policy"] = self.pick([{}, {"rfc2965": True}])
            return {**made, "steps": Crowd(self).steps()}
        if self.chance(1 / 200):
            return {**made, "steps": self.revival()}
        steps = [self.response()]
        for _ in range(self.pick([2, 3, 3, 4, 5, 6, 8])):
            steps += self.steps()
        return {**made, "steps": steps + [self.request() for _ in range(self.pick([1, 2]))]}


# Sites, each by its hosts; the first is the Domain that all may set.
CROWDED = ["acme.com www.acme.com a.acme.com", "example.co.uk shop.example.co.uk", "foo.github.io", "foo", "1.2.3.4"]


class Crowd:
    """Exchanges that reach the limits. Nothing in them expires, and nothing is overwritten after it was sent."""

    def __init__(self, maker):
        self.random, self.pick, self.chance = maker.random, maker.pick, maker.chance
        self.number = 0

    def steps(self):
        return self.pick([self.many_a_site, self.many_a_site, self.many_a_header, self.long_header, self.long_pair])()

    def header(self, value, attributes):
        self.number += 1
        text = f"n{self.number}={value}{attributes}"
        return ["Set-Cookie2", f"{text}; Version=1"] if self.chance(0.1) else ["Set-Cookie", text]

    def response(self, url, count, length, attributes):
        headers = [self.header("v" * self.random.randrange(length), self.pick(attributes)) for _ in range(count)]
        return {"do": "response", "url": url, "headers": headers}

    def many_a_site(self):
        """More than 180 cookies of one site over several stored domains, and of a neighbour."""
        hosts = self.pick(CROWDED).split()
        kinds = [["", "; Secure"], ["; Secure"], ["", "; Path=/a"], [f"; Secure; Domain={hosts[0]}", "; Secure", ""]]
        attributes, steps = self.pick(kinds), []
        while self.number < 260:
            url = f"https://{self.pick(hosts)}/"
            steps.append(self.response(url, self.pick([20, 40, 90]), 5, attributes))
            steps.append({"do": "advance", "seconds": self.pick([0, 1, 7])})
            if self.chance(0.6):
                url = f"{self.pick(['http', 'https'])}://{self.pick(hosts)}{self.pick(['/', '/a'])}"
                steps.append({"do": "request", "url": url})
        other = self.response("https://other.co.uk/", 5, 5, [""])
        return steps + [other] + [{"do": "request", "url": f"https://{host}/a"} for host in hosts]

    def many_a_header(self):
        """More than 150 cookies that match, of a site that holds no more than 180."""
        kinds = ["", "; Domain=acme.com", "; Path=/a", "; Path=/a; Domain=.acme.com"]
        steps = [self.response("https://www.acme.com/a/b", self.pick([75, 85, 90]), 30, kinds) for _ in range(2)]
        return steps + [
            {"do": "request", "url": "https://www.acme.com/a/b"},
            {"do": "request", "url": "https://acme.com/a"},
        ]

    def long_header(self):
        """Cookies that fill a header's bytes."""
        kinds = ["", "; Domain=acme.com", "; Path=/a", "; Path=/; Domain=.acme.com; Port"]
        steps = [
            self.response("https://www.acme.com/a/b", self.pick([10, 20]), self.pick([900, 2000, 4000]), kinds)
            for _ in range(2)
        ]
        return steps + [
            {"do": "request", "url": "https://www.acme.com/a/b"},
            {"do": "request", "url": "https://acme.com/a"},
        ]

    def long_pair(self):
        """A pair around the limit of its size."""
        lengths = [8190 - 3, 8190 - 2, 8190 - 1, 8190, 4000]
        headers = [["Set-Cookie", f"{name}={'v' * self.pick(lengths)}"] for name in "abc"]
        headers.append(["Set-Cookie", "n" * (8190 + self.pick([-1, 0, 1]))])
        visit = {"url": "http://www.acme.com/"}
        return [{"do": "response", **visit, "headers": headers}, {"do": "request", **visit}]


def host_of(url):
    """The host of a generated URL, as it is stored."""
    authority = url.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0].rpartition("@")[2]
    return authority.partition("]")[0] + "]" if authority.startswith("[") else authority.partition(":")[0].lower()


CLEAR_KEYS = {"clear_domain": ["domain"], "clear_path": ["domain", "path"], "remove": ["domain", "path", "name"]}


def clear(kind, place):
    return {"do": kind, **{key: place[key] for key in CLEAR_KEYS.get(kind, ())}}


def exchange(seed, index):
    return Maker(seed, index).exchange()
