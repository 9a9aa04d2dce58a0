"""The rulings as named changes to the behaviour of Python's `http.cookiejar`.

`Jar` and `Policy` are Python's jar and policy with every place that a ruling touches rewritten around a
switch: with all switches off they behave as Python's own (`oracle.py selftest` holds them to that), with
all on they behave as this crate must. Leaving one switch off shows what that ruling alone does.

A header's text is `str` whose code points U+0000..U+00FF are the bytes that came over the wire.
"""

import calendar
import datetime
import encodings.idna
import functools
import http.cookiejar as python
import ipaddress
import re
import types
import urllib.parse

# Rulings that are guards with a switch: the form "python" has them off.
GUARDS = frozenset({"host-only", "public-suffixes", "control-characters", "limits"})

# Every ruling, as one sentence. `control-characters` has a part that holds in both forms.
RULINGS = {
    "host-only": "a cookie without Domain goes back to its own host only",
    "public-suffixes": "a Domain that is not within the host's registrable domain is refused, or makes that very host host-only",
    "control-characters": "control octets in a name, value or attribute refuse the cookie (CR, LF, NUL in both forms)",
    "limits": "a site holds 180 cookies; a pair and a Cookie header hold 8190 bytes, the header 150 cookies",
    "deleting": "an expired cookie asks set_ok, and only then deletes its namesake, at its turn",
    "ip-addresses": "IP addresses match themselves only, an IPv6 host is no .local host, its port is found",
    "domain-match": "a domain matches at the end of the host and at a label boundary",
    "host": "user info is no part of the host, names are ASCII, a trailing dot never helps, no host has no cookies",
    "numbers": "Version, each port and Max-Age are ASCII digits; an expiry ends with the year 9999",
    "one-bad-cookie": "a bad cookie costs itself only",
    "secure": "Secure with an empty value is Secure too",
    "default-port": "the default port is 443 for https and wss",
    "dates": "dates are read by calendar, with the year pivot 70, and by RFC 6265 where the first form fails",
    "white-space": "white space is space and tab",
    "path": "a Path is percent-encoded once as bytes and counts only if it begins with a slash",
    "dotless-hosts": "a dotless host's cookie is stored under its own name, and takes the place of the .local one",
    "set-cookie2-off": "Set-Cookie2 is not looked at while rfc2965 is off",
    "one-cookie": "a semicolon in a version 0 value, or a comma in a version 1 name, refuses the cookie",
    "version-1-values": "a version 1 value with a semicolon, comma, space or tab goes out quoted",
    "block-list": "a blocked name refuses the cookie domain with and without its leading dot",
    "order": "the longest path goes first, then the earliest created",
    "expired-cookies": "an expired cookie is as good as gone: a namesake that comes later takes a new place",
    "calls": "a domain given to a call is brought to the form in which it is stored",
    "emptied-buckets": "what holds no cookie any more is not found",
    "httponly": "HttpOnly is found whatever its case",
    "domain-shape": "a Domain without any text but a leading dot is refused",
}

END_OF_TIME = 253402300799  # the last second of the year 9999
SITE_LIMIT, SITE_KEPT = 180, 150
SITE_SMALL = SITE_LIMIT // 10  # up to which number all groups of a site's cookies are equally full
HEADER_COOKIES, HEADER_BYTES, PAIR_BYTES = 150, 8190, 8190


def applicable(form):
    """The rulings that hold in a form; the forms share all but three guards."""
    off = GUARDS - {"control-characters"} if form == "python" else frozenset()
    return frozenset(RULINGS) - off


@functools.lru_cache(maxsize=None)
def switches(form, names):
    """`names` as attributes: `on.domain_match` is true where `domain-match` is in force."""
    on = {name.replace("-", "_"): name in names for name in RULINGS}
    return types.SimpleNamespace(form=form, **on)


# Hosts and domains ------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=65536)
def is_address(text):
    """Whether a host is an IPv4 literal or a bracketed IPv6 literal."""
    try:
        if text.startswith("[") and text.endswith("]"):
            ipaddress.IPv6Address(text[1:-1])
        else:
            ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def counts_as_address(text, on):
    """The ruling knows literals; Python takes whatever ends in a numeric label."""
    return is_address(text) if on.ip_addresses else bool(python.IPV4_RE.search(text))


def without_dot(domain):
    """A stored domain without its one leading dot."""
    return domain[1:] if domain.startswith(".") else domain


def without_trailing_dot(domain):
    return domain[:-1] if domain.endswith(".") else domain


def dotted(domain):
    return domain if domain.startswith(".") else "." + domain


def label_to_ascii(label):
    return label.lower() if label.isascii() else encodings.idna.ToASCII(label.lower()).decode("ascii")


def to_ascii(name):
    """The ASCII form of a name (RFC 3490); a name that has none stays, and matches no host."""
    if name.isascii():
        return name.lower()
    try:
        return ".".join(label_to_ascii(label) for label in name.split("."))
    except UnicodeError:
        return name.lower()


def one_spelling(domain):
    """An IPv6 address, with or without brackets, as hosts have it; any other domain as it is."""
    bare = without_dot(domain)
    try:
        address = ipaddress.IPv6Address(bare[1:-1] if bare[:1] + bare[-1:] == "[]" else bare)
    except ValueError:
        return domain
    return f"{domain[: -len(bare)]}[{address.compressed}]"


