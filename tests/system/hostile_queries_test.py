#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Queries and bodies made to hurt: refused in Prometheus' shape, within a second, in bounded memory,
while others are served; and a query whose client left is given up.
"""
import http.client
import json
import pathlib
import socket
import struct
import threading
import time
import urllib.parse

import harness
import prometheus_wire as wire

BEGIN_S = 1_700_000_000
SERIES, SAMPLES = 1000, 240
HANGS = 10  # seconds; the figures are printed: below one on a machine with nothing else to do
MEMORY_MAX = 700 << 20  # of the whole process, with a query of max_samples running


def filled(work, *settings):
    pathlib.Path(work.path("data")).mkdir()
    pathlib.Path(work.path("data/engine.toml")).write_text("\n".join(settings) + "\n")
    server = work.cistern()
    for first in range(0, SERIES, 100):
        wire.remote_write(server.url, [
            ({"__name__": "m", "i": str(i), "j": str(i % 10)},
             [((BEGIN_S + k * 15) * 1000, float(k * i % 97)) for k in range(SAMPLES)]) for i in range(first, first + 100)])
    return server


def peak_memory(server):
    for line in pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) << 10
    raise AssertionError("no VmHWM")


def ask(server, path, parameters=None, body=None, headers=None):
    """(status, document, seconds)"""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    began = time.monotonic()
    form = urllib.parse.urlencode(parameters).encode() if parameters else body
    connection.request("POST", path, form, headers or {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text) if text else {}, time.monotonic() - began


class Neighbour(threading.Thread):
    """Asks something small all the time and keeps how long the slowest answer took."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.stopping, self.slowest, self.asked = server, False, 0.0, 0

    def run(self):
        while not self.stopping:
            status, _, seconds = ask(self.server, "/api/v1/query", {"query": "m{i='7'}", "time": BEGIN_S + 600})
            if status != 200:
                self.slowest = 1e9
            self.slowest, self.asked = max(self.slowest, seconds), self.asked + 1
            time.sleep(0.02)


INSTANT = {"time": BEGIN_S + 3000}
BOMBS = [
    ("deep parentheses", {**INSTANT, "query": "(" * 5000 + "m" + ")" * 5000}, 400),
    ("deep calls", {**INSTANT, "query": "abs(" * 2000 + "m" + ")" * 2000}, 400),
    ("deep signs", {**INSTANT, "query": "-" * 100_000 + "m"}, 400),
    ("long sum", {**INSTANT, "query": "+".join(["m"] * 20_000)}, 400),
    ("deep subqueries", {**INSTANT, "query": "max_over_time(" * 300 + "m" + "[1h:1s])" * 300}, (400, 422, 503)),
    ("a regex of 1 MB", {**INSTANT, "query": 'm{i=~"' + "a?" * 500_000 + '"}'}, (400, 413)),
    ("a regex that grows", {**INSTANT, "query": 'm{i=~"((((a{100}){100}){100}){100})"}'}, 400),
    ("a regex that would backtrack", {**INSTANT, "query": 'm{i=~"(1*)*(2*)*(1*2*)*x"}'}, 200),
    ("a million steps", {"query": "m", "start": BEGIN_S, "end": BEGIN_S + 1_000_000, "step": 1}, 400),
    # One series after the other: a million steps are no more than one series with a million samples.
    ("a million steps in a subquery", {**INSTANT, "query": "sum_over_time(m{j='1'}[1000000s:1s])"}, 200),
    ("10^11 steps in a subquery", {**INSTANT, "query": "sum_over_time(vector(1)[1000d:1ms])"}, 422),
    ("a subquery of subqueries", {**INSTANT, "query": "sum_over_time(sum_over_time(m[1d:1s])[10d:1s])", "timeout": "500ms"},
     (422, 503)),
    ("a cartesian product", {**INSTANT, "query": "m * on () m"}, 422),
    ("a cartesian product with group_left", {**INSTANT, "query": "m * on (j) group_left () m"}, 422),
    ("no time left", {**INSTANT, "query": "quantile_over_time(0.5, m[6h:1s])", "timeout": "20ms"}, 503),
]


