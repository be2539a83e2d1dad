#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PromQL latency beside Debian's prometheus and victoria-metrics: 1,000 series, one day, 10 s."""
import sys

import peers

START_S = 1767225600
QUERIES = {
    "avg(m)": "avg(temperature)",
    "sum by (d) (rate(m[5m]))": "sum by (device) (rate(energy_total[5m]))",
    "max_over_time(m[1h])": "max_over_time(temperature[1h])",
    "topk(5, m)": "topk(5, temperature)",
    "histogram_quantile": 'histogram_quantile(0.9, sum by (le) (label_replace(rate(energy_total[5m]), "le", "$1", "device", "dev000(.*)")))',
}


def main():
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 8640
    end = START_S + samples * 10
    window = {"start": end - 86400, "end": end, "step": 60}
    reached = True
    with peers.workplace() as work:
        load = peers.build_load(work)
        if load is None:
            print("skipped: the load generator is not here")
            return 0
        ours, vm, prometheus = peers.start_cistern(work), peers.start_victoria_metrics(work), peers.start_prometheus(work)
        try:
            peers.post_load(load, ours, "/api/v1/import/prometheus", "promtext", samples, jitter_ms=50)
            peers.post_load(load, vm, "/api/v1/import/prometheus", "promtext", samples, jitter_ms=50)
            peers.post_load(load, prometheus, "/api/v1/write", "remotewrite", samples, jitter_ms=50)
            vm.get("/internal/force_flush")
            grown = {}
            for name, expression in QUERIES.items():
                reached &= latency(name, ours, vm, prometheus, "/api/v1/query_range", {"query": expression, **window})
            raw = {"query": "temperature[1d]", "time": end}
            reached &= latency("100 series, one raw day", ours, vm, prometheus, "/api/v1/query", raw)
            for server in (ours, prometheus):
                grown[server.name] = server.peak_rss_mib() - server.rss_mib()
            peers.row("memory: peak above resident", max(grown["cistern"], 0.1), max(grown["prometheus"], 0.1), "MiB", "<= 0.5")
        finally:
            for server in (ours, vm, prometheus):
                server.stop()
    return 0 if reached else 1


def latency(name, ours, vm, prometheus, path, parameters):
    ours_ms = peers.median_ms(lambda: ours.get(path, **parameters), 7, 1)
    vm_ms = peers.median_ms(lambda: vm.get(path, nocache=1, **parameters), 7, 1)
    prometheus_ms = peers.median_ms(lambda: prometheus.get(path, **parameters), 7, 1)
    first = peers.row(name + " (prometheus)", ours_ms, prometheus_ms, "ms", "<= 0.5")
    return peers.row(name + " (victoria-metrics)", ours_ms, vm_ms, "ms", "<= 1") and first


if __name__ == "__main__":
    sys.exit(main())