def domain_attribute(value, on):
    """A Domain attribute in small letters; as the ruling `host` has it, UTF-8 brought to ASCII."""
    if on.ip_addresses:
        value = one_spelling(value)
    if not on.host or value.isascii():
        return value.lower()
    try:
        return to_ascii(value.encode("latin-1").decode("utf-8"))
    except UnicodeDecodeError:
        return value.lower()


def is_host_name(text, on):
    """RFC 2965's HDN as Python has it: not empty, no dot at either end, no IP address."""
    return text != "" and text[0] != "." and text[-1] != "." and not counts_as_address(text, on)


def domain_match(a, b, on):
    """RFC 2965, section 1: A is B, or A is NB where B is a dot and a host name."""
    a, b = a.lower(), b.lower()
    if a == b:
        return True
    inside = a.endswith(b) and len(a) > len(b) if on.domain_match else a.rfind(b) > 0
    return inside and b.startswith(".") and is_host_name(a, on) and is_host_name(b[1:], on)


def reach(host, on):
    """RFC 2965, section 1: the reach of a host A.B is .B where B has a dot or is "local"."""
    first, dot, rest = host.partition(".")
    if dot and is_host_name(host, on) and ("." in rest or rest == "local"):
        return "." + rest
    return host


@functools.lru_cache(maxsize=65536)
def site(domain, suffixes):
    """The registrable domain by a list of plain suffix rules; an unlisted name's suffix is its last label."""
    name = without_trailing_dot(without_dot(domain))
    if is_address(name) or "." not in name:
        return name
    labels = name.split(".")
    for i in range(len(labels)):
        if ".".join(labels[i:]) in suffixes:
            return ".".join(labels[max(i - 1, 0) :])
    return ".".join(labels[-2:])


@functools.lru_cache(maxsize=65536)
def registrable(host, suffixes):
    """The registrable domain of a host, None where it has none: for an address, a suffix, a single label."""
    name = without_trailing_dot(host)
    if is_address(name) or "." not in name or name in suffixes:
        return None
    return site(name, suffixes)


def is_at_or_below(name, domain):
    """Whether a name is the domain or below it; a trailing dot makes another name."""
    return name == domain or name.endswith("." + domain) and not is_address(name)


def is_nobodys(domain, target, suffixes):
    """Whether a bare domain, at the target's host or above it, is not the host's own to share.

    Hosts without dots have their effective name, too, and share `.local`.
    """
    if not suffixes:
        return False
    names = {target.host, target.effective}
    own = [registrable(name, suffixes) for name in names]
    if any(name and is_at_or_below(without_trailing_dot(domain), name) for name in own):
        return False
    if len(names) == 2 and domain == "local":
        return False
    return is_at_or_below(target.host, domain) or without_trailing_dot(domain) in suffixes


# Requests ---------------------------------------------------------------------------------------------------------


class Target:
    """What the rules look at in a request: the facts of its URL, each found once."""

    def __init__(self, step, on):
        parts = urllib.parse.urlsplit(step["url"])
        self.on = on
        self.type = parts.scheme
        self.authority = urllib.parse.unquote(parts.netloc) if "//" in step["url"] else None
        self.host = self._host(parts.netloc)
        self.effective = self.host
        if "." not in self.host and not counts_as_address(self.host, on):
            self.effective = self.host + ".local"
        self.path = with_slash(python.escape_path(parts.path))
        self.unverifiable = step.get("unverifiable", False)
        self.origin = step.get("origin")
        self.header_names = {name.capitalize() for name, _ in step.get("headers", ())}

    def _host(self, authority):
        """RFC 2965's request-host, in small letters and without the port."""
        if self.on.host:
            authority = authority.rpartition("@")[2]
        host = python.cut_port_re.sub("", authority, 1)
        return to_ascii(host) if self.on.host else host.lower()

    @property
    def has_no_cookies(self):
        return self.on.host and self.host == ""

    def port(self):
        """The request's port as text; None where Python finds no number."""
        where = self.authority
        if self.on.host:
            where = where.rpartition("@")[2]
        if self.on.ip_addresses and where.startswith("["):
            where = where[where.find("]") + 1 :]
        colon = where.find(":")
        if colon < 0:
            return "443" if self.on.default_port and self.type in ("https", "wss") else "80"
        try:
            int(where[colon + 1 :])
        except ValueError:
            return None
        return where[colon + 1 :]

    def is_third_party(self):
        """RFC 2965, section 3.3.6: the host does not domain-match the reach of the origin's host."""
        origin = self.host if self.origin is None else self.origin
        if self.on.host:
            origin = to_ascii(origin)
        return not domain_match(self.host, reach(origin, self.on), self.on)


def with_slash(path):
    """A request path begins with a slash, also where the URL has none."""
    return path if path.startswith("/") else "/" + path


# Dates ------------------------------------------------------------------------------------------------------------


# All that Python's expressions take for white space stays it, because no date that Python reads is refused.
DATE_SPACES = " \t\n\r\f\v"

