"""The table of cases thought out by hand: every rule, every flag in every setting, every attribute, both forms.

Each case says what the mended answer must be (`sends`, `keeps`, `has`, `answers`) and which rulings it shows;
a case that names none must be answered by Python and by us alike. `oracle.py cases` checks all of that before
it writes the table. A row that needs its reason has it as a trailing comment, or in its sentence.
"""

NOW = 1_700_000_000  # Tue, 14 Nov 2023 22:13:20 GMT
SUFFIXES = ["com", "org", "uk", "co.uk", "io", "github.io", "example"]

WWW = "http://www.acme.com/"
ACME = "http://acme.com/"
DEEP = "http://www.acme.com/a/b/c"
RFC2965 = {"rfc2965": True}


class Case:
    """An exchange, what must come of it, and the rulings that it shows."""

    def __init__(self, exchange, shows, jointly, expected):
        self.exchange, self.shows, self.jointly, self.expected = exchange, shows, jointly, expected

    def complaint(self, row):
        """What is wrong with the oracle's row, or None."""
        if set(self.shows) - set(row["rulings"]) or set(self.jointly) != set(row.get("joint", ())):
            return f"must show {self.shows or self.jointly}, shows {row['rulings']} (jointly {row.get('joint')})"
        if not self.shows and not self.jointly and row["plain"] != row["mended"]:
            return f"must be as in Python, but {row['rulings']} speak"
        for kind, wanted in self.expected.items():
            got = GOT[kind](row["mended"], wanted)
            if got != wanted:
                return f"{kind} {got!r} and not {wanted!r}"
        return None


def last_request(mended):
    return [step for step in mended["steps"] if isinstance(step, dict) and "cookie2" in step][-1]


GOT = {
    "sends": lambda mended, _: last_request(mended)["cookie"],
    "sends2": lambda mended, _: last_request(mended)["cookie2"],
    "keeps": lambda mended, _: " ".join(record["name"] for record in mended["jar"]),
    "has": lambda mended, wanted: {key: mended["jar"][0][key] for key in wanted} if mended["jar"] else None,
    "answers": lambda mended, wanted: [mended["steps"][i] for i in range(-len(wanted), 0)],
    "headers": lambda mended, _: [
        step["cookie"] for step in mended["steps"] if isinstance(step, dict) and "cookie2" in step
    ],
}

CASES = []
SEEN = set()


def case(sentence, *steps, form="both", policy=None, shows=(), jointly=(), suffixes=SUFFIXES, now=NOW, **expected):
    """Adds a case to the table, in one form or in both; it shows each of `shows`, or all of `jointly` together."""
    shows = (shows,) if isinstance(shows, str) else shows
    for each in ("new", "python") if form == "both" else (form,):
        name = sentence if form != "both" or each == "new" else f"{sentence} (python form)"
        assert name not in SEEN, name
        SEEN.add(name)
        exchange = {
            "id": name,
            "form": each,
            "policy": policy or {},
            "suffixes": suffixes,
            "now": now,
            "steps": list(steps),
        }
        CASES.append(Case(exchange, shows, jointly, expected))


def got(url, *headers, **more):
    """A response: each header a Set-Cookie text, or what `two` makes."""
    pairs = [["Set-Cookie", header] if isinstance(header, str) else header for header in headers]
    return {"do": "response", "url": url, "headers": pairs, **more}


def two(text):
    return ["Set-Cookie2", text]


def ask(url, **more):
    return {"do": "request", "url": url, **more}


def later(seconds):
    return {"do": "advance", "seconds": seconds}


def do(what, **more):
    return {"do": what, **more}


def third(origin):
    """The keys of a step that is an unverifiable transaction of another host."""
    return {"unverifiable": True, "origin": origin}


def bytes_of(text):
    """UTF-8 bytes as header text."""
    return text.encode("utf-8").decode("latin-1")


# Set-Cookie, read -------------------------------------------------------------------------------------------------

case(
    "a cookie without attributes goes back to its host",
    got(WWW, "a=1"),
    ask(WWW),
    sends="a=1",
    has={"domain": "www.acme.com", "path": "/", "version": 0, "discard": True, "expires": None, "secure": False},
)
for header, name, value, why in [
    ("a", "a", None, "a lone name has no value"),
    ("a=", "a", "", "an empty value is not an absent one"),
    ("a=b=c", "a", "b=c", "only the first equals sign parts"),
    ("  a  =  1  ", "a", "1", "spaces around name and value go"),
    ("\ta\t=\t1\t", "a", "1", "tabs around name and value go"),
    ('a="1"', "a", '"1"', "quotes stay in a Netscape value"),
    ('a="1', "a", '"1', "an unbalanced quote stays"),
    ("a=b,c", "a", "b,c", "a comma parts nothing in Set-Cookie"),
    ("a=b c", "a", "b c", "an inner space stays"),
    ("a b=1", "a b", "1", "a name may hold a space"),
    ("a=1;", "a", "1", "a last semicolon adds nothing"),
    ("a=1;;;Path=/", "a", "1", "empty attributes are passed over"),
    ("a=1; =x; Path=/", "a", "1", "an attribute without a name is passed over"),
    ("a=\xe9", "a", "\xe9", "a byte that is no UTF-8 stays"),
    ("a=" + bytes_of("é"), "a", bytes_of("é"), "UTF-8 bytes stay as bytes"),
    ("\xe9=1", "\xe9", "1", "a name may be a byte beyond ASCII"),
    ('a={"k":"v"}', "a", '{"k":"v"}', "JSON without a semicolon survives"),
    ("Path=/x", "Path", "/x", "the first part is the cookie whatever it is called"),
    ("expires=x", "expires", "x", "a cookie called expires is no date"),
    ("$a=1", "$a", "1", "a dollar name is a name"),
    ("a==", "a", "=", "a value may be an equals sign"),
]:
    case(f"reading Set-Cookie: {why}", got(WWW, header), ask(WWW), has={"name": name, "value": value})
for header, why in [
    ("=x", "a header without a name"),
    ("", "an empty header"),
    (";a=1", "a header that begins with a semicolon"),
    ("   ", "a header of spaces"),
    (" = ; a=1", "a header whose first part has no name"),
]:
    case(f"reading Set-Cookie: {why} is no cookie", got(WWW, header), keeps="")
case("every Set-Cookie header of a response counts", got(WWW, "a=1", "b=2"), ask(WWW), sends="a=1; b=2")
case("the later of two namesakes in a response wins", got(WWW, "a=1", "a=2"), ask(WWW), sends="a=2", keeps="a")
case("a name differs by case", got(WWW, "a=1", "A=2"), ask(WWW), sends="a=1; A=2")
case(
    "names are over bytes: E9 and C3 A9 are two", got(WWW, "\xe9=1", "\xc3\xa9=2"), ask(WWW), sends="\xe9=1; \xc3\xa9=2"
)
case("the first of two Path attributes counts", got(DEEP, "a=1; Path=/a; Path=/"), has={"path": "/a"})
case(
    "the first of two Domain attributes counts",
    got(WWW, "a=1; Domain=acme.com; Domain=evil.org"),
    has={"domain": ".acme.com"},
)
case("the first of two Comment attributes counts", got(WWW, "a=1; Comment=x; Comment=y"), has={"comment": "x"})
case(
    "attribute names have no case",
    got(DEEP, "a=1; PATH=/a; dOmAiN=acme.com; sECURE"),
    has={"path": "/a", "domain": ".acme.com", "secure": True},
)
case(
    "Comment and CommentURL are known in Set-Cookie",
    got(WWW, "a=1; Comment=x y; CommentURL=http://u/"),
    has={"comment": "x y", "comment_url": "http://u/"},
)
case(
    "Comment and CommentURL may lack a value",
    got(WWW, "a=1; comment; commenturl"),
    has={"comment": None, "comment_url": None},
)
case(
    "Comment and CommentURL may be empty",
    got(WWW, "a=1; comment=; commenturl="),
    has={"comment": "", "comment_url": ""},
)
case(
    "an unknown attribute keeps its case and its value",
    got(WWW, "a=1; SameSite=Lax; Foo"),
    has={"rest": {"SameSite": "Lax", "Foo": None}},
)
case("unknown attributes differ by case", got(WWW, "a=1; foo=1; Foo=2"), has={"rest": {"foo": "1", "Foo": "2"}})
case("the last of equal unknown attributes counts", got(WWW, "a=1; foo=1; foo=2; foo"), has={"rest": {"foo": None}})
case("an unknown attribute may be empty", got(WWW, "a=1; foo="), has={"rest": {"foo": ""}})
case("a response without cookies changes nothing", got(WWW, "a=1"), got(WWW), ask(WWW), sends="a=1")
case("a header name has one spelling in these exchanges", got(WWW, ["X-Cookie", "a=1"]), keeps="")

# Set-Cookie2, read ------------------------------------------------------------------------------------------------

for header, name, value, why in [
    ("a=1; Version=1", "a", "1", "a token is a value"),
    ('a="1"; Version=1', "a", "1", "quotes are no part of a quoted value"),
    (r'a="x\"y\\z"; Version=1', "a", 'x"y\\z', "a backslash escapes in a quoted value"),
    (r'a="\x\y"; Version=1', "a", "xy", "a backslash escapes any character"),
    ('a="b;c, d"; Version=1', "a", "b;c, d", "separators stand in a quoted value"),
    ("a; Version=1", "a", None, "a lone token has no value"),
    ("a=; Version=1", "a", "", "a value may be empty"),
    ('a=""; Version=1', "a", "", "a quoted value may be empty"),
    ("a = 1 ; Version = 1", "a", "1", "spaces stand around the equals sign"),
    ("a=1 Version=1", "a", "1", "a space parts attributes"),
    ("a=1;Version=1", "a", "1", "a semicolon alone parts attributes"),
    ("a=1;;; Version=1", "a", "1", "several semicolons part once"),
    (" ;= a=1; Version=1", "a", "1", "junk before the first word is passed over"),
    ('a="x; Version=1', "a", '"x', "a quote that never ends is part of a token"),
    ('a="x"Version=1', "a", "x", "a word may follow a quoted value at once"),
    ("a=\xe9; Version=1", "a", "\xe9", "a token may hold any byte"),
    (r'a="\\"; Version=1', "a", "\\", "an escaped backslash does not escape the quote"),
    ("a==b; Version=1", "a", "=b", "a token may begin with an equals sign"),
]:
    case(
        f"reading Set-Cookie2: {why}",
        got(WWW, two(header)),
        policy=RFC2965,
        has={"name": name, "value": value, "version": 1},
    )
case(
    "a comma parts the cookies of one Set-Cookie2",
    got(WWW, two("a=1; Version=1, b=2; Version=1")),
    ask(WWW),
    policy=RFC2965,
    sends="$Version=1; a=1; b=2",
)
case(
    "empty places between commas are no cookies",
    got(WWW, two(",a=1; Version=1,, b=2; Version=1,")),
    policy=RFC2965,
    keeps="a b",
)
case(
    "each cookie of a Set-Cookie2 needs its own Version",
    got(WWW, two("a=1; Version=1, b=2")),
    policy=RFC2965,
    keeps="a",
)
case(
    "several Set-Cookie2 headers count",
    got(WWW, two("a=1; Version=1"), two("b=2; Version=1")),
    policy=RFC2965,
    keeps="a b",
)
case(
    "Set-Cookie2's first attribute of a kind counts",
    got(DEEP, two("a=1; Version=1; Path=/a; Path=/")),
    policy=RFC2965,
    has={"path": "/a"},
)
case("an empty Set-Cookie2 is no cookie", got(WWW, two("")), policy=RFC2965, keeps="")
case("a Set-Cookie2 of separators is no cookie", got(WWW, two(" ; , = ")), policy=RFC2965, keeps="")
case(
    "Set-Cookie2's unknown attributes are kept",
    got(WWW, two('a=1; Version=1; Foo="b c"; Bar')),
    policy=RFC2965,
    has={"rest": {"Foo": "b c", "Bar": None}},
)

# RFC 2965, section 9.1: twins -------------------------------------------------------------------------------------

case(
    "a Set-Cookie2 hides its Set-Cookie twin",
    got(WWW, two("a=2; Version=1; Path=/"), "a=1; Path=/"),
    policy=RFC2965,
    has={"value": "2", "version": 1},
)
case(
    "a Set-Cookie2 hides its twin wherever the headers stand",
    got(WWW, "a=1; Path=/", two("a=2; Version=1; Path=/")),
    policy=RFC2965,
    has={"value": "2", "version": 1},
)
case(
    "a twin of another path is no twin",
    got(DEEP, two("a=2; Version=1; Path=/a"), "a=1; Path=/a/b"),
    policy=RFC2965,
    keeps="a a",
)
case(
    "a Set-Cookie2 that the policy refuses hides its twin too",
    got(WWW, two("a=2; Version=1; Path=/; Port=81"), "a=1; Path=/"),
    policy=RFC2965,
    keeps="",
)
case(
    "a twin of an unreadable Version is not hidden",
    got(WWW, two("a=2; Version=x; Path=/"), "a=1; Path=/"),
    policy=RFC2965,
    has={"value": "1"},
)
case(
    "a Set-Cookie2 that deletes does not hide its twin",
    got(WWW, two("a=2; Version=1; Path=/; Max-Age=0"), "a=1; Path=/"),
    policy=RFC2965,
    has={"value": "1"},
)
case(
    "a Set-Cookie twin that would delete is hidden",
    got(WWW, two("a=2; Version=1; Path=/"), "a=1; Path=/; Max-Age=0"),
    policy=RFC2965,
    has={"value": "2"},
)

# Version ----------------------------------------------------------------------------------------------------------

for text, version, why in [
    ("0", 0, "0 is Netscape's"),
    ("1", 1, "1 is RFC 2109's"),
    ('"1"', 1, "one pair of quotes goes"),
    ('"1', 1, "a leading quote goes"),
    ('1"', 1, "a trailing quote goes"),
    ("01", 1, "leading zeros do not count"),
    ("000", 0, "several zeros are zero"),
    ("2", 2, "another number is a version of its own"),
    ("999999999", 999999999, "a large number is a version"),
]:
    case(
        f"Set-Cookie with Version={text}: {why}",
        got(WWW, f"a=1; Version={text}"),
        policy={**RFC2965, "rfc2109_as_netscape": False},
        has={"version": version, "rfc2109": version == 1},
    )
