"""How fast Python's `http.cookiejar` is, and how large, on the data of the bench `jar`.

The bench hands over one task in JSON and gets back medians in nanoseconds, and bytes. No answer is timed
that is not the bench's.

    python3 http_cookiejar.py [--quick] < task.json

A response is a list of its URL and its Set-Cookie fields, a request one of its URL and the header that it
has to get. Times are those of the thread on the processor, as in the bench.
"""

import email.message
import gc
import http.cookiejar
import itertools
import json
import os
import statistics
import sys
import time
import tracemalloc
import urllib.request

# How long each thing is timed, three times at least.
ENOUGH_NS = 0 if "--quick" in sys.argv else 500_000_000


# Requests and responses, made before anything is timed -------------------------------------------------------


class Response:
    """What `extract_cookies` needs of a response."""

    def __init__(self, url, fields):
        self.request = urllib.request.Request(url)
        self.headers = email.message.Message()
        for field in fields:
            self.headers["Set-Cookie"] = field

    def info(self):
        return self.headers


class Request:
    """A request, and the header that it has to get."""

    def __init__(self, url, header):
        self.request = urllib.request.Request(url)
        self.expected = header

    def check(self, jar):
        self.ask(jar)
        header = self.request.get_header("Cookie")
        assert header == self.expected, (self.request.full_url, header, self.expected)

    def ask(self, jar):
        """How long it takes to add the header to a request that has none."""
        self.request.unredirected_hdrs.clear()
        return timed(lambda: jar.add_cookie_header(self.request))


def take(jar, response):
    jar.extract_cookies(response, response.request)


def filled(responses):
    jar = http.cookiejar.CookieJar()
    for response in responses:
        take(jar, response)
    return jar


# Time --------------------------------------------------------------------------------------------------------


def timed(call):
    start = time.thread_time_ns()
    call()
    return time.thread_time_ns() - start


def median_of_many(calls):
    """The median of the times that these calls say they took, for as long as is enough."""
    times, spent = [], 0
    while len(times) < 3 or spent < ENOUGH_NS:
        times.append(next(calls)())
        spent += times[-1]
    return statistics.median(times)


class Clock:
    """Stands for the module `time` in `http.cookiejar`, and is moved by hand."""

    def __init__(self, now):
        self.now = now

    def time(self):
        return self.now


# Tasks -------------------------------------------------------------------------------------------------------


def headers(task):
    """Filling a jar, per cookie, and the header for each kind of request."""
    responses = [Response(*response) for response in task["fill"]]
    jars = []
    spent = timed(lambda: jars.append(filled(responses)))
    (jar,) = jars
    times = {"fill": spent / len(jar)}
    for kind, requests in task["requests"].items():
        requests = [Request(*request) for request in requests]
        for request in requests:
            request.check(jar)
        turns = itertools.cycle(requests)
        times[kind] = median_of_many((lambda request=request: request.ask(jar)) for request in turns)
    return times


def responses(task):
    """Responses that take turns, each of which leaves behind what makes the header of a request."""
    jar = filled(Response(*response) for response in task["fill"])
    rounds = [Response(*response) for response in task["responses"]]
    for response, request in zip(rounds, task["requests"]):
        take(jar, response)
        Request(*request).check(jar)
    turns = itertools.cycle(rounds)
    return {
        "response": median_of_many((lambda response=response: timed(lambda: take(jar, response))) for response in turns)
    }


def expiry(task):
    """The header before and after half of the cookies have expired, and the first response after that."""
    clock = http.cookiejar.time = Clock(task["begin"])
    fill = [Response(*response) for response in task["fill"]]
    before, after = ([Request(*request) for request in task[when]] for when in ("before", "after"))
    last = Response(*task["last"])

    def look_ups(jar, requests):
        times = []
        for request in requests:
            times.append(request.ask(jar))
            assert request.request.get_header("Cookie") == request.expected
        return times

    clock.now = task["begin"]
    jar = filled(fill)
    times_before = look_ups(jar, before)
    clock.now += task["half"]
    times_after = look_ups(jar, after)
    return {
        "first": times_after[0],
        "before": statistics.median(times_before),
        "after": statistics.median(times_after),
        "write": timed(lambda: take(jar, last)),
    }


def files(task):
    """Loading a cookies.txt and saving it, in a folder of the bench's."""
    load, save = [], []
    for _ in range(3):
        jar = http.cookiejar.MozillaCookieJar(task["file"])
        load.append(timed(jar.load))
        assert len(jar) == task["cookies"], len(jar)
        saved = task["file"] + ".saved"
        save.append(timed(lambda: jar.save(saved)))
        with open(task["file"]) as old, open(saved) as new:
            assert cookie_lines(old) == cookie_lines(new)
        os.remove(saved)
    return {"load": statistics.median(load), "save": statistics.median(save)}


def cookie_lines(file):
    return sorted(line for line in file if "\t" in line)


def memory(task):
    """Bytes that a jar holds, per cookie."""
    responses = [Response(*response) for response in task["fill"]]
    filled(responses[:1])  # what is made once, such as compiled expressions, is not the jar's
    gc.collect()
    tracemalloc.start()
    jar = filled(responses)
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    return {"memory": held / len(jar)}


TASKS = {task.__name__: task for task in (headers, responses, expiry, files, memory)}


def main():
    task = json.load(sys.stdin)
    json.dump(TASKS[task["task"]](task), sys.stdout)


if __name__ == "__main__":
    main()
