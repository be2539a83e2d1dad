#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""cistern beside Debian's victoria-metrics on the same day of data: 1,000 series, one sample each
10 s, ten fields a message, 50 ms of arrival jitter.

usage: store_bench.py [SAMPLES_PER_SERIES]     (default 8640: one day)
"""
import pathlib
import subprocess
import sys

import peers

START_S = 1767225600  # the load generator's first sample


def queries(end_s):
    day = {"time": end_s}
    return {
        "one series, one day raw": ("/api/v1/query", {"query": 'temperature{device="dev00007"}[1d]', **day}),
        "5 min averages of one day": ("/api/v1/query_range", {"query": 'avg_over_time(temperature{device="dev00007"}[5m])', "start": end_s - 86400, "end": end_s, "step": 300}),
        "5 min averages of one day, aggregate=avg": ("/api/v1/query_range", {"query": 'temperature{device="dev00007"}', "start": end_s - 86400, "end": end_s, "step": 300}),
        "max per hour of 100 series": ("/api/v1/query_range", {"query": "max_over_time(temperature[1h])", "start": end_s - 86400, "end": end_s, "step": 3600}),
    }


def main():
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 8640
    with peers.workplace() as work:
        load = peers.build_load(work)
        if load is None:
            print("skipped: the load generator is not here")
            return 0
        reached = in_fresh_servers(work, "text", lambda ours, theirs: compare(load, ours, theirs, samples))
        reached &= in_fresh_servers(work, "lines", lambda ours, theirs: compare_lines(load, ours, theirs, samples))
    return 0 if reached else 1


def in_fresh_servers(work, name, measure):
    ours = peers.start_cistern(f"{work}/{name}")
    theirs = peers.start_victoria_metrics(f"{work}/{name}")
    try:
        return measure(ours, theirs)
    finally:
        ours.stop()
        theirs.stop()


def compare(load, ours, theirs, samples):
    total = samples * 1000
    end_s = START_S + samples * 10
    ours_rate, ours_cpu = peers.post_load(load, ours, "/api/v1/import/prometheus", "promtext", samples, jitter_ms=50)
    peer_rate, peer_cpu = peers.post_load(load, theirs, "/api/v1/import/prometheus", "promtext", samples, jitter_ms=50)
    reached = peers.row("ingest, Prometheus text", ours_rate / 1e6, peer_rate / 1e6, "M samples/s", ">= 2")
    reached &= peers.row("  CPU per sample", ours_cpu / total * 1e6, peer_cpu / total * 1e6, "us", "<= 0.5")
    reached &= peers.row("RSS after that ingest", ours.rss_mib(), theirs.rss_mib(), "MiB", "<= 0.4")

    theirs.get("/internal/force_flush")
    reached &= latencies(ours, theirs, "as ingested", end_s)
    # Both as they are a day later.
    theirs.get("/internal/force_merge")
    ours.stop()
    subprocess.run([peers.CISTERN, "compact", "--root", ours.folder], check=True, stdout=subprocess.DEVNULL)
    merged = peers.start_cistern(pathlib.Path(ours.folder).parents[1])
    try:
        reached &= latencies(merged, theirs, "merged", end_s)
    finally:
        merged.stop()
    theirs.stop()
    return peers.row("disk", ours.disk_bytes() / total, theirs.disk_bytes() / total, "B/sample", "<= 0.45") and reached


def latencies(ours, theirs, state, end_s):
    reached = True
    for name, (path, parameters) in queries(end_s).items():
        ours_parameters = parameters
        if "aggregate=avg" in name:  # the same question in our words; theirs has the other row's
            ours_parameters = {"query": parameters["query"], "start": parameters["start"], "end": parameters["end"], "aggregate": "avg", "window": "5m"}
            parameters = {**parameters, "query": f"avg_over_time({parameters['query']}[5m])"}
        ours_ms, peer_ms = peers.median_ms(lambda: ours.get(path, **ours_parameters),
                                           lambda: theirs.get(path, nocache=1, **parameters))
        reached &= peers.row(f"{name}, {state}", ours_ms, peer_ms, "ms", "<= 0.5")
    return reached


def compare_lines(load, ours, theirs, samples):
    total = samples * 1000
    ours_rate, ours_cpu = peers.post_load(load, ours, "/api/v1/import", "nanolp", samples, jitter_ms=50, db="lines")
    peer_rate, peer_cpu = peers.post_load(load, theirs, "/write", "influx", samples, jitter_ms=50)
    reached = peers.row("ingest, line protocol (theirs: Influx)", ours_rate / 1e6, peer_rate / 1e6, "M samples/s", ">= 2")
    return peers.row("  CPU per sample", ours_cpu / total * 1e6, peer_cpu / total * 1e6, "us", "<= 0.5") and reached


if __name__ == "__main__":
    sys.exit(main())