for text, why in [
    ("", "is no number"),
    ("x", "is no number"),
    ("1.0", "is no number"),
    ('""1""', "has more quotes than one pair"),
    ("1 2", "is two numbers"),
]:
    case(
        f"Set-Cookie with Version={text} is refused: it {why}",
        got(WWW, f"a=1; Version={text}"),
        policy=RFC2965,
        keeps="",
    )
for text, why in [
    ("-1", "a sign"),
    ("+1", "a sign"),
    ("1_0", "an underscore"),
    ('" 1 "', "an inner space"),
    ("-0", "a sign"),
    ('"+0"', "a sign"),
]:
    case(
        f"our rule refuses Set-Cookie with Version={text}: {why} is no digit",
        got(WWW, f"a=1; Version={text}"),
        policy=RFC2965,
        shows="numbers",
        keeps="",
    )
case("Set-Cookie with Version without a value is refused", got(WWW, "a=1; Version", "b=2"), keeps="b")
case(
    "the first of two Versions counts",
    got(WWW, "a=1; Version=0; Version=1"),
    policy=RFC2965,
    has={"version": 0, "rfc2109": False},
)
case(
    "Set-Cookie2 of Version 0 is a Netscape cookie",
    got(WWW, two("a=1; Version=0")),
    policy=RFC2965,
    has={"version": 0, "rfc2109": False},
)
case(
    "Set-Cookie2 with a quoted Version",
    got(WWW, two('a=1; Version="1"')),
    policy=RFC2965,
    has={"version": 1, "rfc2109": False},
)
for text in ('"+1"', "-1", '" 1"', "1_0"):
    case(
        f"our rule refuses Set-Cookie2 with Version={text}",
        got(WWW, two(f"a=1; Version={text}")),
        policy=RFC2965,
        shows="numbers",
        keeps="",
    )
case("Set-Cookie2 with an empty Version is refused", got(WWW, two("a=1; Version=; Path=/")), policy=RFC2965, keeps="")
case("Set-Cookie2 without Version is refused", got(WWW, two("a=1; Path=/")), policy=RFC2965, keeps="")
case(
    "Set-Cookie2 with Version without a value is refused",
    got(WWW, two("a=1; Version; Path=/")),
    policy=RFC2965,
    keeps="",
)
case("a version 2 cookie is refused while rfc2965 is off", got(WWW, "a=1; Version=2"), keeps="")
case(
    "a version 2 cookie asks for a Cookie2 header",
    got(WWW, "a=1; Version=2; Path=/"),
    ask(WWW),
    policy=RFC2965,
    sends='$Version=2; a=1; $Path="/"',
    sends2='$Version="1"',
)

# RFC 2109 cookies -------------------------------------------------------------------------------------------------

for rfc2965, setting, version in [
    (False, None, 0),
    (False, True, 0),
    (False, False, None),
    (True, None, 1),
    (True, True, 0),
    (True, False, 1),
]:
    case(
        f"RFC 2109 cookie with rfc2965 {rfc2965} and rfc2109_as_netscape {setting}",
        got(DEEP, "a=1; Version=1; Path=/a"),
        ask(DEEP),
        policy={"rfc2965": rfc2965, "rfc2109_as_netscape": setting},
        **({"keeps": ""} if version is None else {"has": {"version": version, "rfc2109": True}}),
        sends={0: "a=1", 1: '$Version=1; a=1; $Path="/a"', None: None}[version],
    )
case(
    "the default path of an RFC 2109 cookie keeps its slash when it becomes a Netscape one",
    got(DEEP, "a=1; Version=1"),
    has={"path": "/a/b/", "version": 0},
)
case(
    "a Set-Cookie2 of Version 1 is no RFC 2109 cookie",
    got(WWW, two("a=1; Version=1")),
    policy={**RFC2965, "rfc2109_as_netscape": True},
    has={"version": 1, "rfc2109": False},
)

# Max-Age ----------------------------------------------------------------------------------------------------------

for text, expires, why in [
    ("60", NOW + 60, "seconds from now"),
    ("0060", NOW + 60, "leading zeros do not count"),
    ("1", NOW + 1, "one second is some time"),
    (" 60 ", NOW + 60, "spaces around it go"),
    ("253402300799", 253402300799, "an expiry ends with the year 9999"),
    ("99999999999999999999", 253402300799, "however large the number"),
]:
    case(
        f"Max-Age={text}: {why}",
        got(WWW, f"a=1; Max-Age={text}"),
        has={"expires": expires, "discard": False},
        shows="numbers" if expires == 253402300799 else (),
    )
case(
    "the largest Max-Age that fits is kept",
    got(WWW, f"a=1; Max-Age={253402300799 - NOW}"),
    has={"expires": 253402300799},
)
for text in ("0", "-1", "-0", "-99999999"):
    case(f"Max-Age={text} deletes", got(WWW, "a=1"), got(WWW, f"a=1; Max-Age={text}"), keeps="")
case("a Max-Age far below zero deletes", got(WWW, "a=1"), got(WWW, "a=1; Max-Age=-99999999999999999999999"), keeps="")
for text in ("", "x", "60x", "1e3", "1.5", '"60"', "- 1", "--1", "60 60"):
    case(f"Max-Age={text} is no number and refuses the cookie", got(WWW, f"a=1; Max-Age={text}", "b=2"), keeps="b")
for text in ("+60", "6_0", "+0"):
    case(
        f"our rule refuses Max-Age={text}: only digits and a minus are a number",
        got(WWW, "a=0"),
        got(WWW, f"a=1; Max-Age={text}"),
        shows="numbers",
        has={"value": "0", "expires": None},
    )
case(
    "our rule refuses a Max-Age with an inner space after quotes",
    got(WWW, two('a=1; Version=1; Max-Age=" 60"')),
    policy=RFC2965,
    shows="numbers",
    keeps="",
)
case("a superscript digit is no digit", got(WWW, "a=1; Max-Age=6\xb2"), keeps="")
case(
    "Set-Cookie2's quoted Max-Age is a number",
    got(WWW, two('a=1; Version=1; Max-Age="60"')),
    policy=RFC2965,
    has={"expires": NOW + 60},
)
case("the last of two Max-Ages counts", got(WWW, "a=1; Max-Age=60; Max-Age=70"), has={"expires": NOW + 70})
case("a bad Max-Age behind a good one refuses", got(WWW, "a=1; Max-Age=60; Max-Age=x"), keeps="")
case(
    "Max-Age beats an Expires before it",
    got(WWW, "a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT; Max-Age=60"),
    has={"expires": NOW + 60},
)
case(
    "Max-Age beats an Expires behind it",
    got(WWW, "a=1; Max-Age=60; Expires=Wed, 01 Jan 2031 00:00:00 GMT"),
    has={"expires": NOW + 60},
)
case(
    "Max-Age beats an Expires in the past",
    got(WWW, "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60"),
    has={"expires": NOW + 60},
)

# Expires ----------------------------------------------------------------------------------------------------------

NOON = 1893499200  # Tue, 01 Jan 2030 12:00:00 GMT
for text, expires, why in [
    ("Tue, 01 Jan 2030 12:00:00 GMT", NOON, "the HTTP form"),
    ("Tuesday, 01-Jan-30 12:00:00 GMT", NOON, "RFC 850's form"),
    ("Tue, 01-Jan-2030 12:00:00 GMT", NOON, "Netscape's form"),
    ("01 Jan 2030 12:00:00 GMT", NOON, "no weekday"),
    ("01-Jan-30 12:00:00 GMT", NOON, "a two-digit year"),
    ("01 Jan 2030 12:00", NOON, "no seconds and no zone"),
    ("01 Jan 2030", NOON - 43200, "no time"),
    ("01/Jan/2030:12:00:00 +0100", NOON - 3600, "the form of log files"),
    ("01-01-2030 12:00:00", NOON, "a month in digits"),
    ("Tue, 01 Jan 2030 12:00:00 -0800", NOON + 28800, "a zone west"),
    ("Tue, 01 Jan 2030 12:00:00 +0130", NOON - 5400, "a zone with minutes"),
    ("Tue, 01 Jan 2030 12:00:00 utc", NOON, "a zone in small letters"),
    ("Tue, 01 Jan 2030 12:00:00 Z", NOON, "the zone Z"),
    ("Tue, 01 Jan 2030 12:00:00 800", NOON - 28800, "a zone of three digits"),
    ("Tue, 01 Jan 2030 12:00:00 GMT (GMT)", NOON, "a zone in parentheses"),
    ('"Tue, 01 Jan 2030 12:00:00 GMT"', NOON, "quotes around it"),
    ('"Tue, 01 Jan 2030 12:00:00 GMT', NOON, "a quote before it"),
    ("tue 01 jan 2030 12:00:00 gmt", NOON, "small letters"),
    ("TUE, 01 JAN 2030 12:00:00 GMT", NOON, "capitals"),
    ("01 Jan 2030 24:00:00", NOON + 43200, "hour 24 is the next day's first"),
    ("01 Jan 2030 11:59:60", NOON, "a leap second carries"),
    ("01 Jan 2030 11:59:61", NOON + 1, "a second leap second carries"),
    ("Tue, 1 Jan 2030 9:01:02 GMT", NOON - 10738, "a one-digit day and hour"),
    ("29 Feb 2028 00:00:00", 1835395200, "a leap day that exists"),
    ("01 Jan 00 10:00:00 +2400", None, "a date in the past"),
    ("Thu, 01 Jan 1970 00:00:00 GMT", None, "the epoch is past"),
    ("01 Jan 69 00:00:00", 3124224000, "69 is 2069"),
    ("01 Jan 99 00:00:00", None, "99 is 1999"),
    ("Fri, 31 Dec 9999 23:59:59 GMT", 253402300799, "the last second of 9999"),
]:
    case(
        f"Expires, {why}: {text}",
        got(WWW, f"a=1; Expires={text}"),
        **({"keeps": ""} if expires is None else {"has": {"expires": expires, "discard": False}}),
    )
for text, expires, why in [
    ("Tue Jan  1 12:00:00 2030", NOON, "asctime's form"),
    ("Tue Jan 01 2030 12:00:00 GMT+0100 (CET)", NOON, "JavaScript's form, whose zone RFC 6265 does not read"),
    ("01 January 2030 12:00:00 GMT", NOON, "a long month name"),
    ("1 Sept 2030 12:00:00", 1914494400, "a month name of four letters"),
    ("Tue, 01 Jan 2030 12:00:00 EST", NOON, "a zone that is no zone to us"),
    ("Tue, 01 Jan 2030 12:00:00 GMT junk", NOON, "trailing junk"),
    ("1 Jan 2030 9:1:2", NOON - 10738, "one-digit fields"),
    ("12:00:00 01 Jan 2030", NOON, "the time first"),
    ("2030 Jan 1 12:00:00", NOON, "the year first"),
    ("1st Jan 2030 12:00:00", NOON, "a day with a tail"),
    ("01_Jan_2030_12:00:00", NOON, "underscores"),
    ("Tue, 01 Jan 2030 12:00:00x", NOON, "a tail at the seconds"),
    ("Tue, 01 Jan 2030 12:00:00 -8", NOON, "a zone of one digit"),
    ("Jan 1 30 12:00:00", NOON, "a two-digit year behind the day"),
    ("Tue, 01 Jan 0030 12:00:00 GMT", NOON, "a year by its value"),
    ("01 Jan 73 00:00:00", None, "73 is 1973"),
    ("01 Jan 1969 00:00:00", None, "a date before 1970 is past"),
    ("Mon, 01 Jan 1601 00:00:00 GMT", None, "a year of long ago is past"),
    ("01 Jan 1000 00:00:00", None, "the year 1000 is readable"),
]:
    case(
        f"our Expires, {why}: {text}",
        got(WWW, "a=0"),
        got(WWW, f"a=1; Expires={text}"),
        shows="dates",
        **({"keeps": ""} if expires is None else {"has": {"value": "1", "expires": expires, "discard": False}}),
    )
for text in (
    "",
    "0",
    "never",
    "Tue, 01 Jan 2030 25:00:00 GMT",
    "Tue, 01 Jan 2030 12:60:00 GMT",
    "00 Jan 2030 12:00:00",
    "32 Jan 2030 12:00:00",
    "01 Foo 2030 12:00:00",
    "01 13 2030 12:00:00",
    "01 Jan 10000 00:00:00",
    "01 Jan",
    "01 Jan 2030 10:00 PM",
    "19940203T141529Z",
    "2030-01-01T12:00:00Z",
):
    case(
        f"an unreadable Expires makes a session cookie: {text}",
        got(WWW, f"a=1; Expires={text}"),
        has={"expires": None, "discard": True},
    )
for text in (
    "Wed, 31 Feb 2030 00:00:00 GMT",
    "30 Feb 2032 00:00:00",
    "29 Feb 2030 00:00:00",
    "31 Apr 2030",
    "09 Feb 123",
    "01 1_0 2030",
):
    case(
        f"our unreadable Expires, a day or year that does not exist: {text}",
        got(WWW, f"a=1; Expires={text}"),
        shows="dates",
        has={"expires": None, "discard": True},
    )
case(
    "an Expires that is unreadable is passed over for a later one",
    got(WWW, "a=1; Expires=x; Expires=Tue, 01 Jan 2030 12:00:00 GMT"),
    has={"expires": NOON},
)
case(
    "the first readable Expires counts",
    got(WWW, "a=1; Expires=Tue, 01 Jan 2030 12:00:00 GMT; Expires=02 Jan 2030"),
    has={"expires": NOON},
)
case("Expires without a value makes a session cookie", got(WWW, "a=1; Expires"), has={"expires": None, "discard": True})
case(
    "an Expires at this very second is past",
    got(WWW, "a=0"),
    got(WWW, "a=1; Expires=Tue, 14 Nov 2023 22:13:20 GMT"),
    keeps="",
)
case(
    "an Expires in the next second is not past",
    got(WWW, "a=1; Expires=Tue, 14 Nov 2023 22:13:21 GMT"),
    has={"expires": NOW + 1},
)

# Secure, Discard, HttpOnly ----------------------------------------------------------------------------------------

for text in ("Secure", "secure", "SECURE", "Secure=1", "Secure=false"):
    case(
        f"{text} is Secure",
        got("https://acme.com/", f"a=1; {text}"),
        ask("http://acme.com/"),
        ask("https://acme.com/"),
        has={"secure": True},
        headers=[None, "a=1"],
    )
for text in ("Secure=", "secure = ", "SECURE="):
    case(
        f"by our rule {text!r} is Secure too",
        got("https://acme.com/", f"a=1; {text}"),
        ask("http://acme.com/"),
        shows="secure",
        sends=None,
        has={"secure": True},
    )
