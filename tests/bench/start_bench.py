#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Start and idle: time to the first answer on a million stored samples, after a clean stop and
after kill -9 with a full log; memory of an idle process with 1,000 series."""
import signal
import sys
import time
import urllib.request

import peers


def lines(series, samples, start_ns):
    text = []
    for t in range(samples):
        stamp = start_ns + t * 10_000_000_000
        text += [f'main/temperature{{device="d{s}"}} {20 + (t + s) % 50 / 10} {stamp}' for s in range(series)]
    return "\n".join(text).encode() + b"\n"


def post(server, body):
    with urllib.request.urlopen(urllib.request.Request(server.url + "/api/v1/import", data=body), timeout=120) as answer:
        answer.read()


def first_answer_s(work, name):
    began = time.monotonic()
    server = peers.start_cistern(work, name)
    server.get("/api/v1/query", query="count(temperature)")
    return server, time.monotonic() - began


def report(what, value, unit, bound):
    reached = value <= bound
    print(f"{what:<60} {value:10.3f} {unit:<4} wanted <= {bound}  {'reached' if reached else 'MISSED'}", flush=True)
    return reached


def main():
    reached = True
    with peers.workplace() as work:
        now_ns = int(time.time()) * 1_000_000_000
        server = peers.start_cistern(work, "idle")
        post(server, lines(1000, 1, now_ns))
        time.sleep(3)
        reached &= report("RSS, idle with 1,000 series", server.rss_mib(), "MiB", 25)
        for part in range(10):
            post(server, lines(1000, 100, now_ns - (10 - part) * 1000 * 1_000_000_000))
        server.stop(signal.SIGKILL)
        server, seconds = first_answer_s(work, "idle")
        reached &= report("first answer after kill -9, 1 M samples in the log", seconds, "s", 0.3)
        server.stop()
        server, seconds = first_answer_s(work, "idle")
        reached &= report("first answer after a clean stop, 1 M samples in files", seconds, "s", 0.3)
        server.stop()
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
