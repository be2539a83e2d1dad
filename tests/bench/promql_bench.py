#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Query latency and memory beside Debian's prometheus and victoria-metrics: 1,000 series, one day, 10 s.
Each query is asked twice over: right after the ingest, with the head and files as they were flushed, and
after everything was sealed. The servers are asked in turns, so that a busy machine is busy for all.

usage: promql_bench.py [SAMPLES_PER_SERIES]     (default 8640: one day)
"""
import pathlib
import subprocess
import sys

import peers

START_S = 1767225600
TURNS = 4
# Of these one fits: expression over a day at a step, or at one instant.
AT_STEPS = {
    "avg(m)": (60, "avg(temperature)"),
    "sum by (d) (rate(m[5m]))": (60, "sum by (device) (rate(energy_total[5m]))"),
    "max_over_time(m[1h])": (60, "max_over_time(temperature[1h])"),
    "topk(5, m)": (60, "topk(5, temperature)"),
    "histogram_quantile": (60, 'histogram_quantile(0.9, sum by (le) (label_replace(rate(energy_total[5m]), "le", "$1", "device", "dev000(.*)")))'),
    "avg of all 1,000 series": (60, 'avg({__name__=~".+"})'),
    "5 min averages of one day": (300, 'avg_over_time(temperature{device="dev00007"}[5m])'),
    "max per hour of 100 series": (3600, "max_over_time(temperature[1h])"),
}
AT_INSTANT = {
    "100 series, one raw day": "temperature[1d]",
    "one series, one raw day": 'temperature{device="dev00007"}[1d]',
}


def requests(end_s):
    for name, (step, expression) in AT_STEPS.items():
        yield name, "/api/v1/query_range", {"query": expression, "start": end_s - 86400, "end": end_s, "step": step}
    for name, expression in AT_INSTANT.items():
        yield name, "/api/v1/query", {"query": expression, "time": end_s}


def main():
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 8640
    end_s = START_S + samples * 10
    with peers.workplace() as work:
        load = peers.build_load(work)
        if load is None:
            print("skipped: the load generator is not here")
            return 0
        servers = [peers.start_cistern(work), peers.start_victoria_metrics(work), peers.start_prometheus(work)]
        try:
            peers.post_load(load, servers[0], "/api/v1/import/prometheus", "promtext", samples, jitter_ms=50)
            peers.post_load(load, servers[1], "/api/v1/import/prometheus", "promtext", samples, jitter_ms=50)
            peers.post_load(load, servers[2], "/api/v1/write", "remotewrite", samples, jitter_ms=50)
            servers[1].get("/internal/force_flush")
            reached = memory(servers[0], servers[2], end_s)
            print("\nafter the ingest")
            reached &= latencies(servers, end_s)
            print("\nsealed")
            servers[0].stop()
            subprocess.run([peers.CISTERN, "compact", "--root", servers[0].folder], check=True, stdout=subprocess.DEVNULL)
            servers[0] = peers.start_cistern(work)
            reached &= latencies(servers, end_s)
        finally:
            for server in servers:
                server.stop()
    return 0 if reached else 1


def latencies(servers, end_s):
    reached = True
    for name, path, parameters in requests(end_s):
        calls = []
        for server in servers:
            more = {"nocache": 1} if server.name == "victoria-metrics" else {}
            calls.append(lambda server=server, more=more: server.get(path, **parameters, **more))
        ours, vm, prometheus = peers.median_ms(*calls, turns=TURNS, burst=3)
        reached &= peers.row(name + " (victoria-metrics)", ours, vm, "ms", "<= 1")
        reached &= peers.row(name + " (prometheus)", ours, prometheus, "ms", "<= 0.5")
    return reached


def memory(ours, prometheus, end_s):
    """Of each query, the first time it is asked: how far the peak rises above what was resident before."""
    grown = {}
    for server in (ours, prometheus):
        for name, path, parameters in requests(end_s):
            pathlib.Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")  # the peak starts anew
            before = server.rss_mib()
            server.get(path, **parameters)
            grown.setdefault(name, []).append(max(server.peak_rss_mib() - before, 0))
    for name, (of_ours, of_prometheus) in grown.items():
        print(f"{'memory: ' + name:<52} {of_ours:>12.3f} {of_prometheus:>12.3f} MiB")
    largest = max(grown.values(), key=sum)
    return peers.row("memory of the largest query (prometheus)", max(largest[0], 0.1), max(largest[1], 0.1), "MiB", "<= 0.5")


if __name__ == "__main__":
    sys.exit(main())