case(
    "by our rule an empty Secure of Set-Cookie2 is Secure",
    got("https://acme.com/", two('a=1; Version=1; Secure=""')),
    policy=RFC2965,
    shows="secure",
    has={"secure": True},
)
case("an attribute called Secured is not Secure", got(WWW, "a=1; Secured"), has={"secure": False})
case("http may set a Secure cookie, and may not have it", got(WWW, "a=1; Secure"), ask(WWW), keeps="a", sends=None)
case(
    "http may replace a Secure cookie",
    got("https://acme.com/", "a=1; Secure"),
    got("http://acme.com/", "a=2"),
    ask("http://acme.com/"),
    sends="a=2",
)
for protocols, url, sent in [
    (["https", "wss"], "wss", True),
    (["https"], "wss", False),
    (["http"], "http", True),
    ([], "https", False),
    (["http"], "https", False),
]:
    case(
        f"a Secure cookie to {url} with secure_protocols {protocols}",
        got(f"{url}://acme.com/", "a=1; Secure"),
        ask(f"{url}://acme.com/"),
        policy={"secure_protocols": protocols},
        sends="a=1" if sent else None,
    )
case(
    "a Secure cookie goes to wss by default",
    got("https://acme.com/", "a=1; Secure"),
    ask("wss://acme.com/"),
    sends="a=1",
)
case("a Secure cookie does not go to ws", got("https://acme.com/", "a=1; Secure"), ask("ws://acme.com/"), sends=None)
for text, discard in [("Discard", True), ("Discard=x", True), ("DISCARD", True), ("Discard=", False)]:
    case(
        f"{text!r} beside a Max-Age",
        got(WWW, f"a=1; Max-Age=60; {text}"),
        has={"discard": discard, "expires": NOW + 60},
    )
case("a session cookie is discarded whatever Discard says", got(WWW, "a=1; Discard="), has={"discard": True})
case("the first of Discard= and Discard counts", got(WWW, "a=1; Max-Age=60; Discard=; Discard"), has={"discard": False})
case(
    "HttpOnly as usually spelled is found",
    got(WWW, "a=1; HttpOnly"),
    has={"http_only": True, "rest": {"HttpOnly": None}},
)
for text in ("httponly", "HTTPOnly", "HTTPONLY", "hTTPoNLY="):
    case(f"our rule finds {text} without case", got(WWW, f"a=1; {text}"), shows="httponly", has={"http_only": True})
case("a cookie without HttpOnly has none", got(WWW, "a=1; HttpOnlyX"), has={"http_only": False})
case(
    "HttpOnly= is HttpOnly and keeps its empty value",
    got(WWW, "a=1; HttpOnly="),
    has={"http_only": True, "rest": {"HttpOnly": ""}},
)

# Path -------------------------------------------------------------------------------------------------------------

for url, default, default2 in [
    ("http://acme.com", "/", "/"),
    ("http://acme.com/", "/", "/"),
    ("http://acme.com/a", "/", "/"),
    ("http://acme.com/a/", "/a", "/a/"),
    ("http://acme.com/a/b", "/a", "/a/"),
    ("http://acme.com/a/b?q=/c/d", "/a", "/a/"),
    ("http://acme.com/a//b", "/a/", "/a//"),
    ("http://acme.com/%7ea/b", "/%7Ea", "/%7Ea/"),
    ("http://acme.com/a;p=/b", "/a;p=", "/a;p=/"),
]:
    case(f"the default path of {url}", got(url, "a=1"), has={"path": default, "path_specified": False})
    case(
        f"the default path of {url} for version 1",
        got(url, two("a=1; Version=1")),
        policy=RFC2965,
        has={"path": default2, "path_specified": False},
    )
for text, path, why in [
    ("/a", "/a", "is taken as it is"),
    ("/a/", "/a/", "keeps its last slash"),
    ("/", "/", "is the root"),
    ("/a b", "/a%20b", "has its space escaped"),
    ("/%7efoo", "/%7Efoo", "has its escapes in capitals"),
    ("/%zz", "/%zz", "keeps what is no escape"),
    ("/a|b", "/a%7Cb", "has odd characters escaped"),
    ("/a?b#c", "/a%3Fb%23c", "has no query"),
    ("/~x!$&'()*+,:@=", "/~x!$&'()*+,:@=", "keeps what is safe"),
    ("/A", "/A", "keeps its case"),
]:
    case(
        f"Path={text} {why}",
        got("http://acme.com/a/b", f"x=1; Path={text}"),
        has={"path": path, "path_specified": True},
    )
for text, path, why in [
    ("a", "/a", "without a slash"),
    ('"/"', "/a", "in quotes"),
    ("a/b", "/a", "without a slash at its front"),
    ("%2Fa", "/a", "with an escaped slash"),
]:
    case(
        f"by our rule a Path {why} counts as none: {text}",
        got("http://acme.com/a/b", f"x=1; Path={text}"),
        shows="path",
        has={"path": path, "path_specified": False},
    )
for text, path, why in [
    ("/\xe9", "/%E9", "a single byte"),
    ("/" + bytes_of("é"), "/%C3%A9", "two bytes of UTF-8"),
    ("/\xff/%e9", "/%FF/%E9", "a byte and an escape"),
]:
    case(
        f"our rule escapes the bytes of a Path once, {why}",
        got(WWW, f"x=1; Path={text}"),
        shows="path",
        has={"path": path},
    )
case(
    "a Path of UTF-8 bytes matches the same URL path",
    got("http://acme.com/é/x", "a=1; Path=/" + bytes_of("é")),
    ask("http://acme.com/é/x"),
    shows="path",
    sends="a=1",
)
case(
    "an empty Path counts as none",
    got("http://acme.com/a/b", "x=1; Path="),
    has={"path": "/a", "path_specified": False},
)
case(
    "an empty Path of Set-Cookie2 counts as none",
    got("http://acme.com/a/b", two('x=1; Version=1; Path=""')),
    policy=RFC2965,
    has={"path": "/a/", "path_specified": False},
)
case("a Path without a value refuses the cookie", got(WWW, "a=1; Path", "b=2"), keeps="b")
case(
    "by our rule a Path of Set-Cookie2 without a slash counts as none",
    got("http://acme.com/a/b", two("x=1; Version=1; Path=a")),
    ask("http://acme.com/a/c"),
    policy=RFC2965,
    shows="path",
    sends="$Version=1; x=1",
)
for path, url, sent in [
    ("/a", "/a", True),
    ("/a", "/a/", True),
    ("/a", "/a/b", True),
    ("/a", "/ab", False),
    ("/a", "/", False),
    ("/a", "/A", False),
    ("/a/", "/a", False),
    ("/a/", "/a/", True),
    ("/a/", "/a/b", True),
    ("/", "/x", True),
    ("/", "", True),
    ("/a", "/a?b", True),
    ("/a", "/a;b", False),
    ("/%7Ex", "/%7ex/y", True),
    ("/~x", "/%7Ex", False),
    ("/a%20b", "/a%20b", True),
]:
    case(
        f"a cookie of path {path} to a request for {url or 'no path'}",
        got("http://acme.com/", f"x=1; Path={path}"),
        ask(f"http://acme.com{url}"),
        sends="x=1" if sent else None,
    )
case("a Netscape cookie may be set for a path elsewhere", got("http://acme.com/a", "x=1; Path=/b"), keeps="x")
case(
    "strict_ns_set_path refuses a Netscape path elsewhere",
    got("http://acme.com/a", "x=1; Path=/b", "y=2; Path=/a"),
    policy={"strict_ns_set_path": True},
    keeps="y",
)
case(
    "strict_ns_set_path does not speak of a default path",
    got("http://acme.com/a/b", "x=1"),
    policy={"strict_ns_set_path": True},
    keeps="x",
)
case(
    "a version 1 cookie must be of the request's path",
    got("http://acme.com/a", two("x=1; Version=1; Path=/b, y=2; Version=1; Path=/a, z=3; Version=1; Path=/")),
    policy=RFC2965,
    keeps="z y",
)
case(
    "paths are apart: the same name under two paths",
    got(DEEP, "x=1; Path=/a", "x=2; Path=/a/b"),
    ask(DEEP),
    sends="x=2; x=1",
)

# Domain, Netscape -------------------------------------------------------------------------------------------------

for host, domain, stored in [
    ("www.acme.com", "acme.com", ".acme.com"),
    ("www.acme.com", ".acme.com", ".acme.com"),
    ("acme.com", "acme.com", ".acme.com"),
    ("acme.com", ".acme.com", ".acme.com"),
    ("www.acme.com", "www.acme.com", ".www.acme.com"),
    ("www.acme.com", "ACME.Com", ".acme.com"),
    ("a.b.acme.com", ".acme.com", ".acme.com"),
    ("WWW.ACME.com", "acme.com", ".acme.com"),
]:
    case(
        f"{host} may set Domain={domain}",
        got(f"http://{host}/", f"a=1; Domain={domain}"),
        ask(f"http://{host}/"),
        sends="a=1",
        has={"domain": stored, "domain_specified": True, "domain_initial_dot": domain.startswith(".")},
    )
for host, domain in [
    ("www.acme.com", "evil.org"),
    ("www.acme.com", "shop.acme.com"),
    ("acme.com", "www.acme.com"),
    ("www.acme.com", "com"),
    ("www.acme.com", ".com"),
    ("xacme.com", "acme.com"),
    ("www.acme.com", "..acme.com"),
    ("www.acme.com", '"acme.com"'),
    ("www.acme.com", "cme.com"),
    ("www.acme.com", "*.acme.com"),
    ("www.acme.com", "acme.com:80"),
    ("acme.com", "acme.com/"),
]:
    case(f"{host} may not set Domain={domain}", got(f"http://{host}/", f"a=1; Domain={domain}"), keeps="")
case("Domain without a value refuses the cookie", got(WWW, "a=1; Domain", "b=2"), keeps="b")
for url, sent in [
    ("http://acme.com/", True),
    ("http://www.acme.com/", True),
    ("http://a.b.acme.com/", True),
    ("http://xacme.com/", False),
    ("http://acme.com.evil.org/", False),
    ("http://acme.org/", False),
    ("http://com/", False),
    ("http://acme.com:8080/", True),
    ("https://acme.com/", True),
    ("http://ACME.COM/", True),
]:
    case(
        f"a cookie of Domain=acme.com to {url}",
        got(WWW, "a=1; Domain=acme.com"),
        ask(url),
        sends="a=1" if sent else None,
    )
case(
    "a cookie without Domain goes back to its own host only",
    got(ACME, "a=1"),
    ask(WWW),
    form="new",
    shows="host-only",
    sends=None,
)
case(
    "a cookie without Domain goes to hosts below in the python form",
    got(ACME, "a=1"),
    ask(WWW),
    form="python",
    sends="a=1",
)
case(
    "the host-only guard holds at any depth",
    got(ACME, "a=1"),
    ask("http://a.b.c.acme.com/"),
    form="new",
    shows="host-only",
    sends=None,
)
case(
    "the host-only guard leaves the cookie's own host alone",
    got(ACME, "a=1"),
    ask("http://ACME.com:8080/"),
    form="new",
    sends="a=1",
)
case(
    "the host-only guard leaves Domain cookies alone",
    got(ACME, "a=1; Domain=acme.com"),
    ask(WWW),
    form="new",
    sends="a=1",
)
case(
    "the host-only guard holds for version 1, as RFC 2965 does",
    got(ACME, two("a=1; Version=1")),
    ask(WWW),
    policy=RFC2965,
    sends=None,
)
case(
    "the host-only guard holds for dotless hosts under .local",
    got("http://foo.local/", "a=1"),
    ask("http://x.foo.local/"),
    form="new",
    shows="host-only",
    sends=None,
)
case(
    "a host-only cookie and a Domain cookie of one name are two",
    got(ACME, "a=1", "a=2; Domain=acme.com"),
    ask(ACME),
    sends="a=1; a=2",
)

# strict_ns_domain -------------------------------------------------------------------------------------------------

for flags in range(8):
    policy = {"strict_ns_domain": flags}
    case(
        f"strict_ns_domain {flags}: a.b.acme.com sets Domain=acme.com",
        got("http://a.b.acme.com/", "a=1; Domain=acme.com"),
        policy=policy,
        keeps="" if flags & 1 else "a",
    )
    case(
        f"strict_ns_domain {flags}: acme.com sets Domain=acme.com",
        got(ACME, "a=1; Domain=acme.com"),
        policy=policy,
        keeps="" if flags & 4 else "a",
    )
    case(
        f"strict_ns_domain {flags}: a cookie of acme.com to www.acme.com",
        got(ACME, "a=1"),
        ask(WWW),
        policy=policy,
        form="python",
        sends=None if flags & 2 else "a=1",
    )
case("non_domain leaves the own host alone", got(ACME, "a=1"), ask(ACME), policy={"strict_ns_domain": 2}, sends="a=1")
case(
    "non_domain leaves Domain cookies alone",
    got(ACME, "a=1; Domain=acme.com"),
    ask(WWW),
    policy={"strict_ns_domain": 2},
    sends="a=1",
)
case("no_dots allows one label in front", got(WWW, "a=1; Domain=acme.com"), policy={"strict_ns_domain": 1}, keeps="a")
case(
    "no_dots does not speak of cookies without Domain",
    got("http://a.b.acme.com/", "a=1"),
    policy={"strict_ns_domain": 1},
    keeps="a",
)

# strict_domain ----------------------------------------------------------------------------------------------------

for domain, strict, kept in [
    ("co.uk", False, True),
    ("co.uk", True, False),
    (".co.uk", True, False),
    ("CO.uk", True, False),
    ("example.co.uk", True, True),
]:
    case(
        f"strict_domain {strict} and Domain={domain}",
        got("http://example.co.uk/", f"a=1; Domain={domain}"),
        policy={"strict_domain": strict},
        form="python",
        keeps="a" if kept else "",
    )
for label in ("ac", "com", "org", "museum", "eu", "travel"):
    case(
        f"strict_domain knows .{label}.nz",
        got(f"http://x.{label}.nz/", f"a=1; Domain={label}.nz"),
        policy={"strict_domain": True},
        keeps="",
    )
case(
    "strict_domain does not know .geek.nz",
    got("http://x.geek.nz/", "a=1; Domain=geek.nz"),
    policy={"strict_domain": True},
    keeps="a",
)
case(
    "strict_domain speaks of two-letter top levels only",
    got("http://x.co.net/", "a=1; Domain=co.net"),
    policy={"strict_domain": True},
    keeps="a",
)
case(
    "by our rule a trailing dot does not hide a country's second level",
    got("http://x.co.nz./", "a=1; Domain=co.nz."),
    policy={"strict_domain": True},
    shows="host",
    keeps="",
)