def test_query_bombs(work):
    server = filled(work, "[limits]", "query_samples = 5000000")
    neighbour = Neighbour(server)
    neighbour.start()
    for name, parameters, expected in BOMBS:
        path = "/api/v1/query_range" if "step" in parameters else "/api/v1/query"
        status, answer, seconds = ask(server, path, parameters)
        print(f"{name}: {status} in {seconds:.2f} s {answer.get('error', '')[:90]}", flush=True)
        assert status in (expected if isinstance(expected, tuple) else (expected,)), (name, status, str(answer)[:300])
        assert status == 200 or answer["status"] == "error" and answer["errorType"] and answer["error"]
        assert seconds < HANGS, f"{name} took {seconds:.1f} s"
    neighbour.stopping = True
    neighbour.join()
    print(f"a neighbour asked {neighbour.asked} times, the slowest answer took {neighbour.slowest:.2f} s; "
          f"memory at its peak {peak_memory(server) >> 20} MiB")
    assert neighbour.slowest < HANGS
    assert peak_memory(server) < MEMORY_MAX


def bodies():
    good = wire.write_request([({"__name__": "w", "a": "b"}, [(BEGIN_S * 1000, 1.0)])])
    yield "a header of 1 GB", b"\x80\x80\x80\x80\x04" + b"\x00" * 100
    yield "a header of 4 GB", b"\xff\xff\xff\xff\x0f"
    yield "a header alone", wire.varint(1000)
    yield "a copy from before the start", wire.varint(100) + b"\x05\x10" * 20
    yield "1 GB out of copies", wire.varint(1 << 30) + b"\x00a" + b"\xfe\x01\x00" * 1000
    yield "truncated protobuf", wire.snappy(good[:-5])
    yield "a length of 2^31", wire.snappy(b"\x0a" + wire.varint((1 << 31) - 1))
    yield "an endless varint", wire.snappy(b"\x0a" + b"\xff" * 30)
    yield "no snappy", good
    yield "a group", wire.snappy(b"\x0b" * 1000)
    yield "a deep message", wire.snappy(b"\x0a\x7f" * 1000)


def test_broken_bodies_of_remote_write_and_read(work):
    server = filled(work)
    before = peak_memory(server)
    for path in ("/api/v1/write", "/api/v1/read"):
        for name, body in bodies():
            status, answer, seconds = ask(server, path, body=body, headers={"Content-Encoding": "snappy"})
            assert status in (400, 413), (path, name, status, answer)
            assert answer["status"] == "error" and answer["errorType"] == "bad_data", (path, name, answer)
            assert seconds < HANGS, (path, name, seconds)
    assert peak_memory(server) - before < 64 << 20
    assert server.instant("count(m)", BEGIN_S + 60)[0][1] == str(SERIES)


def test_a_query_ends_when_its_client_leaves(work):
    server = filled(work, "[limits]", "query_concurrency = 1")
    form = urllib.parse.urlencode({"query": "quantile_over_time(0.5, m[2h:2s])", "start": BEGIN_S, "step": 3,
                                   "end": BEGIN_S + 30_000})
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(f"GET /api/v1/query_range?{form} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        time.sleep(0.5)
        client.settimeout(0.01)
        try:
            raise AssertionError("the query is too short for this test: " + str(client.recv(300)))
        except TimeoutError:
            pass
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 0, 0))
    began = time.monotonic()
    assert server.instant("count(m)", BEGIN_S + 60)[0][1] == str(SERIES)
    waited = time.monotonic() - began
    print(f"the only place for queries was free {waited:.2f} s after its client left")
    assert waited < HANGS
    # The place is free before the request is counted.
    harness.wait_for("the request in the metrics", lambda: server.metric(
        "cistern_http_requests_total", route="/api/v1/query_range", code="5xx") == 1)


if __name__ == "__main__":
    harness.main()