# RFC 6265bis, section 5.1.1.
DELIMITERS = re.compile(r"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
TIME_TOKEN = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])")
DAY_TOKEN = re.compile(r"([0-9]{1,2})(?![0-9])")
YEAR_TOKEN = re.compile(r"([0-9]{2,4})(?![0-9])")


def full_year(year):
    """Years by value: 0..69 are 2000.., 70..99 are 1970..1999, and any other has four digits."""
    if year < 70:
        return year + 2000
    if year < 100:
        return year + 1900
    return year if 1000 <= year <= 9999 else None


def month_number(word):
    if re.fullmatch(r"[0-9]+", word):
        return int(word) if 1 <= int(word) <= 12 else None
    word = word[:3].lower()
    return python.MONTHS_LOWER.index(word) + 1 if word in python.MONTHS_LOWER else None


def seconds_of(year, month, day, hour, minute, second):
    """Seconds since the epoch of a day that exists, else None; a clock past its end carries."""
    if year is None or month is None or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return calendar.timegm((year, month, day, hour, minute, second))


def date_as_python(text):
    """The first form: the shapes of Python's `http2time`, read by calendar."""
    match = python.STRICT_DATE_RE.search(text)
    if match:
        day, month, year, hour, minute, second, zone = *match.groups(), None
    else:
        match = python.LOOSE_HTTP_DATE_RE.search(python.WEEKDAY_RE.sub("", text.lstrip(DATE_SPACES), 1))
        if not match:
            return None
        day, month, year, hour, minute, second, zone = match.groups()
    hour, minute, second = int(hour or 0), int(minute or 0), int(second or 0)
    offset = python.offset_from_tz_string((zone or "UTC").upper())
    if hour > 24 or minute > 59 or second > 61 or offset is None:
        return None
    seconds = seconds_of(full_year(int(year)), month_number(month), int(day), hour, minute, second)
    return None if seconds is None else seconds - offset


def date_as_rfc6265(text):
    """The second form: RFC 6265bis, section 5.1.1, token by token; the first find of each kind wins."""
    time = day = month = year = None
    for token in DELIMITERS.split(text):
        if time is None and (match := TIME_TOKEN.match(token)):
            time = [int(field) for field in match.groups()]
        elif day is None and (match := DAY_TOKEN.match(token)):
            day = int(match[1])
        elif month is None and token[:3].lower() in python.MONTHS_LOWER:
            month = python.MONTHS_LOWER.index(token[:3].lower()) + 1
        elif year is None and (match := YEAR_TOKEN.match(token)):
            year = int(match[1])
    if None in (time, day, month, year):
        return None
    year = full_year(year)
    if year is None or year < 1601 or time[0] > 23 or time[1] > 59 or time[2] > 59:
        return None
    return seconds_of(year, month, day, *time)


def read_date(text, on):
    """Seconds since the epoch, or None where the date is unreadable."""
    if on.dates:
        seconds = date_as_python(text)
        return date_as_rfc6265(text) if seconds is None else seconds
    try:
        return python.http2time(text)
    except ValueError:
        if on.one_bad_cookie:
            return None
        raise


# Headers into attributes ------------------------------------------------------------------------------------------

FORBIDDEN = re.compile(r"[\r\n\x00]")
CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

WORD = re.compile(r"[ \t]*([^= \t;,]+)")
QUOTED = re.compile(r'[ \t]*=[ \t]*"([^"\\]*(?:\\.[^"\\]*)*)"')
VALUE = re.compile(r"[ \t]*=[ \t]*([^ \t;,]*)")
BETWEEN = re.compile(r"[= \t;]*")
COMMA = re.compile(r"[ \t]*,")


def split_words(text):
    """Set-Cookie2's words (Python's `split_header_words`), where white space is space and tab.

    header = (token | parameter) *( [";"] (token | parameter) ), several of them joined by ","
    """
    sets, pairs, at = [], [], 0
    while at < len(text):
        if match := WORD.match(text, at):
            name, value, at = match[1], None, match.end()
            if match := QUOTED.match(text, at):
                value, at = python.HEADER_ESCAPE_RE.sub(r"\1", match[1]), match.end()
            elif match := VALUE.match(text, at):
                value, at = match[1], match.end()
            pairs.append((name, value))
        elif match := COMMA.match(text, at):
            sets.append(pairs)
            pairs, at = [], match.end()
        else:
            at = BETWEEN.match(text, at).end()
    sets.append(pairs)
    return [pairs for pairs in sets if pairs]


def set_cookie2_sets(headers, on):
    if on.white_space:
        return [pairs for text in headers for pairs in split_words(text)]
    return python.split_header_words(headers)


def set_cookie_pairs(text, on):
    """The (key, value) pairs of one Set-Cookie header; none at all where the first has no name."""
    strip = (lambda part: part.strip(" \t")) if on.white_space else str.strip
    pairs = []
    for i, part in enumerate(text.split(";")):
        key, equals, value = part.partition("=")
        key = strip(key)
        if key:
            pairs.append((key, strip(value) if equals else None))
        elif i == 0:
            break
    return pairs


def set_cookie_sets(headers, on):
    return [pairs for pairs in (set_cookie_pairs(text, on) for text in headers) if pairs]