# Domain, version 1 ------------------------------------------------------------------------------------------------

for host, domain, kept in [
    ("www.acme.com", ".acme.com", True),
    ("www.acme.com", "acme.com", True),
    ("acme.com", ".acme.com", False),
    ("a.b.acme.com", ".acme.com", False),
    ("a.b.acme.com", ".b.acme.com", True),
    ("www.acme.com", ".com", False),
    ("www.acme.com", ".www.acme.com", False),
    ("foo", ".local", True),
    ("foo", "local", True),
    ("x.foo.local", ".foo.local", True),
]:
    case(
        f"version 1: {host} sets Domain={domain}",
        got(f"http://{host}/", two(f"a=1; Version=1; Domain={domain}")),
        policy=RFC2965,
        keeps="a" if kept else "",
    )
case(
    "version 1: the dotless foo may not set Domain=.foo",
    got("http://foo/", two("a=1; Version=1; Domain=.foo")),
    form="python",
    policy=RFC2965,
    keeps="",
)
case(
    "version 1: foo's own name in Domain makes a host-only cookie",
    got("http://foo/", two("a=1; Version=1; Domain=.foo")),
    ask("http://foo/"),
    form="new",
    policy=RFC2965,
    shows="public-suffixes",
    sends="$Version=1; a=1",
    has={"domain": "foo"},
)
case(
    "version 1: foo.local sets Domain=.local",
    got("http://foo.local/", two("a=1; Version=1; Domain=.local")),
    form="python",
    policy=RFC2965,
    keeps="a",
)
case(
    "version 1: foo.local may not share .local with the hosts without dots",
    got("http://foo.local/", two("a=1; Version=1; Domain=.local")),
    form="new",
    policy=RFC2965,
    shows="public-suffixes",
    keeps="",
)
case(
    "version 1: a Domain cookie goes to a sister host",
    got(WWW, two("a=1; Version=1; Domain=.acme.com")),
    ask("http://shop.acme.com/"),
    policy=RFC2965,
    sends='$Version=1; a=1; $Domain=".acme.com"',
)
case(
    "version 1: a Domain cookie does not go to the bare domain",
    got(WWW, two("a=1; Version=1; Domain=.acme.com")),
    ask(ACME),
    policy=RFC2965,
    sends=None,
)
case(
    "version 1: a Domain cookie goes to deeper hosts",
    got(WWW, two("a=1; Version=1; Domain=.acme.com")),
    ask("http://a.b.acme.com/"),
    policy=RFC2965,
    sends='$Version=1; a=1; $Domain=".acme.com"',
)
case(
    "version 1: a Domain that came without its dot goes out without it",
    got(WWW, two("a=1; Version=1; Domain=acme.com")),
    ask(WWW),
    policy=RFC2965,
    sends='$Version=1; a=1; $Domain="acme.com"',
)
case(
    "version 1: Domain=.local goes to every dotless host",
    got("http://foo/", two("a=1; Version=1; Domain=.local")),
    ask("http://bar/"),
    policy=RFC2965,
    sends='$Version=1; a=1; $Domain=".local"',
)
case(
    "Netscape: Domain=.local goes to every dotless host",
    got("http://foo/", "a=1; Domain=.local"),
    ask("http://bar/"),
    sends="a=1",
)

# domain-match -----------------------------------------------------------------------------------------------------

case(
    "our match begins at a label: xfoo.local does not set Domain=foo",
    got("http://xfoo.local/", "a=1; Domain=foo"),
    shows="domain-match",
    keeps="",
)
case(
    "our match begins at a label: the dotless xfoo does not set Domain=foo",
    got("http://xfoo/", "a=1; Domain=foo"),
    ask("http://foo/"),
    shows="domain-match",
    sends=None,
)
case(
    "our match begins at a label: xa.b.local does not set Domain=a.b",
    got("http://xa.b.local/", "a=1; Domain=a.b"),
    shows="domain-match",
    keeps="",
)
case(
    "our match is at the end: www.acme.com.evil.org is a third party to www.acme.com",
    got("http://www.acme.com.evil.org/", "a=1", **third("www.acme.com")),
    policy={"strict_ns_unverifiable": True},
    shows="domain-match",
    keeps="",
)
case(
    "our match is at the end when returning too",
    got("http://www.acme.com.evil.org/", "a=1"),
    ask("http://www.acme.com.evil.org/", **third("www.acme.com")),
    policy={"strict_ns_unverifiable": True},
    shows="domain-match",
    sends=None,
)
case(
    "by our rule foo.local does not set Domain=foo, which is another host",
    got("http://foo.local/", "a=1; Domain=foo"),
    ask("http://foo/"),
    shows="dotless-hosts",
    keeps="",
)
case(
    "by our rule x.foo.local does not set Domain=foo",
    got("http://x.foo.local/", "a=1; Domain=foo"),
    shows="dotless-hosts",
    keeps="",
)
case(
    "www.acme.com is no third party to shop.acme.com",
    got(WWW, "a=1", **third("shop.acme.com")),
    policy={"strict_ns_unverifiable": True},
    keeps="a",
)

# domain-shape -----------------------------------------------------------------------------------------------------

for text in ("Domain=", "Domain=.", "domain = "):
    case(
        f"by our rule a dotless host may not set {text!r}",
        got("http://foo/", f"a=1; {text}"),
        shows="domain-shape",
        keeps="",
    )
    case(f"a host with dots may not set {text!r}", got(WWW, f"a=1; {text}"), keeps="")
case(
    "by our rule foo.local may not set an empty Domain",
    got("http://foo.local/", "a=1; Domain="),
    shows="domain-shape",
    keeps="",
)
case("a dotless host may not set Domain=..", got("http://foo/", "a=1; Domain=.."), keeps="")

# IP addresses -----------------------------------------------------------------------------------------------------

case(
    "an IPv4 host has its cookies back",
    got("http://1.2.3.4/", "a=1"),
    ask("http://1.2.3.4/"),
    sends="a=1",
    has={"domain": "1.2.3.4"},
)
case("an IPv4 host's cookies go to no other address", got("http://1.2.3.4/", "a=1"), ask("http://5.2.3.4/"), sends=None)
case(
    "an IPv4 host may name itself in Domain",
    got("http://1.2.3.4/", "a=1; Domain=1.2.3.4"),
    ask("http://1.2.3.4/"),
    form="python",
    sends="a=1",
    has={"domain": ".1.2.3.4", "domain_specified": True},
)
for domain in ("1.2.3.4", ".1.2.3.4"):
    case(
        f"an IPv4 host that names itself as {domain} makes a host-only cookie",
        got("http://1.2.3.4/", f"a=1; Domain={domain}"),
        ask("http://1.2.3.4/"),
        form="new",
        shows="public-suffixes",
        sends="a=1",
        has={"domain": "1.2.3.4", "domain_specified": False, "domain_initial_dot": False},
    )
case(
    "an IPv4 host may name itself with a dot",
    got("http://1.2.3.4/", "a=1; Domain=.1.2.3.4"),
    ask("http://1.2.3.4/"),
    form="python",
    sends="a=1",
)
case("an IPv4 host may not name another address", got("http://1.2.3.4/", "a=1; Domain=5.2.3.4"), keeps="")
for domain in ("2.3.4", ".2.3.4", ".3.4", "3.4"):
    case(
        f"by our rule the IPv4 host 1.2.3.4 may not name its tail {domain}",
        got("http://1.2.3.4/", f"a=1; Domain={domain}"),
        ask("http://5.2.3.4/"),
        shows="ip-addresses",
        keeps="",
        sends=None,
    )
case("an IPv4 host may not name its last number", got("http://1.2.3.4/", "a=1; Domain=4"), keeps="")
case(
    "version 1: an IPv4 host may not name itself",
    got("http://1.2.3.4/", two("a=1; Version=1; Domain=1.2.3.4")),
    form="python",
    policy=RFC2965,
    keeps="",
)
case(
    "version 1: an IPv4 host that names itself makes a host-only cookie",
    got("http://1.2.3.4/", two("a=1; Version=1; Domain=1.2.3.4")),
    ask("http://1.2.3.4/"),
    form="new",
    policy=RFC2965,
    shows="public-suffixes",
    sends="$Version=1; a=1",
)
case(
    "version 1: an IPv4 host has its cookies back",
    got("http://1.2.3.4/", two("a=1; Version=1")),
    ask("http://1.2.3.4/"),
    policy=RFC2965,
    sends="$Version=1; a=1",
)
case(
    "no_dots does not speak of IPv4 hosts",
    got("http://1.2.3.4/", "a=1; Domain=1.2.3.4"),
    form="python",
    policy={"strict_ns_domain": 1},
    keeps="a",
)
case(
    "rfc2965_match refuses an IPv4 host's Domain",
    got("http://1.2.3.4/", "a=1; Domain=1.2.3.4"),
    form="python",
    policy={"strict_ns_domain": 4},
    keeps="",
)
case(
    "strict_ns_domain says nothing of an IPv4 host's own name in Domain",
    got("http://1.2.3.4/", "a=1; Domain=1.2.3.4"),
    form="new",
    policy={"strict_ns_domain": 5},
    shows="public-suffixes",
    keeps="a",
    has={"domain": "1.2.3.4"},
)
case(
    "non_domain leaves an IPv4 host's own cookie alone",
    got("http://1.2.3.4/", "a=1"),
    ask("http://1.2.3.4/"),
    policy={"strict_ns_domain": 2},
    sends="a=1",
)
case(
    "by our rule an IPv6 host's cookie is stored under the address",
    got("http://[::1]/", "a=1"),
    ask("http://[::1]/"),
    shows="ip-addresses",
    sends="a=1",
    has={"domain": "[::1]"},
)
case(
    "by our rule an IPv6 host may name itself",
    got("http://[::1]/", "a=1; Domain=[::1]"),
    ask("http://[::1]/"),
    form="python",
    jointly=("ip-addresses", "dotless-hosts"),
    sends="a=1",
    has={"domain": ".[::1]"},
)
for domain in ("::1", ".::1", "0:0::1", "[0:0:0:0:0:0:0:1]", ".[0::1]"):
    case(
        f"by our rule an IPv6 host may name itself in another spelling, {domain}",
        got("http://[::1]/", f"a=1; Domain={domain}"),
        ask("http://[::1]/"),
        shows="ip-addresses",
        sends="a=1",
    )
case(
    "an IPv6 host that names itself makes a host-only cookie",
    got("http://[::1]/", "a=1; Domain=[::1]"),
    ask("http://[::1]/"),
    form="new",
    shows="public-suffixes",
    sends="a=1",
    has={"domain": "[::1]"},
)
case(
    "by our rule an IPv6 host may not set Domain=.local",
    got("http://[::1]/", "a=1; Domain=.local"),
    ask("http://foo/"),
    shows="ip-addresses",
    sends=None,
)
case(
    "by our rule the cookies of an IPv6 host are safe from .local",
    got("http://foo/", "a=1; Domain=.local"),
    ask("http://[::1]/"),
    shows="ip-addresses",
    sends=None,
)
case(
    "an IPv6 host's letters have no case",
    got("http://[2001:DB8::1]/", "a=1"),
    ask("http://[2001:db8::1]/"),
    shows="ip-addresses",
    sends="a=1",
    has={"domain": "[2001:db8::1]"},
)
case(
    "by our rule an IPv6 host's port is found",
    got("http://[::1]:8080/", "a=1; Port"),
    ask("http://[::1]:8080/"),
    shows="ip-addresses",
    sends="a=1",
    has={"port": "8080"},
)
case(
    "by our rule an IPv6 host has a default port",
    got("http://[::1]/", "a=1; Port"),
    shows="ip-addresses",
    has={"port": "80"},
)
case(
    "by our rule version 1 works on an IPv6 host",
    got("http://[::1]/", two("a=1; Version=1")),
    ask("http://[::1]/"),
    policy=RFC2965,
    shows="ip-addresses",
    sends="$Version=1; a=1",
)
case(
    "an IPv4 host is a third party to its neighbour",
    got("http://1.2.3.4/", "a=1", **third("5.2.3.4")),
    policy={"strict_ns_unverifiable": True},
    keeps="",
)
case(
    "an IPv6 host is its own first party",
    got("http://[::1]/", "a=1", **third("[::1]")),
    policy={"strict_ns_unverifiable": True},
    shows="ip-addresses",
    keeps="a",
)
case("a blocked address is blocked", got("http://1.2.3.4/", "a=1"), policy={"blocked_domains": ["1.2.3.4"]}, keeps="")
case(
    "by our rule a blocked address is blocked as a Domain",
    got("http://1.2.3.4/", "a=1; Domain=1.2.3.4"),
    form="python",
    policy={"blocked_domains": ["1.2.3.4"]},
    shows="block-list",
    keeps="",
)
case(
    "a blocked tail of an address blocks nothing",
    got("http://1.2.3.4/", "a=1"),
    policy={"blocked_domains": [".3.4"]},
    keeps="a",
)

# Dotless hosts ----------------------------------------------------------------------------------------------------

case(
    "by our rule localhost's cookie is stored under localhost",
    got("http://localhost/", "a=1"),
    ask("http://localhost/"),
    shows="dotless-hosts",
    sends="a=1",
    has={"domain": "localhost", "domain_specified": False},
)
case(
    "Domain=localhost works on localhost",
    got("http://localhost/", "a=1; Domain=localhost"),
    ask("http://localhost/"),
    form="python",
    shows="dotless-hosts",
    sends="a=1",
    has={"domain": ".localhost"},
)
case(
    "Domain=.localhost works on localhost",
    got("http://localhost/", "a=1; Domain=.localhost"),
    ask("http://localhost/"),
    form="python",
    shows="dotless-hosts",
    sends="a=1",
)
for domain in ("localhost", ".localhost"):
    case(
        f"Domain={domain} makes a host-only cookie of localhost",
        got("http://localhost/", f"a=1; Domain={domain}"),
        ask("http://localhost/"),
        ask("http://app.localhost/"),
        form="new",
        shows="public-suffixes",
        headers=["a=1", None],
        has={"domain": "localhost"},
    )
    case(
        f"a cookie of localhost is one with Domain={domain} and without",
        got("http://localhost/", f"a=1; Domain={domain}"),
        got("http://localhost/", "a=2"),
        ask("http://localhost/"),
        got("http://localhost/", f"a=; Domain={domain}; Max-Age=0"),
        form="new",
        shows="public-suffixes",
        sends="a=2",
        keeps="",
    )
