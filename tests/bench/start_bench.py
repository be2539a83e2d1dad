#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Start and idle: time to the first answer after a clean stop and after kill -9, on a million stored
samples and on a hundred million with a full log; memory of an idle process with 1,000 series.

usage: start_bench.py [MILLIONS_OF_STORED_SAMPLES]     (default 100)
"""
import itertools
import os
import pathlib
import re
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


def first_answer_s(work, name, arguments=(), **query):
    began = time.monotonic()
    server = peers.start_cistern(work, name, arguments=arguments)
    server.get("/api/v1/query", **(query or {"query": "count(temperature)"}))
    return server, time.monotonic() - began


def bodies(start_s):
    """Endless: 20,000 lines each, 1,000 series every 10 s."""
    templates = ["".join(f'main/temperature{{device="d{s}"}} {20 + (t * 7 + s) % 50 / 10} @\n' for s in range(1000)) for t in range(50)]
    for step in itertools.count(0, 20):
        yield "".join(templates[t % 50].replace("@", f"{start_s + t * 10}000000000") for t in range(step, step + 20)).encode()


def metric(server, name):
    return float(re.search(rf'^{name}{{db="main"}} (\S+)$', server.get("/metrics").decode(), re.MULTILINE).group(1))


def restart_with_much(work, millions):
    """kill -9 in the middle of ingest, with default settings and with a log that is full to its limit."""
    reached = True
    start_s = 1_700_000_000
    load = bodies(start_s)
    last_s = start_s + millions * 10_000  # of the stored samples
    at = {"query": "count(temperature)", "time": last_s}
    server = peers.start_cistern(work, "much")
    for _ in range(millions * 50):
        post(server, next(load))
    in_head = metric(server, "cistern_store_head_samples")
    log_mib = metric(server, "cistern_wal_bytes") / 2**20
    server.stop(signal.SIGKILL)
    server, seconds = first_answer_s(work, "much", **at)
    stored = metric(server, "cistern_store_file_samples") + metric(server, "cistern_store_head_samples")
    if stored != millions * 1e6:
        raise RuntimeError(f"{stored} samples are there, {millions} M were acknowledged")
    reached &= report(f"first answer after kill -9, {millions} M stored, {in_head / 1e6:.1f} M of it in {log_mib:.0f} MiB of log", seconds, "s", 1)
    server.stop()

    # Only the log's limit bounds the samples in memory here.
    config = os.path.join(work, "full_log.toml")
    pathlib.Path(config).write_text('[manifest_defaults.page]\nmax_bytes = "4GiB"\n')
    arguments = ("--config", config)
    server = peers.start_cistern(work, "much", arguments=arguments)
    while metric(server, "cistern_wal_bytes") < 63 * 2**20:
        post(server, next(load))
    in_head = metric(server, "cistern_store_head_samples")
    log_mib = metric(server, "cistern_wal_bytes") / 2**20
    server.stop(signal.SIGKILL)
    server, seconds = first_answer_s(work, "much", arguments, **at)
    reached &= report(f"the same with a full log: {in_head / 1e6:.1f} M samples in {log_mib:.0f} MiB", seconds, "s", 1)
    reached &= report("  CPU of the process until then", server.cpu_seconds(), "s", 1)
    server.stop()
    return reached


def report(what, value, unit, bound):
    reached = value <= bound
    print(f"{what:<84} {value:10.3f} {unit:<4} wanted <= {bound}  {'reached' if reached else 'MISSED'}", flush=True)
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
        reached &= restart_with_much(work, int(sys.argv[1]) if len(sys.argv) > 1 else 100)
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
