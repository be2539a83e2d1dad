#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debian's Prometheus writes to cistern and reads from it."""
import math
import time

import harness
import prometheus_wire as wire
from prometheus_peer import Prometheus, call, difference

SCRAPES = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - {{job_name: own, static_configs: [{{targets: ["127.0.0.1:OWN_PORT"]}}]}}
  - {{job_name: cistern, static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}
remote_write:
  - url: {url}/api/v1/write
    queue_config: {{batch_send_deadline: 100ms}}
    metadata_config: {{send_interval: 1s}}
"""

QUERIES = [
    "up", "count by (job) ({__name__!=''})", "sum by (job) (scrape_samples_scraped)",
    "prometheus_build_info", "sum without (instance) (rate(prometheus_http_requests_total[4s]))",
    "histogram_quantile(0.9, sum by (le) (rate(prometheus_http_request_duration_seconds_bucket[5s])))",
    "topk(3, prometheus_tsdb_head_chunks or go_goroutines)", "quantile_over_time(0.5, go_goroutines[5s])",
    "go_gc_duration_seconds{quantile='0.5'}", "cistern_http_requests_total", "absent(nothing{a='b'})",
    "max_over_time(process_resident_memory_bytes[3s:1s])", "process_start_time_seconds * on (job) group_left () up",
]


def test_remote_write_gives_the_same_answers(work):
    server = work.cistern()
    peer = Prometheus(work, SCRAPES.format(port=server.port, url=server.url))
    harness.wait_for("six scrapes of both", lambda: [
        row for row in server.instant("count_over_time(up[1m])") if float(row[1]) >= 6][1:])
    end = math.floor(time.time()) - 1.5  # what is scraped by now may still be on its way
    newest = f"min(timestamp(up)) >= {end}"
    harness.wait_for("the newest scrapes", lambda: server.instant(newest))
    for query in QUERIES:
        for path, parameters in (("/api/v1/query", {"time": end}),
                                 ("/api/v1/query_range", {"start": end - 5, "end": end, "step": "500ms"})):
            answers = [call(url, path, {"query": query, **parameters}) for url in (peer.url, server.url)]
            assert not difference(*answers), f"{path} {query}: {difference(*answers)}"
            assert query.startswith("rate") or answers[0][1]["data"]["result"], f"{query} gives nothing"
    window = {"start": end - 5, "end": end}
    for path in ("/api/v1/labels", "/api/v1/label/__name__/values", "/api/v1/label/job/values"):
        lists = [set(call(url, path, window, "GET")[1]["data"]) for url in (peer.url, server.url)]
        assert lists[0] == lists[1], f"{path}: {lists[0] ^ lists[1]}"
    metadata = harness.wait_for("metadata", lambda: server.get("/api/v1/metadata", metric="go_goroutines")["data"])
    assert metadata["go_goroutines"][0]["type"] == "gauge", metadata


def test_a_target_that_goes_away_is_stale_at_once(work):
    server, target = work.cistern(), work.cistern(root="target")
    Prometheus(work, SCRAPES.format(port=target.port, url=server.url))
    watched = "cistern_http_requests_total{job='cistern'}"
    harness.wait_for("the target's metrics", lambda: server.instant(watched))
    target.stop()
    harness.wait_for("the stale markers", lambda: not server.instant(watched), seconds=8)
    assert server.instant("up{job='cistern'}")[0][1] == "0"


READS = """
remote_read:
  - {{url: "{url}/api/v1/read", read_recent: true}}
"""


def fill(server, now_ms):
    server_series = []
    for device in range(3):
        samples = [(now_ms - 600_000 + i * 1000, device + math.sin(i) * 1e3) for i in range(600)]
        samples[300] = (samples[300][0], math.nan)
        server_series.append(({"__name__": "flow", "device": f"d{device}"}, samples))
    server_series.append(({"__name__": "level"}, [(now_ms - 5000, 1.0), (now_ms - 4000, wire.STALE)]))
    wire.remote_write(server.url, server_series)


def test_remote_read_gives_prometheus_our_samples(work):
    server = work.cistern()
    now = math.floor(time.time())
    fill(server, now * 1000)
    peer = Prometheus(work, READS.format(url=server.url))
    queries = ["flow", "sum(rate(flow[1m]))", "flow{device=~'d[01]'}", "flow{device!='d1'}", "flow{device!~'d1|d2'}",
               "count_over_time(flow[10m])", "level", "last_over_time(level[1m])", "max_over_time(flow[5m:30s])"]
    for query in queries:
        for path, parameters in (("/api/v1/query", {"time": now - 1}),
                                 ("/api/v1/query_range", {"start": now - 500, "end": now, "step": 7})):
            answers = [call(url, path, {"query": query, **parameters}) for url in (server.url, peer.url)]
            assert not difference(*answers), f"{path} {query}: {difference(*answers)}"
    assert len(call(peer.url, "/api/v1/query", {"query": "flow", "time": now - 1})[1]["data"]["result"]) == 3


def test_streamed_chunks_hold_the_samples(work):
    server = work.cistern()
    now_ms = math.floor(time.time()) * 1000
    fill(server, now_ms)
    peer = Prometheus(work, "{}")
    fill(peer, now_ms)
    for metric, series in (("flow", 3), ("level", 1)):
        sampled, streamed, reference = (
            wire.remote_read(url, metric, now_ms - 400_000, now_ms, is_streamed)
            for url, is_streamed in ((server.url, False), (server.url, True), (peer.url, True)))
        assert len(sampled) == series
        assert sampled == streamed == reference


if __name__ == "__main__":
    harness.main()