case(
    "a host below localhost may not set Domain=localhost",
    got("http://x.app.localhost/", "a=1; Domain=localhost"),
    keeps="",
)
case(
    "foo.local may not share .local with the hosts without dots",
    got("http://foo.local/", "a=1; Domain=.local"),
    form="new",
    shows="public-suffixes",
    keeps="",
)
case(
    "what a host without dots shares under .local does not go to foo.local",
    got("http://foo/", "a=1; Domain=.local"),
    ask("http://foo.local/"),
    form="new",
    shows="public-suffixes",
    sends=None,
)
case(
    "what a host without dots shares under .local goes to foo.local in the python form",
    got("http://foo/", "a=1; Domain=.local"),
    ask("http://foo.local/"),
    form="python",
    sends="a=1",
)
case(
    "a host without dots may share its effective name",
    got("http://foo/", "a=1; Domain=foo.local"),
    ask("http://foo/"),
    ask("http://x.foo.local/"),
    headers=["a=1", "a=1"],
)
case(
    "a cookie of foo.local goes to the dotless foo",
    got("http://foo.local/", "a=1"),
    ask("http://foo/"),
    sends="a=1",
    has={"domain": "foo.local"},
)
case(
    "by our rule the dotless foo's own cookie takes the place of the one of foo.local",
    got("http://foo.local/", "a=1", "b=1"),
    got("http://foo/", "a=2"),
    ask("http://foo/"),
    shows="dotless-hosts",
    sends="a=2; b=1",
    has={"domain": "foo"},
)
case(
    "the dotless foo deletes the cookie of foo.local",
    got("http://foo.local/", "a=1"),
    got("http://foo/", "a=; Max-Age=0"),
    keeps="",
)
case(
    "by our rule the dotless foo deletes its cookie under both names",
    got("http://foo/", "a=1"),
    got("http://foo.local/", "a=2"),
    got("http://foo/", "a=; Max-Age=0"),
    ask("http://foo/"),
    shows="dotless-hosts",
    keeps="",
    sends=None,
)
case(
    "by our rule foo.local's cookie does not take the place of foo's",
    got("http://foo/", "a=1"),
    got("http://foo.local/", "a=2"),
    ask("http://foo/"),
    ask("http://foo.local/"),
    shows="dotless-hosts",
    headers=["a=1; a=2", "a=2"],
)
case(
    "by our rule foo's cookie takes the place of foo.local's only in the same path",
    got("http://foo.local/", "a=1"),
    got("http://foo/", "a=2; Path=/x"),
    ask("http://foo/x"),
    shows="dotless-hosts",
    sends="a=2; a=1",
)
case(
    "one cookie of localhost, with and without Domain, counts once in a response of both kinds",
    got("http://localhost/", two("a=1; Version=1; Domain=localhost"), "a=2"),
    ask("http://localhost/"),
    form="new",
    policy=RFC2965,
    shows="public-suffixes",
    sends="$Version=1; a=1",
    keeps="a",
)
case(
    "by our rule a cookie of the dotless foo does not go to foo.local",
    got("http://foo/", "a=1"),
    ask("http://foo.local/"),
    shows="dotless-hosts",
    sends=None,
)
case(
    "by our rule a cookie of the dotless foo does not go to bar",
    got("http://foo/", "a=1"),
    ask("http://bar/"),
    shows="dotless-hosts",
    sends=None,
)
case(
    "a dotless host's cookie does not go below it",
    got("http://foo/", "a=1"),
    ask("http://bar.foo/"),
    shows="dotless-hosts",
    sends=None,
)
case(
    "a dotless host's name has no case",
    got("http://FOO/", "a=1"),
    ask("http://foo/"),
    shows="dotless-hosts",
    sends="a=1",
    has={"domain": "foo"},
)
case(
    "version 1: a dotless host has its cookies back",
    got("http://foo/", two("a=1; Version=1")),
    ask("http://foo/"),
    policy=RFC2965,
    shows="dotless-hosts",
    sends="$Version=1; a=1",
)
case(
    "non_domain knows a dotless host by its own name",
    got("http://foo/", "a=1"),
    ask("http://foo/"),
    policy={"strict_ns_domain": 2},
    shows="dotless-hosts",
    sends="a=1",
)
case(
    "non_domain knows a dotless host by its effective name",
    got("http://foo.local/", "a=1"),
    ask("http://foo/"),
    policy={"strict_ns_domain": 2},
    sends="a=1",
)
for entry, kept in [("foo", False), ("foo.local", False), (".local", False), (".foo", True), ("bar", True)]:
    case(
        f"a dotless host with {entry} blocked",
        got("http://foo/", "a=1"),
        policy={"blocked_domains": [entry]},
        keeps="a" if kept else "",
        shows="dotless-hosts" if kept or entry == "foo" else (),
    )
for entry, kept in [("foo", True), ("foo.local", True), (".local", True), (".foo", False), ("bar", False)]:
    case(
        f"a dotless host with {entry} allowed",
        got("http://foo/", "a=1"),
        policy={"allowed_domains": [entry]},
        keeps="a" if kept else "",
        shows="dotless-hosts" if kept else (),
    )
case("Domain=foo is refused on a host that is not dotless", got("http://x.foo/", "a=1; Domain=foo"), keeps="")
case("Domain=bar is refused on the dotless foo", got("http://foo/", "a=1; Domain=bar"), keeps="")

# Hosts ------------------------------------------------------------------------------------------------------------

case(
    "by our rule user info is no part of the host",
    got("http://user:secret@acme.com/", "a=1"),
    ask(ACME),
    shows="host",
    sends="a=1",
    has={"domain": "acme.com"},
)
case(
    "by our rule user info does not hide the port",
    got("http://user:secret@acme.com:8080/", "a=1; Port=8080"),
    shows="host",
    keeps="a",
)
case(
    "by our rule user info does not make an origin",
    got("http://u@acme.com/", "a=1", unverifiable=True),
    policy={"strict_ns_unverifiable": True},
    shows="host",
    has={"domain": "acme.com"},
)
case(
    "a port is no part of the host",
    got("http://acme.com:8080/", "a=1"),
    ask("http://acme.com:9090/"),
    sends="a=1",
    has={"domain": "acme.com"},
)
case("a host has no case", got("http://Www.ACME.com/", "a=1"), ask(WWW), sends="a=1", has={"domain": "www.acme.com"})
case(
    "by our rule an international name is its ASCII form",
    got("http://bücher.example/", "a=1"),
    ask("http://xn--bcher-kva.example/"),
    shows="host",
    sends="a=1",
    has={"domain": "xn--bcher-kva.example"},
)
case(
    "by our rule a Domain in UTF-8 is its ASCII form",
    got("http://www.xn--bcher-kva.example/", "a=1; Domain=" + bytes_of("Bücher.example")),
    shows="host",
    has={"domain": ".xn--bcher-kva.example"},
)
case(
    "a Domain in ASCII form matches",
    got("http://www.xn--bcher-kva.example/", "a=1; Domain=XN--bcher-kva.example"),
    has={"domain": ".xn--bcher-kva.example"},
)
case(
    "a Domain that is no UTF-8 matches nothing",
    got("http://www.xn--bcher-kva.example/", "a=1; Domain=b\xfccher.example"),
    keeps="",
)
case(
    "a trailing dot makes another host",
    got("http://acme.com./", "a=1"),
    ask(ACME),
    sends=None,
    has={"domain": "acme.com."},
)
case(
    "a host with a trailing dot has its cookies back",
    got("http://acme.com./", "a=1"),
    ask("http://acme.com./"),
    sends="a=1",
)
case(
    "a host with a trailing dot may set its own domain",
    got("http://www.acme.com./", "a=1; Domain=acme.com."),
    ask("http://acme.com./"),
    sends="a=1",
)
case(
    "a host with a trailing dot may not set the domain without",
    got("http://www.acme.com./", "a=1; Domain=acme.com"),
    keeps="",
)
case("a host without a trailing dot may not set the domain with one", got(WWW, "a=1; Domain=acme.com."), keeps="")
case(
    "by our rule a trailing dot does not make a top level a domain",
    got("http://acme.com./", "a=1; Domain=com."),
    form="python",
    shows="host",
    keeps="",
)
case(
    "by our rule a trailing dot is no embedded dot of a dotless name",
    got("http://foo./", "a=1; Domain=foo."),
    form="python",
    shows="host",
    keeps="",
)
case(
    "a dotless name with a trailing dot that names itself makes a host-only cookie",
    got("http://foo./", "a=1; Domain=foo."),
    form="new",
    keeps="a",
    shows="public-suffixes",
    has={"domain": "foo."},
)
case(
    "a dotless name with a trailing dot has no .local name",
    got("http://foo./", "a=1"),
    ask("http://foo./"),
    ask("http://foo/"),
    headers=["a=1", None],
)
for url in ("file:///x", "data:,x", "mailto:a@b"):
    case(
        f"by our rule {url} has no cookies to set",
        got(url, "a=1; Path=/"),
        ask("http://foo/"),
        shows="host",
        keeps="",
        sends=None,
    )
case(
    "by our rule file:///x gets no cookies",
    got("http://foo/", "a=1; Domain=.local"),
    ask("file:///x"),
    policy=RFC2965,
    shows="host",
    sends=None,
    sends2=None,
)

# Ports ------------------------------------------------------------------------------------------------------------

for url, port in [
    ("http://acme.com/", "80"),
    ("http://acme.com:80/", "80"),
    ("http://acme.com:8080/", "8080"),
    ("https://acme.com:443/", "443"),
    ("ws://acme.com/", "80"),
    ("https://acme.com:80/", "80"),
]:
    case(
        f"Port without a value is the port of {url}", got(url, "a=1; Port"), has={"port": port, "port_specified": False}
    )
for url in ("https://acme.com/", "wss://acme.com/"):
    case(
        f"by our rule Port without a value is 443 for {url}",
        got(url, "a=1; Port"),
        shows="default-port",
        has={"port": "443", "port_specified": False},
    )
case(
    "by our rule a Port of 443 fits https",
    got("https://acme.com/", "a=1; Port=443"),
    ask("https://acme.com/"),
    shows="default-port",
    sends="a=1",
)
case(
    "by our rule a Port of 80 does not fit https",
    got("https://acme.com/", "a=1; Port=80"),
    shows="default-port",
    keeps="",
)
case(
    "by our rule https and http have different ports",
    got("https://acme.com/", "a=1; Port"),
    ask("http://acme.com/"),
    shows="default-port",
    sends=None,
)
case(
    "a cookie without Port goes to any port",
    got("http://acme.com:8080/", "a=1"),
    ask("http://acme.com:9090/"),
    sends="a=1",
    has={"port": None, "port_specified": False},
)
for text, kept, why in [
    ("80", True, "is the request's"),
    ("8080,80", True, "has the request's"),
    ("80,x", True, "is not read beyond the match"),
    ("8080", False, "has not the request's"),
    ("x,80", False, "has one that is no number before the match"),
    ("", False, "is empty"),
    ("080", False, "is compared as text"),
    ("8080,,80", False, "has an empty one before the match"),
    ("80,", True, "may end with a comma"),
    ('"80"', False, "is in quotes, which Netscape keeps"),
    (" 80 , 8080 ", True, "may hold spaces"),
    ("8 0", True, "loses its spaces"),
]:
    case(f"a Port of {text!r} {why}", got(WWW, f"a=1; Port={text}"), keeps="a" if kept else "")
for text in ("+80,80", "8_0,80", "-1,80"):
    case(
        f"our rule refuses the Port {text}: only digits are a port",
        got(WWW, f"a=1; Port={text}"),
        shows="numbers",
        keeps="",
    )
case(
    "Set-Cookie2's Port in quotes is a list",
    got(WWW, two('a=1; Version=1; Port="80, 8080"')),
    policy=RFC2965,
    has={"port": "80,8080", "port_specified": True},
)
case(
    "Set-Cookie2's Port of an empty string refuses", got(WWW, two('a=1; Version=1; Port=""')), policy=RFC2965, keeps=""
)
for url, sent in [
    ("http://acme.com:8080/", True),
    ("http://acme.com/", True),
    ("http://acme.com:81/", False),
    ("http://acme.com:808/", False),
]:
    case(
        f"a cookie of Port 80,8080 to {url}",
        got("http://acme.com/", "a=1; Port=80,8080"),
        ask(url),
        sends="a=1" if sent else None,
    )
case(
    "a cookie of Port without a value goes to that port only",
    got("http://acme.com:8080/", "a=1; Port"),
    ask(ACME),
    ask("http://acme.com:8080/"),
    headers=[None, "a=1"],
)
case("the first of two Ports counts", got(WWW, "a=1; Port=80; Port=81"), has={"port": "80"})
case(
    "a Port without a value before one with a value counts",
    got(WWW, "a=1; Port; Port=81"),
    has={"port": "80", "port_specified": False},
)

# Protocol switches ------------------------------------------------------------------------------------------------

for netscape, rfc2965, kept in [(True, False, "n"), (True, True, "n v"), (False, True, "v"), (False, False, "")]:
    case(
        f"netscape {netscape} and rfc2965 {rfc2965} choose the headers",
        got(WWW, "n=1", two("v=1; Version=1")),
        policy={"netscape": netscape, "rfc2965": rfc2965},
        keeps=kept,
    )