def holds(octets, pairs):
    """Whether one of the octets stands in any word of the cookie."""
    return any(octets.search(text) for pair in pairs for text in pair if text)


def read_netscape(pairs, on):
    """Set-Cookie's own readings: quotes around Version and Expires, and a version where none is given."""
    read = pairs[:1]
    for key, value in pairs[1:]:
        lower = key.lower()
        if lower == "version":
            value = value if value is None else python.strip_quotes(value)
        elif lower == "expires":
            value = value if value is None else read_date(python.strip_quotes(value), on)
        read.append((key, value))
    if not any(key.lower() == "version" for key, _ in pairs[1:]):
        read.append(("version", "0"))
    return read


BOOLEANS = frozenset({"discard", "secure"})
VALUED = frozenset({"version", "expires", "max-age", "domain", "path", "port", "comment", "commenturl"})
MAY_LACK_VALUE = frozenset({"port", "comment", "commenturl"})


class Refused(Exception):
    """A cookie that is no cookie; its text names the rule."""


def max_age(value, on):
    """Seconds; a Max-Age that is no number refuses the cookie."""
    if value is None and on.one_bad_cookie or on.numbers and value is not None and not re.fullmatch("-?[0-9]+", value):
        raise Refused("max-age")
    try:
        return int(value)
    except ValueError:
        raise Refused("max-age") from None


def standard_and_rest(pairs, now, on):
    """Splits a cookie's attributes in those of the specifications and all others.

    The first of equal attributes counts, but the last Max-Age does, and it beats Expires.
    """
    standard, rest, aged = {}, {}, False
    for key, value in pairs[1:]:
        lower = key.lower()
        if lower not in BOOLEANS and lower not in VALUED:
            rest[key] = value
            continue
        if lower in standard:
            continue
        if lower == "max-age":
            aged = True
            standard["expires"] = now + max_age(value, on)
            continue
        if lower in BOOLEANS and value is None:
            value = True
        if lower == "expires":
            if isinstance(value, str) and on.one_bad_cookie:
                value = read_date(value, on)
            if aged or value is None:
                continue
        if value is None and lower not in MAY_LACK_VALUE:
            raise Refused("attribute-without-value")
        standard[lower] = domain_attribute(value, on) if lower == "domain" else value
    return standard, rest


def read_version(standard, on):
    """The Version; None where there is none, which only a Set-Cookie2 can lack."""
    text = standard.get("version")
    if text is None:
        if on.one_bad_cookie:
            raise Refused("version")
        return None
    if on.numbers and not re.fullmatch("[0-9]+", text):
        raise Refused("version")
    try:
        return int(text)
    except ValueError:
        raise Refused("version") from None


def escape_path(path, on):
    """Python's `escape_path`; by the ruling `path`, of the bytes as they came."""
    if not on.path:
        return python.escape_path(path)
    escaped = urllib.parse.quote(path.encode("latin-1"), python.HTTP_PATH_SAFE)
    return python.ESCAPED_CHAR_RE.sub(python.uppercase_escaped_char, escaped)


def default_path(version, target):
    """RFC 2965, section 3.3.1 keeps the last slash, the Netscape rule does not."""
    cut = target.path.rfind("/")
    return target.path[: cut if version == 0 else cut + 1] or "/"


def is_path(path, on):
    return path is not None and (path.startswith("/") if on.path else path != "")


def without_spaces(port, on):
    return re.sub("[ \t]+" if on.white_space else r"\s+", "", port)


# Policy -----------------------------------------------------------------------------------------------------------

# Second-level names that `strict_domain` takes for a country's own (CPython: set_ok_domain).
SECOND_LEVEL = frozenset(
    "co ac com edu org net gov mil int aero biz cat coop info jobs mobi museum name pro travel eu".split()
)


def is_country_domain(domain):
    """A domain of the form .co.uk."""
    labels = domain.split(".")
    return len(labels) == 3 and labels[0] == "" and len(labels[2]) == 2 and labels[1].lower() in SECOND_LEVEL


