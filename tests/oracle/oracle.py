"""The reference side of the differential tests: what Python's `http.cookiejar` answers to an exchange.

An exchange is a policy and a list of steps (README.md has the format). It is played twice: `plain` is
`http.cookiejar` as it is, with a frozen clock; `mended` is the same with every ruling of `mendings.py` that
holds in the exchange's form. This crate must answer as `mended` does. Where the two differ, the rulings that
speak are those without which `mended` would answer otherwise.

    python3 oracle.py answer < exchanges.jsonl
    python3 oracle.py generate --seed S --count N [--first K] [--attribute M]
    python3 oracle.py cases > cases.jsonl
    python3 oracle.py selftest --seed S --count N
"""

import argparse
import collections
import copy
import http.cookiejar as python
import json
import sys
import time
import urllib.request

sys.dont_write_bytecode = True  # the folder holds sources and data only

import mendings  # noqa: E402

EXPECTED_PYTHON = (3, 11)


# The clock --------------------------------------------------------------------------------------------------------


class FrozenClock:
    """Stands for the module `time` inside `http.cookiejar`; `localtime` is UTC, so that no machine's zone counts."""

    now = 0

    def time(self):
        return self.now

    def localtime(self, seconds):
        return time.gmtime(seconds)


CLOCK = FrozenClock()
python.time = CLOCK
python._warn_unhandled_exception = lambda: None


# Two sides --------------------------------------------------------------------------------------------------------


class Response:
    """What `extract_cookies` needs of a response: `info().get_all(name, default)`."""

    def __init__(self, headers):
        self.headers = headers

    def info(self):
        return self

    def get_all(self, name, default):
        return self.headers.get(name, default)


class Plain:
    """Python as it is."""

    http_only = staticmethod(lambda cookie: cookie.has_nonstandard_attr("HttpOnly"))

    def __init__(self, exchange):
        self.jar = python.CookieJar()
        self.set_policy(exchange.get("policy", {}))

    def set_policy(self, flags):
        self.jar.set_policy(python.DefaultCookiePolicy(**flags))

    def _request(self, step):
        headers = dict(step.get("headers", ())) if step["do"] == "request" else {}
        return urllib.request.Request(
            step["url"],
            headers=headers,
            origin_req_host=step.get("origin"),
            unverifiable=step.get("unverifiable", False),
        )

    def response(self, step, headers):
        self.jar.extract_cookies(Response(headers), self._request(step))

    def request(self, step):
        request = self._request(step)
        self.jar.add_cookie_header(request)
        return request.unredirected_hdrs.get("Cookie"), request.unredirected_hdrs.get("Cookie2")


class Mended:
    """Python with the given rulings."""

    def __init__(self, exchange, names, counts=None):
        self.on = mendings.switches(exchange["form"], names)
        self.suffixes = frozenset(exchange.get("suffixes", ()))
        self.counts = {} if counts is None else counts
        self.jar = mendings.Jar(None, self.suffixes, self.on, self.counts)
        self.set_policy(exchange.get("policy", {}))
        self.http_only = self._http_only if self.on.httponly else Plain.http_only

    def set_policy(self, flags):
        self.jar.set_policy(mendings.Policy(flags, self.suffixes, self.on, self.counts))

    def response(self, step, headers):
        self.jar.extract_cookies(headers, mendings.Target({**step, "headers": ()}, self.on))

    def request(self, step):
        return self.jar.cookie_headers(mendings.Target(step, self.on))

    @staticmethod
    def _http_only(cookie):
        return any(key.lower() == "httponly" for key in cookie._rest)


# Playing an exchange ----------------------------------------------------------------------------------------------


def play(exchange, side):
    """One answer a step, and the whole records that are stored and not expired at the end."""
    CLOCK.now = exchange["now"]
    steps = [answer(step, side) for step in exchange["steps"]]
    return {"steps": steps, "jar": sorted((record(cookie, side) for cookie in live(side)), key=record_key)}


def answer(step, side):
    """What a step answers; an error that escapes Python is its answer."""
    try:
        return ANSWERS[step["do"]](step, side)
    except Exception as error:
        return {"error": type(error).__name__}