case(
    "netscape turned off later withholds",
    got(WWW, "a=1"),
    do("set_policy", policy={"netscape": False}),
    ask(WWW),
    keeps="a",
    sends=None,
)
case(
    "rfc2965 turned off later withholds",
    got(WWW, two("a=1; Version=1")),
    do("set_policy", policy={}),
    ask(WWW),
    policy=RFC2965,
    keeps="a",
    sends=None,
)
case(
    "rfc2965 turned on again returns",
    got(WWW, two("a=1; Version=1")),
    do("set_policy", policy={}),
    do("set_policy", policy=RFC2965),
    ask(WWW),
    policy=RFC2965,
    sends="$Version=1; a=1",
)
case(
    "with netscape off a Set-Cookie2 of Version 0 is refused",
    got(WWW, two("a=1; Version=0")),
    policy={"netscape": False, "rfc2965": True},
    keeps="",
)
case("a Set-Cookie2 alone is not looked at while rfc2965 is off", got(WWW, two("a=1; Version=0")), keeps="")
case(
    "by our rule a Set-Cookie2 of Version 0 is not looked at while rfc2965 is off",
    got(WWW, two("a=1; Version=0"), "b=2"),
    shows="set-cookie2-off",
    keeps="b",
)
case(
    "by our rule a Set-Cookie2 of Version 1 does not delete while rfc2965 is off",
    got(WWW, "a=1; Path=/"),
    got(WWW, two("a=1; Version=1; Path=/; Max-Age=0"), "b=2"),
    jointly=("set-cookie2-off", "deleting"),
    keeps="a b",
)
case(
    "by our rule a Set-Cookie2 of Version 0 does not delete while rfc2965 is off",
    got(WWW, "a=1; Path=/"),
    got(WWW, two("a=1; Version=0; Path=/; Max-Age=0"), "b=2"),
    shows="set-cookie2-off",
    keeps="a b",
)
case(
    "by our rule a Set-Cookie2 of Version 0 does not replace while rfc2965 is off",
    got(WWW, "a=1; Path=/"),
    got(WWW, two("a=2; Version=0; Path=/"), "b=2"),
    ask(WWW),
    shows="set-cookie2-off",
    sends="a=1; b=2",
)
case(
    "a Set-Cookie2 of Version 1 is not accepted while rfc2965 is off", got(WWW, two("a=1; Version=1"), "b=2"), keeps="b"
)

# strict_ns_set_initial_dollar, third parties ----------------------------------------------------------------------

for setting, kept in [(False, "$a b"), (True, "b")]:
    case(
        f"strict_ns_set_initial_dollar {setting}",
        got(WWW, "$a=1", "b=2"),
        policy={"strict_ns_set_initial_dollar": setting},
        keeps=kept,
    )
case(
    "strict_ns_set_initial_dollar does not speak of version 1",
    got(WWW, two("$a=1; Version=1")),
    policy={**RFC2965, "strict_ns_set_initial_dollar": True},
    keeps="$a",
)
case(
    "strict_ns_set_initial_dollar looks at the first character",
    got(WWW, "a$=1"),
    policy={"strict_ns_set_initial_dollar": True},
    keeps="a$",
)
for strict in (True, False):
    case(
        f"strict_rfc2965_unverifiable {strict} at a third party's version 1 cookie",
        got(WWW, two("a=1; Version=1"), **third("evil.org")),
        policy={**RFC2965, "strict_rfc2965_unverifiable": strict},
        keeps="" if strict else "a",
    )
    case(
        f"strict_ns_unverifiable {strict} at a third party's Netscape cookie",
        got(WWW, "a=1", **third("evil.org")),
        policy={"strict_ns_unverifiable": strict},
        keeps="" if strict else "a",
    )
    case(
        f"strict_rfc2965_unverifiable {strict} when returning",
        got(WWW, two("a=1; Version=1")),
        ask(WWW, **third("evil.org")),
        policy={**RFC2965, "strict_rfc2965_unverifiable": strict},
        sends=None if strict else "$Version=1; a=1",
    )
    case(
        f"strict_ns_unverifiable {strict} when returning",
        got(WWW, "a=1"),
        ask(WWW, **third("evil.org")),
        policy={"strict_ns_unverifiable": strict},
        sends=None if strict else "a=1",
    )
case(
    "with strict_rfc2965_unverifiable off strict_ns_unverifiable still speaks",
    got(WWW, "a=1", two("b=1; Version=1"), **third("evil.org")),
    policy={**RFC2965, "strict_rfc2965_unverifiable": False, "strict_ns_unverifiable": True},
    keeps="b",
)
STRICT = {"strict_ns_unverifiable": True}
for host, origin, kept in [
    ("www.acme.com", "www.acme.com", True),
    ("shop.acme.com", "www.acme.com", True),
    ("acme.com", "www.acme.com", False),
    ("www.acme.com", "acme.com", False),
    ("acme.com", "acme.com", True),
    ("a.b.acme.com", "www.acme.com", True),
    ("foo.local", "bar.local", True),
    ("evil.org", "acme.org", False),
    ("www.acme.com", "WWW.ACME.COM", True),
]:
    case(
        f"an unverifiable transaction of {origin} with {host}",
        got(f"http://{host}/", "a=1", **third(origin)),
        policy=STRICT,
        keeps="a" if kept else "",
    )
case("a verifiable transaction asks nobody", got(WWW, "a=1", origin="evil.org"), policy=STRICT, keeps="a")
case(
    "an unverifiable transaction without an origin is its own first party",
    got(WWW, "a=1", unverifiable=True),
    policy=STRICT,
    keeps="a",
)
case("two dotless hosts are strangers", got("http://foo/", "a=1", **third("bar")), policy=STRICT, keeps="")
case(
    "a host with a trailing dot has no reach",
    got("http://www.acme.com./", "a=1", **third("shop.acme.com.")),
    policy=STRICT,
    keeps="",
)
case(
    "by our rule an origin's letters have no case",
    got("http://foo.local/", "a=1", **third("BAR.LOCAL")),
    policy=STRICT,
    shows="host",
    keeps="a",
)

# Block and allow lists --------------------------------------------------------------------------------------------

for entry, stored, why in [
    ("acme.com", False, "the name itself"),
    ("ACME.com", False, "no case"),
    (".com", False, "all below a domain"),
    ("www.acme.com", True, "another name"),
    (".acme.com", True, "a dotted entry is not the host-only name"),
    ("cme.com", True, "no part of a label"),
    ("com", True, "no name below an undotted entry"),
]:
    case(
        f"blocked {entry} and a cookie of acme.com: {why}",
        got(ACME, "a=1"),
        policy={"blocked_domains": [entry]},
        keeps="a" if stored else "",
    )
case(
    "blocked .acme.com and a cookie of www.acme.com",
    got(WWW, "a=1"),
    policy={"blocked_domains": [".acme.com"]},
    keeps="",
)
case(
    "blocked .acme.com and a Domain cookie",
    got(WWW, "a=1; Domain=acme.com"),
    policy={"blocked_domains": [".acme.com"]},
    keeps="",
)
for where in (ACME, WWW):
    case(
        f"by our rule blocked acme.com is the Domain cookie too, from {where}",
        got(where, "a=1; Domain=acme.com"),
        policy={"blocked_domains": ["acme.com"]},
        shows="block-list",
        keeps="",
    )
case(
    "by our rule the blocked name has no case as Domain",
    got(WWW, "a=1; Domain=acme.com"),
    policy={"blocked_domains": ["Acme.COM"]},
    shows="block-list",
    keeps="",
)
case(
    "by our rule a Domain cookie is withheld when its name is blocked later",
    got(WWW, "a=1; Domain=acme.com"),
    do("set_policy", policy={"blocked_domains": ["acme.com"]}),
    ask(WWW),
    shows="block-list",
    sends=None,
)
case("blocked acme.com leaves hosts below alone", got(WWW, "a=1"), policy={"blocked_domains": ["acme.com"]}, keeps="a")
case(
    "blocked acme.com leaves deeper Domain cookies alone",
    got(WWW, "a=1; Domain=www.acme.com"),
    policy={"blocked_domains": ["acme.com"]},
    keeps="a",
)
case(
    "a host blocked later has nothing back",
    got(ACME, "a=1"),
    do("set_policy", policy={"blocked_domains": ["acme.com"]}),
    ask(ACME),
    sends=None,
    keeps="a",
)
case("an empty block list blocks nothing", got(ACME, "a=1"), policy={"blocked_domains": []}, keeps="a")
case(
    "each entry of a block list counts",
    got(ACME, "a=1"),
    got(WWW, "b=1"),
    policy={"blocked_domains": ["evil.org", "acme.com"]},
    keeps="b",
)
for entry, stored in [
    ("acme.com", True),
    ("ACME.COM", True),
    (".com", True),
    (".acme.com", False),
    ("www.acme.com", False),
    ("com", False),
]:
    case(
        f"allowed {entry} and a cookie of acme.com",
        got(ACME, "a=1"),
        ask(ACME),
        policy={"allowed_domains": [entry]},
        sends="a=1" if stored else None,
    )
case(
    "allowed acme.com is not the Domain cookie",
    got(ACME, "a=1; Domain=acme.com"),
    policy={"allowed_domains": ["acme.com"]},
    keeps="",
)
case(
    "allowed .acme.com is the Domain cookie and all below",
    got(WWW, "a=1; Domain=acme.com", "b=1"),
    policy={"allowed_domains": [".acme.com"]},
    keeps="a b",
)
case("an empty allow list allows nothing", got(ACME, "a=1"), policy={"allowed_domains": []}, keeps="")
case("no allow list allows all", got(ACME, "a=1"), policy={"allowed_domains": None}, keeps="a")
case(
    "the allow list speaks when returning",
    got(ACME, "a=1"),
    do("set_policy", policy={"allowed_domains": ["evil.org"]}),
    ask(ACME),
    sends=None,
)
case(
    "a name both blocked and allowed is blocked",
    got(ACME, "a=1"),
    policy={"allowed_domains": ["acme.com"], "blocked_domains": ["acme.com"]},
    keeps="",
)
case(
    "a blocked name with a trailing dot is another name",
    got(ACME, "a=1"),
    policy={"blocked_domains": ["acme.com."]},
    keeps="a",
)

# Order ------------------------------------------------------------------------------------------------------------

case(
    "the longest path goes first",
    got(DEEP, "a=1; Path=/", "b=2; Path=/a/b", "c=3; Path=/a"),
    ask(DEEP),
    sends="b=2; c=3; a=1",
)
case(
    "paths of one length go by age",
    got(DEEP, "a=1; Path=/a", "b=2; Path=/a", "c=3; Path=/a"),
    ask(DEEP),
    sends="a=1; b=2; c=3",
)
case(
    "by our rule age goes over domains",
    got(WWW, "a=1", "b=2; Domain=acme.com", "c=3"),
    ask(WWW),
    shows="order",
    sends="a=1; b=2; c=3",
)
case(
    "by our rule age goes over paths",
    got(DEEP, "a=1; Path=/", "b=2; Path=/a", "c=3; Path=/", "d=4; Path=/a"),
    got(DEEP, "e=5; Path=/a/b/c/"),
    ask("http://www.acme.com/a/b/c/"),
    sends="e=5; b=2; d=4; a=1; c=3",
)
case(
    "by our rule a host's second domain does not lose its turn",
    got(WWW, "b=2; Domain=acme.com"),
    got(WWW, "a=1"),
    got(WWW, "c=3; Domain=acme.com"),
    ask(WWW),
    shows="order",
    sends="b=2; a=1; c=3",
)
case(
    "by our rule age goes over a default and a specified root",
    got(WWW, "a=1; Domain=www.acme.com", "b=2", "c=3; Domain=www.acme.com"),
    ask(WWW),
    shows="order",
    sends="a=1; b=2; c=3",
)
case("overwriting keeps the place", got(WWW, "a=1", "b=2"), got(WWW, "a=3"), ask(WWW), sends="a=3; b=2")
case(
    "removing loses the place",
    got(WWW, "a=1", "b=2"),
    do("remove", domain="www.acme.com", path="/", name="a"),
    got(WWW, "a=3"),
    ask(WWW),
    sends="b=2; a=3",
)
case(
    "deleting loses the place",
    got(WWW, "a=1", "b=2"),
    got(WWW, "a=x; Max-Age=0"),
    got(WWW, "a=3"),
    ask(WWW),
    sends="b=2; a=3",
)
case(
    "by our rule what was emptied loses its place",
    got(WWW, "a=1"),
    got(WWW, "b=2; Domain=acme.com"),
    do("remove", domain="www.acme.com", path="/", name="a"),
    got(WWW, "a=3"),
    ask(WWW),
    jointly=("order", "emptied-buckets"),
    sends="b=2; a=3",
)

# The Cookie header ------------------------------------------------------------------------------------------------

case(
    "Netscape cookies go out without attributes",
    got(DEEP, "a=1; Path=/; Domain=acme.com; Port"),
    ask(DEEP),
    sends="a=1",
)
case("a Netscape value goes out as it came", got(WWW, r'a="x\"y; z'), ask(WWW), sends=r'a="x\"y')
case("a cookie without a value goes out as a name", got(WWW, "a"), ask(WWW), sends="a")
case("an empty value goes out with its equals sign", got(WWW, "a="), ask(WWW), sends="a=")
case(
    "version 1: what was specified goes out",
    got("http://www.acme.com/a/b", two('a=1; Version=1; Path=/a; Domain=.acme.com; Port="80,81"')),
    ask("http://www.acme.com/a/c"),
    policy=RFC2965,
    sends='$Version=1; a=1; $Path="/a"; $Domain=".acme.com"; $Port="80,81"',
)
case(
    "version 1: what was not specified does not go out",
    got("http://www.acme.com/a/b", two("a=1; Version=1")),
    ask("http://www.acme.com/a/c"),
    policy=RFC2965,
    sends="$Version=1; a=1",
)
case(
    "version 1: a Port without a value goes out without one",
    got(WWW, two("a=1; Version=1; Port")),
    ask(WWW),
    policy=RFC2965,
    sends="$Version=1; a=1; $Port",
)
case(
    "version 1: a lone name goes out as a name",
    got(WWW, two("a; Version=1")),
    ask(WWW),
    policy=RFC2965,
    sends="$Version=1; a",
)
case(
    "version 1: $Version goes out once",
    got(WWW, two("a=1; Version=1, b=2; Version=1")),
    ask(WWW),
    policy=RFC2965,
    sends="$Version=1; a=1; b=2",
)
case(
    "$Version goes by the first cookie: Netscape first",
    got(DEEP, "n=1; Path=/a/b", two("a=1; Version=1; Path=/a")),
    ask(DEEP),
    policy=RFC2965,
    sends='n=1; a=1; $Path="/a"',
)
case(
    "$Version goes by the first cookie: version 1 first",
    got(DEEP, "n=1; Path=/a", two("a=1; Version=1; Path=/a/b")),
    ask(DEEP),
    policy=RFC2965,
    sends='$Version=1; a=1; $Path="/a/b"; n=1',
)
for value, sent, why in [
    ("1", "1", "a plain word"),
    ("a.b-c", "a.b-c", "other characters"),
    (r'"a\"b"', r"a\"b", "a quote is escaped"),
    (r'"a\\b"', r"a\\b", "a backslash is escaped"),
    ('""', "", "an empty value"),
    ("\xe9", "\xe9", "a byte beyond ASCII"),
    ("a=b", "a=b", "an equals sign"),
]:
    case(
        f"version 1 value without quotes: {why}",
        got(WWW, two(f"a={value}; Version=1")),
        ask(WWW),
        policy=RFC2965,
        sends=f"$Version=1; a={sent}",
    )