class Policy(python.DefaultCookiePolicy):
    """Python's default policy around the switches; counts which rule said no."""

    SET_RULES = ("version", "verifiability", "octets", "name", "path", "domain", "port", "size")
    RETURN_RULES = ("version", "verifiability", "secure", "expires", "port", "domain")

    def __init__(self, flags, suffixes, on, said_no):
        super().__init__(**flags)
        self.suffixes, self.on, self.said_no = suffixes, on, said_no

    def set_ok(self, cookie, request):
        return self._all_say_yes("set_ok_", self.SET_RULES, cookie, request)

    def return_ok(self, cookie, request):
        return self._all_say_yes("return_ok_", self.RETURN_RULES, cookie, request)

    def _all_say_yes(self, kind, rules, cookie, request):
        for rule in rules:
            if not getattr(self, kind + rule)(cookie, request):
                self.said_no[kind + rule] = self.said_no.get(kind + rule, 0) + 1
                return False
        return True

    def _verifiable_enough(self, cookie, request):
        if not request.unverifiable:
            return True
        if cookie.version > 0:
            strict = self.strict_rfc2965_unverifiable
        else:
            strict = cookie.version == 0 and self.strict_ns_unverifiable
        return not (strict and request.is_third_party())

    set_ok_verifiability = return_ok_verifiability = _verifiable_enough

    def set_ok_octets(self, cookie, request):
        guarded = self.on.control_characters and self.on.form == "new"
        return not (guarded and cookie.has_controls)

    def set_ok_path(self, cookie, request):
        strict = cookie.version > 0 or cookie.version == 0 and self.strict_ns_set_path
        return not (cookie.path_specified and strict) or self.path_return_ok(cookie.path, request)

    def set_ok_domain(self, cookie, request):
        on, domain = self.on, cookie.domain
        if self.is_blocked(domain) or self.is_not_allowed(domain):
            return False
        if not cookie.domain_specified:
            return True
        bare = without_dot(domain)
        counted = without_trailing_dot(domain) if on.host else domain
        if on.domain_shape and bare == "":
            return False
        if on.public_suffixes and is_nobodys(bare, request, self.suffixes):
            return False
        if self.strict_domain and is_country_domain(counted):
            return False
        if on.ip_addresses and is_address(request.host):
            if bare != request.host:
                return False
        elif "." not in without_dot(counted) and not request.effective.endswith(".local"):
            return False
        if cookie.version == 0 and not self._netscape_may_set(domain, request):
            return False
        if cookie.version > 0 or self.strict_ns_domain & self.DomainRFC2965Match:
            if not domain_match(request.effective, domain, on):
                return False
        if cookie.version > 0 or self.strict_ns_domain & self.DomainStrictNoDots:
            if "." in request.host[: -len(domain)] and not counts_as_address(request.host, on):
                return False
        return True

    def _netscape_may_set(self, domain, request):
        """The host ends with the domain; in Python also with the domain under .local, which goes to another host."""
        if not self.on.domain_match:
            host = request.effective
            ends = host.endswith((domain, without_dot(domain) + ".local")) or dotted(host).endswith(domain)
            return ends or host.startswith(".")
        ends = (domain,) if self.on.dotless_hosts else (domain, domain + ".local")
        if domain == ".":
            ends = (".local",)  # no name at all is `domain-shape`'s to refuse
        return any(("." + host).endswith(ends) for host in (request.effective, request.host))

    def set_ok_port(self, cookie, request):
        if not cookie.port_specified:
            return True
        wanted = request.port() or "80"
        for port in cookie.port.split(","):
            if not self._is_port(port):
                return False
            if port == wanted:
                return True
        return False

    def _is_port(self, text):
        if self.on.numbers:
            return re.fullmatch("[0-9]+", text) is not None
        try:
            int(text)
        except ValueError:
            return False
        return True

    def set_ok_size(self, cookie, request):
        return not self.on.limits or pair_size(cookie) <= PAIR_BYTES

    def return_ok_port(self, cookie, request):
        return not cookie.port or (request.port() or "80") in cookie.port.split(",")

    def return_ok_domain(self, cookie, request):
        on, domain = self.on, cookie.domain
        names = (request.effective, request.host) if on.dotless_hosts else (request.effective,)
        if on.host_only and not domain.startswith(".") and domain not in (request.host, request.effective):
            return False
        strict = cookie.version == 0 and self.strict_ns_domain & self.DomainStrictNonDomain
        if strict and not cookie.domain_specified and domain not in names:
            return False
        if cookie.version > 0:
            return any(domain_match(name, domain, on) for name in names)
        if cookie.version < 0:
            return True
        if on.ip_addresses and is_address(request.host):
            return without_dot(domain) == request.host
        return any(("." + name).endswith(dotted(domain)) for name in names)

    def domain_return_ok(self, domain, request):
        if not self._in_reach(domain, request):
            return False
        bare = without_dot(domain)
        if self.on.public_suffixes and domain.startswith(".") and bare != request.host:
            if is_nobodys(bare, request, self.suffixes):
                return False
        return not self.is_blocked(domain) and not self.is_not_allowed(domain)

    def _in_reach(self, domain, request):
        if self.on.ip_addresses and is_address(request.host):
            return without_dot(domain) == request.host
        if self.on.dotless_hosts and "." not in domain:
            return domain == request.host
        wanted = dotted(domain)
        return dotted(request.host).endswith(wanted) or dotted(request.effective).endswith(wanted)

    def path_return_ok(self, path, request):
        """The request's path is the path, or goes on below it."""
        whole = request.path
        if not whole.startswith(path):
            return False
        return len(whole) == len(path) or path.endswith("/") or whole[len(path)] == "/"

    def is_blocked(self, domain):
        return any(
            self._list_entry_matches(form, entry) or self.on.block_list and form == "." + entry.lower()
            for entry in self._entries(self._blocked_domains)
            for form in self._forms(domain)
        )

    def is_not_allowed(self, domain):
        if self._allowed_domains is None:
            return False
        return not any(
            self._list_entry_matches(form, entry)
            for entry in self._entries(self._allowed_domains)
            for form in self._forms(domain)
        )

    def _entries(self, entries):
        return [one_spelling(entry) for entry in entries] if self.on.ip_addresses else entries

    def _forms(self, domain):
        """The lists know a dotless host under both of its names."""
        if self.on.dotless_hosts and "." not in domain and not is_address(domain):
            return domain, domain + ".local"
        return (domain,)

    def _list_entry_matches(self, domain, entry):
        """An entry is a domain as text; with a leading dot it means all below it too, but for addresses."""
        domain, entry = domain.lower(), entry.lower()
        if domain == entry:
            return True
        if self.on.ip_addresses:
            if is_address(without_dot(domain)) or is_address(without_dot(entry)):
                return False
        elif python.IPV4_RE.search(domain) or python.IPV4_RE.search(entry):
            return False
        return entry.startswith(".") and domain.endswith(entry)