def answer_response(step, side):
    headers = {}
    for name, value in step["headers"]:
        headers.setdefault(name, []).append(value)
    side.response(step, headers)
    return {"jar": sorted([cookie.domain, cookie.path, cookie.name] for cookie in live(side))}


def answer_request(step, side):
    cookie, cookie2 = side.request(step)
    return {"cookie": cookie, "cookie2": cookie2}


def answer_clear(step, side):
    try:
        side.jar.clear(step.get("domain"), step.get("path"), step.get("name"))
    except KeyError:
        return "not found"
    return "ok"


def answer_advance(step, side):
    CLOCK.now += step["seconds"]


ANSWERS = {
    "response": answer_response,
    "request": answer_request,
    "clear": answer_clear,
    "clear_domain": answer_clear,
    "clear_path": answer_clear,
    "remove": answer_clear,
    "clear_session_cookies": lambda step, side: side.jar.clear_session_cookies(),
    "clear_expired_cookies": lambda step, side: side.jar.clear_expired_cookies(),
    "advance": answer_advance,
    "set_policy": lambda step, side: side.set_policy(step["policy"]),
}


def live(side):
    return [cookie for cookie in side.jar if not cookie.is_expired(CLOCK.now)]


def record_key(record):
    return record["domain"], record["path"], record["name"]


def record(cookie, side):
    return {
        "domain": cookie.domain,
        "path": cookie.path,
        "name": cookie.name,
        "value": cookie.value,
        "version": cookie.version,
        "port": cookie.port,
        "port_specified": cookie.port_specified,
        "domain_specified": cookie.domain_specified,
        "domain_initial_dot": cookie.domain_initial_dot,
        "path_specified": cookie.path_specified,
        "secure": bool(cookie.secure),
        "expires": cookie.expires,
        "discard": bool(cookie.discard),
        "comment": cookie.comment,
        "comment_url": cookie.comment_url,
        "rfc2109": cookie.rfc2109,
        "rest": cookie._rest,
        "http_only": side.http_only(cookie),
    }


def plain_answer(exchange):
    return play(exchange, Plain(exchange))


def mended_answer(exchange, names=None, counts=None):
    names = mendings.applicable(exchange["form"]) if names is None else names
    return play(exchange, Mended(exchange, names, counts))


# Attribution ------------------------------------------------------------------------------------------------------


def speaking(exchange, mended, candidates=None):
    """The rulings without which the answer would be another one."""
    every = mendings.applicable(exchange["form"])
    return [
        name
        for name in mendings.RULINGS
        if name in every and (candidates is None or name in candidates)
        if mended_answer(exchange, every - {name}) != mended
    ]


def attribution(exchange, plain, mended):
    """`rulings` that speak; where none speaks alone, `joint`: those that each change Python's answer by themselves."""
    if plain == mended:
        return {"rulings": []}
    rulings = speaking(exchange, mended)
    if rulings:
        return {"rulings": rulings}
    every = mendings.applicable(exchange["form"])
    alone = (name for name in mendings.RULINGS if name in every)
    return {"rulings": [], "joint": [name for name in alone if mended_answer(exchange, frozenset({name})) != plain]}


def answered(exchange):
    plain, mended = plain_answer(exchange), mended_answer(exchange)
    return {"plain": plain, "mended": mended, **attribution(exchange, plain, mended)}


# Commands ---------------------------------------------------------------------------------------------------------


def versions():
    running = sys.version_info[:2]
    return {"python": "%d.%d.%d" % sys.version_info[:3], "as_expected": running == EXPECTED_PYTHON}


def write(row):
    sys.stdout.write(json.dumps(row, separators=(",", ":")) + "\n")


def command_answer(arguments):
    for line in sys.stdin:
        exchange = json.loads(line)
        write({"id": exchange["id"], **answered(exchange)})


def settled(exchange):
    """The exchange without the steps whose answer depends on whether expired cookies were swept already."""
    while True:
        side = Mended(exchange, mendings.applicable(exchange["form"]))
        CLOCK.now = exchange["now"]
        for number, step in enumerate(exchange["steps"]):
            answer(step, side)
            if side.jar.unsettled:
                del exchange["steps"][number]
                break
        else:
            return exchange