for value, sent, why in [
    ('"a b"', '"a b"', "a space"),
    ('"a;b"', '"a;b"', "a semicolon"),
    ('"a,b"', '"a,b"', "a comma"),
    ('"a\tb"', '"a\tb"', "a tab"),
    (r'"a \"b\\"', r'"a \"b\\"', "a space beside a quote and a backslash"),
]:
    case(
        f"our version 1 value in quotes: {why}",
        got(WWW, two(f"a={value}; Version=1")),
        ask(WWW),
        policy=RFC2965,
        shows="version-1-values",
        sends=f"$Version=1; a={sent}",
    )
for value in ('"a;b"', '"=;,"', '"1; admin=1"'):
    case(
        f"our version 0 has no value that would be two cookies: {value}",
        got(WWW, two(f"a={value}; Version=0")),
        ask(WWW),
        policy=RFC2965,
        shows="one-cookie",
        keeps="",
        sends=None,
    )
case(
    "our version 1 has no name that would be two cookies",
    got(WWW, "a,b=1; Version=1"),
    ask(WWW),
    policy=RFC2965,
    shows="one-cookie",
    keeps="",
    sends=None,
)
case(
    "a comma in a name is no matter to Netscape",
    got(WWW, "a,b=1; Version=1"),
    ask(WWW),
    sends="a,b=1",
)
case(
    "our RFC 2109 value with its own quotes and a space",
    got(WWW, 'a="x y"; Version=1'),
    ask(WWW),
    policy=RFC2965,
    shows="version-1-values",
    sends=r'$Version=1; a="\"x y\""',
)
case(
    "an RFC 2109 value that became Netscape's goes out as it came",
    got(WWW, 'a="x y"; Version=1'),
    ask(WWW),
    sends='a="x y"',
)
case("a request that has a Cookie header keeps it", got(WWW, "a=1"), ask(WWW, headers=[["Cookie", "x=y"]]), sends=None)
case("a request whose Cookie header is empty keeps it", got(WWW, "a=1"), ask(WWW, headers=[["cookie", ""]]), sends=None)
case("other headers of a request do not matter", got(WWW, "a=1"), ask(WWW, headers=[["Accept", "*/*"]]), sends="a=1")
case("a request with nothing to send gets no header", ask(WWW), policy=RFC2965, sends=None, sends2=None)

# Cookie2 ----------------------------------------------------------------------------------------------------------

for policy, sent2 in [
    ({}, None),
    (RFC2965, '$Version="1"'),
    ({**RFC2965, "hide_cookie2": True}, None),
    ({**RFC2965, "hide_cookie2": False}, '$Version="1"'),
]:
    case(
        f"Cookie2 beside a Netscape cookie with {policy}",
        got(WWW, "a=1"),
        ask(WWW),
        policy=policy,
        sends="a=1",
        sends2=sent2,
    )
case(
    "no Cookie2 beside cookies of version 1 alone",
    got(WWW, two("a=1; Version=1")),
    ask(WWW),
    policy=RFC2965,
    sends2=None,
)
case(
    "Cookie2 beside a mixture", got(WWW, "n=1", two("a=1; Version=1")), ask(WWW), policy=RFC2965, sends2='$Version="1"'
)
case(
    "no Cookie2 where the request has one",
    got(WWW, "a=1"),
    ask(WWW, headers=[["Cookie2", "x"]]),
    policy=RFC2965,
    sends="a=1",
    sends2=None,
)
case(
    "Cookie2 also where the request has its own Cookie",
    got(WWW, "a=1"),
    ask(WWW, headers=[["Cookie", "x=y"]]),
    policy=RFC2965,
    sends=None,
    sends2='$Version="1"',
)

# Clearing ---------------------------------------------------------------------------------------------------------

TWO_HOSTS = got(WWW, "a=1; Path=/", "b=2; Path=/x"), got("http://evil.org/", "c=3")
case("clear takes all", *TWO_HOSTS, do("clear"), keeps="", answers=["ok"])
case("clear of an empty jar is fine", do("clear"), answers=["ok"])
case("clear_domain takes one domain", *TWO_HOSTS, do("clear_domain", domain="www.acme.com"), keeps="c", answers=["ok"])
case(
    "clear_domain of a strange domain",
    *TWO_HOSTS,
    do("clear_domain", domain="acme.com"),
    keeps="c a b",
    answers=["not found"],
)
case(
    "clear_domain counts the dot",
    got(WWW, "a=1; Domain=acme.com"),
    do("clear_domain", domain="acme.com"),
    do("clear_domain", domain=".acme.com"),
    keeps="",
    answers=["not found", "ok"],
)
case(
    "clear_path takes one path",
    *TWO_HOSTS,
    do("clear_path", domain="www.acme.com", path="/x"),
    keeps="c a",
    answers=["ok"],
)
case(
    "clear_path of a strange path",
    *TWO_HOSTS,
    do("clear_path", domain="www.acme.com", path="/y"),
    answers=["not found"],
)
case(
    "remove takes one cookie",
    *TWO_HOSTS,
    do("remove", domain="www.acme.com", path="/x", name="b"),
    keeps="c a",
    answers=["ok"],
)
case(
    "remove of a strange name",
    *TWO_HOSTS,
    do("remove", domain="www.acme.com", path="/x", name="a"),
    keeps="c a b",
    answers=["not found"],
)
case(
    "remove twice",
    *TWO_HOSTS,
    do("remove", domain="evil.org", path="/", name="c"),
    do("remove", domain="evil.org", path="/", name="c"),
    answers=["ok", "not found"],
)
REMOVE_A = got(WWW, "a=1; Path=/"), do("remove", domain="www.acme.com", path="/", name="a")
case(
    "by our rule a domain is meant in any case",
    *TWO_HOSTS,
    do("clear_domain", domain="WWW.Acme.com"),
    shows="calls",
    keeps="c",
    answers=["ok"],
)
case(
    "by our rule an address is meant in any spelling",
    got("http://[2001:db8::1]/", "a=1; Path=/"),
    do("clear_path", domain="[2001:DB8:0::1]", path="/"),
    shows="calls",
    answers=["ok"],
)
case(
    "by our rule an emptied path is not found",
    *REMOVE_A,
    do("clear_path", domain="www.acme.com", path="/"),
    shows="emptied-buckets",
    answers=["not found"],
)
case(
    "by our rule an emptied domain is not found",
    *REMOVE_A,
    do("clear_domain", domain="www.acme.com"),
    shows="emptied-buckets",
    answers=["not found"],
)
case(
    "by our rule a domain emptied by its path is not found",
    got(WWW, "a=1"),
    do("clear_path", domain="www.acme.com", path="/"),
    do("clear_domain", domain="www.acme.com"),
    shows="emptied-buckets",
    answers=["ok", "not found"],
)
case(
    "by our rule a domain emptied by a server is not found",
    got(WWW, "a=1"),
    got(WWW, "a=1; Max-Age=0"),
    do("clear_domain", domain="www.acme.com"),
    shows="emptied-buckets",
    answers=["not found"],
)
case(
    "a path that lost one of two cookies is found",
    got(WWW, "a=1", "b=2"),
    do("remove", domain="www.acme.com", path="/", name="a"),
    do("clear_path", domain="www.acme.com", path="/"),
    answers=["ok", "ok"],
)
case(
    "a dotless host is cleared by its own name",
    got("http://foo/", "a=1"),
    do("clear_domain", domain="foo"),
    shows="dotless-hosts",
    answers=["ok"],
)
case(
    "clear_session_cookies takes what is discarded",
    got(WWW, "a=1", "b=2; Max-Age=60", "c=3; Max-Age=60; Discard"),
    do("clear_session_cookies"),
    keeps="b",
)
case("clear_session_cookies of an empty jar", do("clear_session_cookies"), keeps="")
case(
    "clear_expired_cookies takes what is expired",
    got(WWW, "a=1", "b=2; Max-Age=60"),
    later(60),
    do("clear_expired_cookies"),
    do("remove", domain="www.acme.com", path="/", name="b"),
    keeps="a",
    answers=["not found"],
)
case(
    "clear_expired_cookies leaves what is not",
    got(WWW, "a=1", "b=2; Max-Age=60"),
    later(59),
    do("clear_expired_cookies"),
    keeps="a b",
)

# Time -------------------------------------------------------------------------------------------------------------

case(
    "a cookie is sent up to its expiry",
    got(WWW, "a=1; Max-Age=60"),
    later(59),
    ask(WWW),
    later(1),
    ask(WWW),
    headers=["a=1", None],
)
case("a session cookie stays while the clock goes", got(WWW, "a=1"), later(10**9), ask(WWW), sends="a=1")
case(
    "overwriting takes the new expiry",
    got(WWW, "a=1; Max-Age=60"),
    got(WWW, "a=1; Max-Age=3600"),
    later(100),
    ask(WWW),
    sends="a=1",
)
case(
    "overwriting without an expiry makes a session cookie",
    got(WWW, "a=1; Max-Age=60"),
    got(WWW, "a=1"),
    later(100),
    ask(WWW),
    sends="a=1",
)
case(
    "by our rule a cookie that comes again after its expiry takes a new place",
    got(WWW, "a=1; Max-Age=60", "b=2"),
    later(60),
    got(WWW, "a=3"),
    ask(WWW),
    shows="expired-cookies",
    sends="b=2; a=3",
)
case(
    "by our rule two that come again take new places in their order",
    got(WWW, "a=1; Max-Age=60", "b=2; Max-Age=60", "c=3"),
    later(61),
    got(WWW, "b=5", "a=4"),
    ask(WWW),
    shows="expired-cookies",
    sends="c=3; b=5; a=4",
)
case(
    "by our rule a new place is taken under a Domain too",
    got(WWW, "a=1; Domain=acme.com; Max-Age=60", "b=2; Domain=acme.com"),
    later(60),
    got(WWW, "a=3; Domain=acme.com"),
    ask(WWW),
    shows="expired-cookies",
    sends="b=2; a=3",
)
case(
    "a cookie that comes again before its expiry keeps its place",
    got(WWW, "a=1; Max-Age=60", "b=2"),
    later(59),
    got(WWW, "a=3"),
    ask(WWW),
    sends="a=3; b=2",
)
case(
    "a request after the expiry makes the place free",
    got(WWW, "a=1; Max-Age=60", "b=2"),
    later(60),
    ask(WWW),
    got(WWW, "a=3"),
    ask(WWW),
    headers=["b=2", "b=2; a=3"],
)

# Deleting ---------------------------------------------------------------------------------------------------------