def pair_size(cookie):
    """Bytes of name, "=" and value."""
    return len(cookie.name) + (0 if cookie.value is None else 1 + len(cookie.value))


# Jar --------------------------------------------------------------------------------------------------------------


class Jar(python.CookieJar):
    """Python's jar around the switches. Its clock is `http.cookiejar`'s own, which the oracle freezes.

    Each cookie bears a `place` (the order of creation) and `used` (its last access: when it was sent, or made).
    `unsettled` is set when a `clear` met only cookies that are expired: they may have been swept, or not.
    """

    def __init__(self, policy, suffixes, on, counts):
        super().__init__(policy)
        self.suffixes, self.on, self.counts = suffixes, on, counts
        self.places = 0
        self.unsettled = False

    def __iter__(self):
        stored = self._cookies.values()
        return iter([cookie for paths in stored for names in paths.values() for cookie in names.values()])

    def _count(self, what, by=1):
        self.counts[what] = self.counts.get(what, 0) + by

    def _read_clock(self):
        self._policy._now = self._now = int(python.time.time())

    # From headers to cookies

    def make_cookies(self, headers, target):
        """The cookies of a response, expired ones too, before any decision; `headers` by name."""
        on, policy = self.on, self._policy
        two, one = headers.get("Set-Cookie2", []), headers.get("Set-Cookie", [])
        self._read_clock()
        if on.set_cookie2_off and not policy.rfc2965:
            two = []
        if not (two and policy.rfc2965 or one and policy.netscape):
            return []
        cookies = self._cookies_of(two, set_cookie2_sets, lambda pairs: pairs, target)
        if one and policy.netscape:
            netscape = self._cookies_of(one, set_cookie_sets, lambda pairs: read_netscape(pairs, on), target)
            self._downgrade(netscape)
            if policy.rfc2965:
                # RFC 2965, section 9.1: the Set-Cookie2 cookie hides its twin. One that deletes hides none.
                lasting = (cookie for cookie in cookies if not cookie.is_expired(self._now))
                hidden = {self._identity_in(cookie, target) for cookie in lasting}
                netscape = [cookie for cookie in netscape if self._identity_in(cookie, target) not in hidden]
            cookies += netscape
        return cookies

    def _cookies_of(self, headers, split, read, target):
        """One protocol's cookies. In Python an error costs all of them, by the ruling only the one that has it."""
        caught = Exception if self.on.one_bad_cookie else ()
        try:
            sets = [pairs for pairs in split(headers, self.on) if self._is_whole(pairs)]
            made = [(pairs, pairs) for pairs in sets]
            for step in (read, self._attributes, lambda attributes: self._cookie(attributes, target)):
                made = [(pairs, self._unless_bad(step, given, caught)) for pairs, given in made]
                made = [(pairs, given) for pairs, given in made if given]
            for pairs, cookie in made:
                cookie.has_controls = holds(CONTROLS, pairs)
            return [cookie for _, cookie in made]
        except Exception:
            return []

    def _is_whole(self, pairs):
        """CR, LF and NUL can be in no cookie at all."""
        whole = not (self.on.control_characters and holds(FORBIDDEN, pairs))
        if not whole:
            self._count("refused control-characters")
        return whole

    def _unless_bad(self, step, given, caught):
        try:
            return step(given)
        except Refused as refused:
            self._count(f"refused {refused}")
        except caught:
            self._count("refused by an error")
        return None

    def _attributes(self, pairs):
        return (*pairs[0], *standard_and_rest(pairs, self._now, self.on))

    def _cookie(self, attributes, target):
        """One cookie from its attributes and the request; None where it is expired and Python deletes at once."""
        on, now = self.on, self._now
        name, value, standard, rest = attributes
        version = read_version(standard, on)
        if on.one_cookie and version == 0 and value is not None and ";" in value:
            raise Refused("one-cookie")
        path_specified = is_path(standard.get("path"), on)
        path = escape_path(standard["path"], on) if path_specified else default_path(version, target)
        domain, domain_specified, initial_dot = self._domain(standard, target)
        port_specified = standard.get("port") is not None
        port = without_spaces(standard["port"], on) if port_specified else None
        if "port" in standard and not port_specified:
            port = target.port()
        expires = standard.get("expires")
        if expires is not None and not on.deleting and expires <= now:
            self._delete((domain, path, name))
            return None
        if expires is not None and on.numbers:
            expires = max(min(expires, END_OF_TIME), -END_OF_TIME)
        discard = expires is None or bool(standard.get("discard", False))
        secure = "secure" in standard if on.secure else bool(standard.get("secure", False))
        return python.Cookie(
            version,
            name,
            value,
            port,
            port_specified,
            domain,
            domain_specified,
            initial_dot,
            path,
            path_specified,
            secure,
            expires,
            discard,
            standard.get("comment"),
            standard.get("commenturl"),
            rest,
        )

    def _domain(self, standard, target):
        """The stored domain, whether it was specified, and whether it then had an initial dot."""
        domain = standard.get("domain")
        if domain is None:
            own_name = self.on.dotless_hosts and not is_address(target.host)
            return (target.host if own_name else target.effective), False, False
        return dotted(domain), True, domain.startswith(".")

    def _downgrade(self, cookies):
        """RFC 2109 cookies become Netscape ones, unless the policy says otherwise."""
        as_netscape = self._policy.rfc2109_as_netscape
        if as_netscape is None:
            as_netscape = not self._policy.rfc2965
        for cookie in cookies:
            if cookie.version == 1:
                cookie.rfc2109 = True
                if as_netscape:
                    cookie.version = 0
        if self.on.one_cookie:
            cookies[:] = [cookie for cookie in cookies if cookie.version == 0 or "," not in cookie.name]

    # Storing

    def extract_cookies(self, headers, target):
        if target.has_no_cookies:
            return
        for cookie in self.make_cookies(headers, target):
            if self.on.public_suffixes:
                self._prepare(cookie, target)
            if not self._policy.set_ok(cookie, target):
                continue
            twin = self._twin(cookie, target)
            if cookie.is_expired(self._now):
                self._count("deleting")
                self._delete(identity(cookie))
                if twin is not None:
                    self._delete(identity(twin))
            else:
                self._count("stored")
                self.set_cookie(cookie, twin)

    def _is_own_alone(self, cookie, target):
        """Whether the cookie's Domain is the host and nobody's to share, so that the host has it alone."""
        bare = without_dot(cookie.domain)
        return cookie.domain_specified and bare == target.host and is_nobodys(bare, target, self.suffixes)

    def _prepare(self, cookie, target):
        """A domain that is nobody's to share and the host itself makes the cookie host-only."""
        if self._is_own_alone(cookie, target):
            cookie.domain = without_dot(cookie.domain)
            cookie.domain_specified = cookie.domain_initial_dot = False

    def _identity_in(self, cookie, target):
        """Which cookie it will be once it is prepared."""
        if self.on.public_suffixes and self._is_own_alone(cookie, target):
            return without_dot(cookie.domain), cookie.path, cookie.name
        return identity(cookie)

    def _twin(self, cookie, target):
        """The cookie of `foo.local` that the dotless `foo` gets, too: its own of that name takes the place."""
        if not self.on.dotless_hosts or cookie.domain != target.host or target.effective == target.host:
            return None
        twin = self._get((target.effective, cookie.path, cookie.name))
        sent = twin is not None and self._policy.domain_return_ok(target.effective, target)
        return twin if sent else None

    def set_cookie(self, cookie, twin=None):
        if twin is not None:
            self._delete(identity(twin))
            if self.on.expired_cookies and twin.is_expired(self._now):
                twin = None
        old = self._get(identity(cookie))
        if old is not None and self.on.expired_cookies and old.is_expired(self._now):
            self._delete(identity(old))
            old = None
        if old is None and twin is None:
            self.places += 1
            cookie.place, cookie.used, cookie.sent = self.places, self._now, False
        else:
            before = twin if old is None else old
            cookie.place, cookie.used, cookie.sent = before.place, before.used, before.sent
        self._cookies.setdefault(cookie.domain, {}).setdefault(cookie.path, {})[cookie.name] = cookie
        if self.on.limits and old is None:
            self._keep_within_limit(site(cookie.domain, self.suffixes))

    def _get(self, key):
        domain, path, name = key
        return self._cookies.get(domain, {}).get(path, {}).get(name)

    def _delete(self, key):
        """Takes one cookie away, if it is there; by the ruling `emptied-buckets` also what it leaves empty."""
        domain, path, name = key
        if self._get(key) is None:
            return
        del self._cookies[domain][path][name]
        if self.on.emptied_buckets:
            if not self._cookies[domain][path]:
                del self._cookies[domain][path]
            if not self._cookies[domain]:
                del self._cookies[domain]

    def _keep_within_limit(self, name):
        """Over 180 cookies a site goes down to 150."""
        if self.places <= SITE_LIMIT:
            return
        stored = [cookie for cookie in self if site(cookie.domain, self.suffixes) == name]
        live = [cookie for cookie in stored if not cookie.is_expired(self._now)]
        if len(live) <= SITE_LIMIT:
            return
        self._count("evicting")
        for cookie in stored:
            if cookie.is_expired(self._now):
                self._delete(identity(cookie))
        while len(live) > SITE_KEPT:
            groups = {}
            for cookie in live:
                groups.setdefault(group(cookie, name), []).append(cookie)
            rank = {label: max(len(cookies), SITE_SMALL) for label, cookies in groups.items()}
            full = [cookies for label, cookies in groups.items() if rank[label] == max(rank.values())]
            fullest = min(full, key=lambda cookies: max(map(latest_use, cookies)))
            victim = min(fullest, key=lambda cookie: (cookie.secure, latest_use(cookie)))
            live.remove(victim)
            self._delete(identity(victim))

    # Sending

    def cookie_headers(self, target):
        """The Cookie and Cookie2 values that the request gets, None for each that it does not get."""
        if target.has_no_cookies:
            return None, None
        on, policy = self.on, self._policy
        self._read_clock()
        cookies = self._cookies_for_request(target)
        self._count("candidates", len(cookies))
        if on.order:
            cookies.sort(key=lambda cookie: cookie.place)
        if on.limits:
            cookies = self._those_that_fit(cookies)
        attributes = self._cookie_attrs(cookies)  # sorts by length of path, stably
        header = header2 = None
        if attributes and "Cookie" not in target.header_names:
            header = "; ".join(attributes)
            self._count("sent", len(cookies))
            for cookie in cookies:
                cookie.used, cookie.sent = self._now, True
        if policy.rfc2965 and not policy.hide_cookie2 and "Cookie2" not in target.header_names:
            if any(cookie.version != 1 for cookie in cookies):
                header2 = '$Version="1"'
        if not on.expired_cookies:
            self.clear_expired_cookies()
        return header, header2

    def _cookie_attrs(self, cookies):
        """The words of a Cookie header: each cookie's pair, and for version 1 its attributes."""
        cookies.sort(key=lambda cookie: len(cookie.path), reverse=True)
        words = [f"$Version={cookies[0].version}"] if cookies and cookies[0].version > 0 else []
        for cookie in cookies:
            words.append(cookie.name if cookie.value is None else f"{cookie.name}={self._value_to_send(cookie)}")
            if cookie.version > 0:
                words += dollar_attributes(cookie)
        return words

    def _value_to_send(self, cookie):
        """A quoted-string needs its quotes where it holds a separator; Netscape values go as they are."""
        if cookie.version <= 0:
            return cookie.value
        escaped = self.quote_re.sub(r"\\\1", cookie.value)
        quoted = self.on.version_1_values and SEPARATOR.search(cookie.value)
        return f'"{escaped}"' if quoted else escaped

    def _those_that_fit(self, cookies):
        """Host-only before domain cookies, then the longest path, then the earliest; the rest stay at home."""
        if len(cookies) <= HEADER_COOKIES and len("; ".join(self._cookie_attrs(cookies))) <= HEADER_BYTES:
            return cookies
        self._count("header full")
        kept = []
        order = sorted(cookies, key=lambda cookie: (cookie.domain.startswith("."), -len(cookie.path), cookie.place))
        for cookie in order:
            trial = sorted(kept + [cookie], key=lambda cookie: cookie.place)
            if len(trial) <= HEADER_COOKIES and len("; ".join(self._cookie_attrs(trial))) <= HEADER_BYTES:
                kept.append(cookie)
        return sorted(kept, key=lambda cookie: cookie.place)

    # Clearing

    def clear(self, domain=None, path=None, name=None):
        """Python's `clear`, where what is expired may have been swept."""
        if domain is not None and self.on.calls:
            domain = one_spelling(domain).lower()
        if domain is None or not self.on.expired_cookies and not self.on.emptied_buckets:
            super().clear(domain, path, name)
            return
        wanted = [c for c in self if c.domain == domain and path in (None, c.path) and name in (None, c.name)]
        live = [c for c in wanted if not (self.on.expired_cookies and c.is_expired(python.time.time()))]
        if wanted and not live:
            self.unsettled = True
        if self.on.emptied_buckets or name is not None:
            for cookie in wanted:
                self._delete(identity(cookie))
        else:
            super().clear(domain, path, name)
        if not live and (self.on.emptied_buckets or name is not None):
            raise KeyError(domain)

    def clear_expired_cookies(self):
        for cookie in self:
            if cookie.is_expired(python.time.time()):
                self._delete(identity(cookie))

    def clear_session_cookies(self):
        for cookie in self:
            if cookie.discard:
                self._delete(identity(cookie))


def group(cookie, site_name):
    """Which cookies of a site make way together: its domain cookies, its own host's, or those at and below a label."""
    below = without_dot(cookie.domain)[: -len(site_name)]
    if below:
        return below[:-1].rpartition(".")[2]
    return "." if cookie.domain.startswith(".") else ""


def latest_use(cookie):
    """When a cookie was last sent, else made; what was never sent goes first, then the older."""
    return cookie.used, cookie.sent, cookie.place


def identity(cookie):
    return cookie.domain, cookie.path, cookie.name


SEPARATOR = re.compile("[;, \t]")


def dollar_attributes(cookie):
    """$Path, $Domain and $Port as they were specified (RFC 2965, section 3.3.4)."""
    words = []
    if cookie.path_specified:
        words.append(f'$Path="{cookie.path}"')
    if cookie.domain.startswith("."):
        words.append('$Domain="%s"' % (cookie.domain if cookie.domain_initial_dot else cookie.domain[1:]))
    if cookie.port is not None:
        words.append(f'$Port="{cookie.port}"' if cookie.port_specified else "$Port")
    return words