def command_generate(arguments):
    import generator

    tally, counts = collections.Counter(), {}
    spoke, silent = collections.Counter(), set(mendings.RULINGS)
    for index in range(arguments.first, arguments.first + arguments.count):
        exchange = generator.exchange(arguments.seed, index)
        if any(step["do"] in ("clear_domain", "clear_path", "remove") for step in exchange["steps"]):
            exchange = settled(exchange)
        plain, mended = plain_answer(exchange), mended_answer(exchange, counts=counts)
        row = {"exchange": exchange, "mended": mended, "differs": plain != mended, "rulings": []}
        if row["differs"]:
            if tally["attributed"] < arguments.attribute:
                tally["attributed"] += 1
                row.update(attribution(exchange, plain, mended))
                tally["joint"] += "joint" in row
            elif silent:
                row["rulings"] = speaking(exchange, mended, silent)
            spoke.update(row["rulings"])
            silent.difference_update(row["rulings"])
        tally["differing"] += row["differs"]
        count_requests(mended, tally)
        write(row)
    write({"summary": summary(arguments, tally, counts, spoke, silent)})


def count_requests(mended, tally):
    tally["exchanges"] += 1
    for step in mended["steps"]:
        if isinstance(step, dict) and "cookie2" in step:
            tally["requests"] += 1
            tally["requests_with_cookies"] += step["cookie"] is not None
        elif isinstance(step, dict):
            tally["responses"] += 1


def summary(arguments, tally, counts, spoke, silent):
    """`refused` and `withheld` count by the first rule that said no in the mended run."""
    refused = {key: n for key, n in sorted(counts.items()) if key.startswith(("refused", "set_ok"))}
    return {
        **versions(),
        "seed": arguments.seed,
        "first": arguments.first,
        **tally,
        "accepted": counts.get("stored", 0) + counts.get("deleting", 0),
        "deleting": counts.get("deleting", 0),
        "evicting": counts.get("evicting", 0),
        "refused": refused,
        "sent": counts.get("sent", 0),
        "headers_full": counts.get("header full", 0),
        "withheld": {key: n for key, n in sorted(counts.items()) if key.startswith("return_ok")},
        "spoke": {name: spoke[name] for name in mendings.RULINGS},
        "silent": sorted(silent),
    }


def command_cases(arguments):
    import cases

    rows, complaints = [], []
    for case in cases.CASES:
        row = {"exchange": case.exchange, **answered(case.exchange), "python": "%d.%d" % EXPECTED_PYTHON}
        rows.append(row)
        complaint = case.complaint(row)
        if settled(copy.deepcopy(case.exchange)) != case.exchange:
            complaint = "clears what may have been swept"
        if complaint:
            complaints.append(f"{case.exchange['id']}: {complaint}")
    if complaints:
        sys.exit("\n".join(complaints))
    for row in rows:
        write(row)


def command_selftest(arguments):
    """With every switch off the mended jar must be Python's own."""
    import generator

    for index in range(arguments.first, arguments.first + arguments.count):
        exchange = generator.exchange(arguments.seed, index)
        plain, unmended = plain_answer(exchange), mended_answer(exchange, frozenset())
        if plain != unmended:
            sys.exit(json.dumps({"exchange": exchange, "plain": plain, "unmended": unmended}, indent=1))
    print(f"{arguments.count} exchanges: the jar with every ruling off is Python's")


def main():
    if sys.version_info[:2] != EXPECTED_PYTHON:
        print("oracle: the answers are bound to Python %d.%d; this is another" % EXPECTED_PYTHON, file=sys.stderr)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in (("answer", command_answer), ("cases", command_cases)):
        commands.add_parser(name).set_defaults(run=command)
    for name, command in (("generate", command_generate), ("selftest", command_selftest)):
        ranged = commands.add_parser(name)
        ranged.add_argument("--seed", type=int, required=True)
        ranged.add_argument("--count", type=int, required=True)
        ranged.add_argument("--first", type=int, default=0, help="number of the first exchange")
        ranged.add_argument(
            "--attribute", type=int, default=200, help="how many differing exchanges to explain in full"
        )
        ranged.set_defaults(run=command)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