case(
    "an expired cookie deletes its namesake",
    got(WWW, "a=1", "b=2"),
    got(WWW, "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
    keeps="b",
)
case(
    "an expired cookie of another path deletes nothing",
    got(DEEP, "a=1; Path=/a"),
    got(DEEP, "a=; Path=/; Max-Age=0"),
    keeps="a",
)
case(
    "an expired cookie of another domain deletes nothing",
    got(WWW, "a=1; Domain=acme.com"),
    got(WWW, "a=; Max-Age=0"),
    keeps="a",
)
case("an expired cookie without a namesake is no cookie", got(WWW, "a=; Max-Age=0"), keeps="")
case(
    "by our rule a host may not delete what it may not set",
    got(WWW, "a=1; Domain=acme.com"),
    got("http://evil.org/", "a=; Domain=acme.com; Max-Age=0"),
    ask(WWW),
    shows="deleting",
    sends="a=1",
)
case(
    "by our rule a blocked host deletes nothing",
    got(ACME, "a=1"),
    do("set_policy", policy={"blocked_domains": ["acme.com"]}),
    got(ACME, "a=; Max-Age=0"),
    shows="deleting",
    keeps="a",
)
case(
    "by our rule a third party deletes nothing",
    got(WWW, "a=1"),
    got(WWW, "a=; Max-Age=0", **third("evil.org")),
    policy=STRICT,
    shows="deleting",
    keeps="a",
)
case(
    "by our rule a cookie set and deleted in one response is gone",
    got(WWW, "a=1", "a=; Max-Age=0"),
    shows="deleting",
    keeps="",
)
case(
    "a cookie deleted and set in one response stays",
    got(WWW, "a=0"),
    got(WWW, "a=; Max-Age=0", "a=1"),
    has={"value": "1"},
)
case(
    "by our rule the path of a version 1 deletion must match",
    got("http://acme.com/b", two("a=1; Version=1; Path=/b")),
    got("http://acme.com/c", two("a=1; Version=1; Path=/b; Max-Age=0")),
    policy=RFC2965,
    shows="deleting",
    keeps="a",
)
case(
    "an http response may delete a Secure cookie",
    got("https://acme.com/", "a=1; Secure"),
    got("http://acme.com/", "a=; Max-Age=0"),
    keeps="",
)

# One bad cookie ---------------------------------------------------------------------------------------------------

case(
    "by our rule a Max-Age without a value costs one cookie",
    got(WWW, "a=1; Max-Age", "b=2"),
    shows="one-bad-cookie",
    keeps="b",
)
case(
    "by our rule a Max-Age without a value in Set-Cookie2 costs one cookie",
    got(WWW, two("a=1; Version=1; Max-Age, b=2; Version=1")),
    policy=RFC2965,
    shows="one-bad-cookie",
    keeps="b",
)
case(
    "by our rule a Set-Cookie2 without Version does not hide its twin",
    got(WWW, two("a=2; Path=/"), "a=1; Path=/"),
    policy=RFC2965,
    shows="one-bad-cookie",
    has={"value": "1"},
)
case(
    "by our rule Expires is read in Set-Cookie2",
    got(WWW, two('a=1; Version=1; Expires="Tue, 01 Jan 2030 12:00:00 GMT"')),
    policy=RFC2965,
    shows="one-bad-cookie",
    has={"expires": NOON},
)
case(
    "by our rule an unreadable Expires in Set-Cookie2 is passed over",
    got(WWW, two("a=1; Version=1; Expires=never, b=2; Version=1")),
    policy=RFC2965,
    shows="one-bad-cookie",
    keeps="a b",
)
case(
    "by our rule a later Expires in Set-Cookie2 counts where the first is unreadable",
    got(WWW, two('a=1; Version=1; Expires=x; Expires="01 Jan 2030 12:00:00"')),
    policy=RFC2965,
    shows="one-bad-cookie",
    has={"expires": NOON},
)
case(
    "a strict date of an unknown month is unreadable and costs no neighbour",
    got(WWW, "a=1; Expires=Wed, 09 Jxx 2030 22:23:32 GMT", "b=2"),
    jointly=("one-bad-cookie", "dates"),
    keeps="a b",
)
case("a bad Version costs one cookie", got(WWW, "a=1; Version=x", "b=2"), keeps="b")
case("a bad Domain costs one cookie", got(WWW, "a=1; Domain=evil.org", "b=2"), keeps="b")
case(
    "Expires without a value in Set-Cookie2 makes a session cookie",
    got(WWW, two("a=1; Version=1; Expires")),
    policy=RFC2965,
    has={"expires": None, "discard": True},
)

# White space ------------------------------------------------------------------------------------------------------

for space, name in [("\xa0", "a no-break space"), ("\x85", "a next-line octet")]:
    case(
        f"by our rule {name} around a name is part of it",
        got(WWW, f"{space}a=1"),
        shows="white-space",
        has={"name": f"{space}a"},
    )
    case(
        f"by our rule {name} around a value is part of it",
        got(WWW, f"a=1{space}; Path=/"),
        ask(WWW),
        shows="white-space",
        sends=f"a=1{space}",
    )
    case(
        f"by our rule {name} before an attribute makes another one",
        got(DEEP, f"a=1;{space}Path=/"),
        shows="white-space",
        has={"path": "/a/b", "rest": {f"{space}Path": "/"}},
    )
    case(
        f"by our rule {name} is part of a Set-Cookie2 word",
        got(WWW, two(f"a=1{space}b; Version=1")),
        policy=RFC2965,
        shows="white-space",
        has={"value": f"1{space}b"},
    )
    case(
        f"by our rule {name} in a Port is no digit",
        got(WWW, f"a=1; Port=80,8{space}1"),
        has={"port": f"80,8{space}1"},
        shows="white-space",
    )
case(
    "a no-break space before a Max-Age makes it no number",
    got(WWW, "a=1; Max-Age=\xa060"),
    shows=("white-space", "numbers"),
    keeps="",
)
case("a no-break space inside a value stays", got(WWW, "a=x\xa0y"), has={"value": "x\xa0y"})
case(
    "a no-break space inside quotes of Set-Cookie2 stays",
    got(WWW, two('a="x\xa0y"; Version=1')),
    policy=RFC2965,
    has={"value": "x\xa0y"},
)
case(
    "in the python form a vertical tab is no white space",
    got(WWW, "a=1\x0b; Path=/"),
    form="python",
    shows="white-space",
    has={"value": "1\x0b"},
)
case(
    "in the python form a form feed is no white space",
    got(WWW, "a=1;\x0cPath=/x"),
    form="python",
    shows="white-space",
    has={"rest": {"\x0cPath": "/x"}},
)
case(
    "in the python form a vertical tab parts no words",
    got(WWW, two("a=1\x0bVersion=1")),
    policy=RFC2965,
    form="python",
    shows="white-space",
    keeps="",
)

# Control characters -----------------------------------------------------------------------------------------------

for octet in ("\x01", "\x08", "\x1f", "\x7f", "\x1b"):
    case(
        f"the octet {octet!r} in a value refuses the cookie",
        got(WWW, f"a=x{octet}y", "b=2"),
        form="new",
        shows="control-characters",
        keeps="b",
    )
    case(
        f"the octet {octet!r} in a value is kept in the python form",
        got(WWW, f"a=x{octet}y"),
        form="python",
        has={"value": f"x{octet}y"},
    )
for octet in ("\r", "\n", "\x00"):
    case(
        f"the octet {octet!r} in a value refuses the cookie",
        got(WWW, f"a=x{octet}y", "b=2"),
        shows="control-characters",
        keeps="b",
    )
for header, why in [
    ("a\x01b=1", "a name"),
    ("a=1; Foo\x01=1", "an attribute's name"),
    ("a=1; Foo=\x01", "an attribute's value"),
    ("a=1; Path=/\x01", "a Path, before it is escaped"),
    ("a=1; Comment=\x01", "a Comment"),
    ("a=1; Foo=1; Foo=\x01; Foo=2", "an attribute that is overwritten"),
    ("a=1; Path=/; Path=\x01", "an attribute that does not count"),
]:
    case(
        f"a control octet in {why} refuses the cookie",
        got(WWW, header),
        form="new",
        shows="control-characters",
        keeps="",
    )
for header, why in [("a\nb=1", "a name"), ("a=1; Foo\r=1", "an attribute's name"), ("a=1; Path=/\x00", "a Path")]:
    case(
        f"a line end or NUL in {why} refuses the cookie in the python form",
        got(WWW, header),
        form="python",
        shows="control-characters",
        keeps="",
    )
case(
    "a control octet in Set-Cookie2 costs the cookie in whose words it stands",
    got(WWW, two("a=\x01; Version=1, b=2; Version=1")),
    policy=RFC2965,
    form="new",
    shows="control-characters",
    keeps="b",
)
case(
    "a cookie refused for a control octet hides its twin, as any that is refused",
    got(WWW, two('a="\x01"; Version=1; Path=/'), "a=1; Path=/"),
    policy=RFC2965,
    form="new",
    shows="control-characters",
    keeps="",
)
case(
    "a control octet refuses a deletion",
    got(WWW, "a=1"),
    got(WWW, "a=\x01; Max-Age=0"),
    form="new",
    shows="control-characters",
    keeps="a",
)
case("a tab inside a value is fine", got(WWW, "a=x\ty"), ask(WWW), sends="a=x\ty")
case("octets from 80 to FF are no control octets", got(WWW, "a=\x80\x9f\xff"), ask(WWW), sends="a=\x80\x9f\xff")
case("a control octet in a part without a name refuses nothing", got(WWW, "a=1; =\x01"), keeps="a")

# Public suffixes --------------------------------------------------------------------------------------------------

for host, domain in [
    ("example.co.uk", "co.uk"),
    ("example.co.uk", ".co.uk"),
    ("foo.github.io", "github.io"),
    ("foo.github.io", ".GitHub.io"),
]:
    case(
        f"the public suffix {domain} is refused as a Domain of {host}",
        got(f"http://{host}/", f"a=1; Domain={domain}"),
        form="new",
        shows="public-suffixes",
        keeps="",
    )
    case(
        f"the public suffix {domain} is a Domain of {host} in the python form",
        got(f"http://{host}/", f"a=1; Domain={domain}"),
        form="python",
        keeps="a",
    )
case(
    "a public suffix that is the host makes a host-only cookie",
    got("http://github.io/", "a=1; Domain=github.io"),
    ask("http://github.io/"),
    ask("http://foo.github.io/"),
    form="new",
    shows="public-suffixes",
    headers=["a=1", None],
    has={"domain": "github.io", "domain_specified": False, "domain_initial_dot": False},
)
case(
    "a dotted public suffix that is the host makes a host-only cookie",
    got("http://co.uk/", "a=1; Domain=.co.uk"),
    form="new",
    shows="public-suffixes",
    has={"domain": "co.uk", "domain_initial_dot": False},
)
case(
    "a host-only cookie of a suffix replaces the one without Domain",
    got("http://github.io/", "a=1"),
    got("http://github.io/", "a=2; Domain=github.io"),
    form="new",
    shows="public-suffixes",
    keeps="a",
    has={"value": "2"},
)
case(
    "a suffix's own deletion is host-only too",
    got("http://github.io/", "a=1"),
    got("http://github.io/", "a=; Domain=github.io; Max-Age=0"),
    form="new",
    shows="public-suffixes",
    keeps="",
)
case(
    "a public suffix with a trailing dot is one",
    got("http://example.co.uk./", "a=1; Domain=co.uk."),
    form="new",
    shows="public-suffixes",
    keeps="",
)
case(
    "a dotless host that is a suffix keeps its Domain to itself",
    got("http://com/", "a=1; Domain=com"),
    ask("http://com/"),
    form="new",
    shows="public-suffixes",
    sends="a=1",
    has={"domain": "com"},
)
case(
    "a name below a public suffix is none",
    got("http://www.example.co.uk/", "a=1; Domain=example.co.uk"),
    ask("http://shop.example.co.uk/"),
    form="new",
    sends="a=1",
)
case(
    "a name below an unknown suffix is none",
    got("http://x.corp.lan/", "a=1; Domain=corp.lan"),
    form="new",
    keeps="a",
)
for host, domain, suffixes in [
    ("x.corp.local", "local", SUFFIXES),
    ("evil.s3.acme.com", "acme.com", [*SUFFIXES, "s3.acme.com"]),
    ("evil.s3.acme.com", ".acme.com", [*SUFFIXES, "s3.acme.com"]),
    ("s3.acme.com", "acme.com", [*SUFFIXES, "s3.acme.com"]),
]:
    case(
        f"{domain} is nobody's to share with {host}",
        got(f"http://{host}/", f"a=1; Domain={domain}"),
        form="new",
        suffixes=suffixes,
        shows="public-suffixes",
        keeps="",
    )
case(
    "a name above a suffix has its own cookies",
    got("http://www.acme.com/", "a=1; Domain=acme.com"),
    ask("http://shop.acme.com/"),
    ask("http://evil.s3.acme.com/"),
    form="new",
    suffixes=[*SUFFIXES, "s3.acme.com"],
    shows="public-suffixes",
    headers=["a=1", None],
)
case(
    "without a list nothing is a suffix",
    got("http://example.co.uk/", "a=1; Domain=co.uk"),
    form="new",
    suffixes=[],
    keeps="a",
)
case(
    "a suffix's cookie without Domain is an ordinary one",
    got("http://github.io/", "a=1"),
    ask("http://github.io/"),
    form="new",
    sends="a=1",
)
case(
    "version 1: a public suffix is refused",
    got("http://example.co.uk/", two("a=1; Version=1; Domain=.co.uk")),
    form="new",
    policy=RFC2965,
    shows="public-suffixes",
    keeps="",
)

# Limits -----------------------------------------------------------------------------------------------------------


def many(count, attributes="", start=0):
    return [f"n{number:03}=1{attributes}" for number in range(start, start + count)]


def names(*numbers):
    return " ".join(f"n{number:03}" for number in numbers)


case("a pair of 8190 bytes is stored and sent", got(WWW, "a=" + "v" * 8188), ask(WWW), sends="a=" + "v" * 8188)
case("a pair of 8191 bytes is refused", got(WWW, "a=" + "v" * 8189), form="new", shows="limits", keeps="")
case(
    "a pair of 8191 bytes is fine in the python form",
    got(WWW, "a=" + "v" * 8189),
    ask(WWW),
    form="python",
    sends="a=" + "v" * 8189,
)
case("a name of 8190 bytes without a value is stored", got(WWW, "a" * 8190), form="new", keeps="a" * 8190)
case("a name of 8191 bytes without a value is refused", got(WWW, "a" * 8191), form="new", shows="limits", keeps="")
case(
    "a deletion that is too large deletes nothing",
    got(WWW, "a=1"),
    got(WWW, "a=" + "v" * 8189 + "; Max-Age=0"),
    form="new",
    shows="limits",
    keeps="a",
)
case(
    "the 181st cookie of a site makes 150, the oldest go",
    got(WWW, *many(181)),
    form="new",
    shows="limits",
    keeps=names(*range(31, 181)),
)
case(
    "insecure cookies go first, even the newest",
    got("https://www.acme.com/", *many(175, "; Secure"), *many(6, start=175)),
    form="new",
    shows="limits",
    keeps=names(*range(25, 175)),
)
case(
    "what was sent is younger",
    got(WWW, *many(2)),
    later(1),
    ask(WWW),
    later(-1),
    got(WWW, *many(179, start=2)),
    form="new",
    shows="limits",
    keeps=names(0, 1, *range(33, 181)),
)
case(
    "of Secure cookies the fullest domain pays",
    got("https://www.acme.com/", *many(100, "; Secure"), *many(81, "; Secure; Domain=acme.com", start=100)),
    form="new",
    shows="limits",
    keeps=names(*range(106, 181), *range(25, 100)),
)
case(
    "a site has all its hosts",
    got(WWW, *many(100)),
    got(ACME, *many(81, start=100)),
    form="new",
    shows="limits",
    keeps=names(*range(106, 181), *range(25, 100)),  # the fuller host gives until both are equally full
)
case(
    "another site has its own count",
    got(WWW, *many(91)),
    got("http://acme.org/", *many(91)),
    form="new",
    keeps=names(*range(91), *range(91)),
)
case(
    "private suffixes part sites",
    got("http://foo.github.io/", *many(91)),
    got("http://bar.github.io/", *many(91)),
    form="new",
    keeps=names(*range(91), *range(91)),
)
case(
    "180 cookies of a site stay, and overwriting is no new cookie",
    got(WWW, *many(180), "n000=2"),
    form="new",
    keeps=names(*range(180)),
)
case(
    "a header holds 150 cookies, the latest of the one order stay at home",
    got(WWW, *many(151)),
    ask(WWW),
    form="new",
    shows="limits",
    sends="; ".join(f"n{number:03}=1" for number in range(150)),
)
case(
    "a full header keeps host-only cookies before Domain cookies",
    got(WWW, *many(100, "; Domain=acme.com"), *many(100, "; Path=/", start=100)[:80]),
    ask(WWW),
    form="new",
    shows="limits",
    sends="; ".join(f"n{number:03}=1" for number in [*range(70), *range(100, 180)]),
)
case(
    "a header holds 8190 bytes, and what does not fit is passed over",
    got(WWW, "a=" + "v" * 4000, "b=" + "v" * 5000, "c=1"),
    ask(WWW),
    form="new",
    shows="limits",
    sends="a=" + "v" * 4000 + "; c=1",
)
case(
    "a header of exactly 8190 bytes is full and whole",
    got(WWW, "a=" + "v" * 4092, "b=" + "v" * 4092),
    ask(WWW),
    form="new",
    sends="a=" + "v" * 4092 + "; b=" + "v" * 4092,
)
case(
    "a header of 8191 bytes is one cookie too long",
    got(WWW, "a=" + "v" * 4092, "b=" + "v" * 4093),
    ask(WWW),
    form="new",
    shows="limits",
    sends="a=" + "v" * 4092,
)
case(
    "$Version and attributes count in a full header",
    got(WWW, two("a=" + "v" * 8160 + "; Version=1; Path=/"), two("b=1; Version=1; Path=/")),
    ask(WWW),
    policy=RFC2965,
    form="new",
    shows="limits",
    sends="$Version=1; a=" + "v" * 8160 + '; $Path="/"',
)
