#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Odd parameters on every route of Prometheus' API: the same status, error type and text as 2.42.

Left out is where we differ on purpose (docs/conformance.md): times such as `now`, limits of lists,
UTF-8 label names, and the bodies of 404 and 405.
"""
import harness
import prometheus_wire as wire
from prometheus_peer import Prometheus, call
from random_expressions import batches

AT = "1700001800"
RANGE = {"start": AT, "end": "1700002800", "step": "30"}
QUERY, QUERY_RANGE = "/api/v1/query", "/api/v1/query_range"
TIMES = ["abc", "", "1.5", "1e3", "-1", "2023-11-14T22:13:20Z", "2023-11-14T22:13:20.123456Z", "2023-11-14T22:13:20+01:00",
         "1e400", "0x10", " 1", "1795245170000", "-292273086-05-16T16:47:06Z", "292277025-08-18T07:12:54.999999999Z"]
STEPS = ["abc", "", "0", "-1", "1m", "1.5m", "1h30m", "1m1h", "1e400", "0s", "1000000y", "30", "0.5", "+5", "5 m", "1ms", "-5m",
         "9223372036", "9223372037", "1e18", "0.0001"]
RANGES = [(AT, "1700001700", "30"), (AT, AT, "30"), ("0", "11000", "1"), ("0", "11001", "1"), ("0", "11000.5", "1"),
          ("0", "11", "0.001"), ("0", "11.001", "0.001"), ("", "", ""), (AT, "", ""), (AT, AT, "")]
QUERIES = ["gauge[5m]", '"x"', "1", "time()", "gauge @ 1e30", "sum(", "gauge and 1", "gauge + on () other_gauge",
           'label_replace(gauge,"a","b","c","(")', 'label_replace(gauge,"1x","b","c","d")', 'count_values("1x",gauge)',
           "topk(NaN,gauge)", "gauge * on (a) other_gauge", "gauge * on () group_left gauge", "holt_winters(gauge[5m],2,1)",
           "gauge{", "vector(1)", "1/0", "absent(x)", "gauge offset 1000000y", 'label_join(gauge,"","-")', "gauge or gauge",
           'label_replace(gauge, "__name__","x","a",".*")', '{__name__=~".*"}', "((((((1))))))"]
SELECTORS = ["", "up", "gauge", "{", "up[5m]", "up offset 5m", "1", "sum(up)", '{a="x"}', 'gauge{a="x"', "(gauge)", "-gauge",
             '"gauge"', "a b", 'gauge{a=~"("}', '{a!=""}', 'gauge{b="1"} or x', "sum", "offset"]


def cases():
    """(path, parameters, method)"""
    for method in ("GET", "POST"):
        for path in (QUERY, QUERY_RANGE):
            yield path, {}, method
            yield path, {"query": "", **RANGE}, method
    for text in TIMES:
        yield QUERY, {"query": "gauge", "time": text or "1"}, "GET"
        yield QUERY_RANGE, {"query": "gauge", "start": text, "end": AT, "step": "30"}, "GET"
        yield "/api/v1/labels", {"start": text}, "GET"
        yield "/api/v1/series", {"match[]": "up", "end": text}, "GET"
        yield "/api/v1/query_exemplars", {"query": "up", "start": text, "end": AT}, "GET"
    for text in STEPS:
        yield QUERY_RANGE, {"query": "gauge", "start": AT, "end": "1700002800", "step": text}, "GET"
    for text in ("abc", "1m", "30", "1e400", "9223372037"):
        yield QUERY, {"query": "gauge", "time": AT, "timeout": text}, "GET"
    for start, end, step in RANGES:
        yield QUERY_RANGE, {"query": "gauge", "start": start, "end": end, "step": step}, "POST"
    for query in QUERIES:
        for method in ("GET", "POST"):
            yield QUERY, {"query": query, "time": AT}, method
            yield QUERY_RANGE, {"query": query, **RANGE}, method
        yield "/api/v1/format_query", {"query": query}, "POST"
    for selector in SELECTORS + ["{}", '{a=~".*"}']:
        for path in ("/api/v1/series", "/api/v1/labels"):
            yield path, {"match[]": selector}, "GET"
            yield path, {"match[]": ["gauge", selector]}, "POST"
        yield "/api/v1/label/a/values", {"match[]": selector}, "GET"
        yield "/api/v1/label/__name__/values", {"match[]": ["gauge", selector]}, "GET"
    for selector in SELECTORS:
        yield "/federate", {"match[]": selector}, "GET"
    for path in ("rules", "alerts", "alertmanagers", "targets", "targets/metadata", "scrape_pools", "status/walreplay",
                 "metadata", "query_exemplars", "format_query", "labels", "series"):
        yield "/api/v1/" + path, {}, "GET"
    for path in ("query", "series", "labels", "label/a/values", "rules", "targets", "metadata", "read", "write"):
        for method in ("PUT", "PATCH", "OPTIONS"):
            yield "/api/v1/" + path, {}, method
    yield "/api/v1/label/a/values", {}, "POST"
    yield "/api/v1/nothere", {}, "GET"
    yield "/api/v1/metadata", {"limit": "abc"}, "GET"
    for action in ("snapshot", "delete_series", "clean_tombstones"):
        yield "/api/v1/admin/tsdb/" + action, {}, "POST"


def in_order(data):
    """Instant vectors and histogram_quantile come in any order."""
    if isinstance(data, dict) and isinstance(data.get("result"), list) and data.get("resultType") in ("vector", "matrix"):
        return {**data, "result": sorted(data["result"], key=str)}
    return data


def difference(theirs, ours):
    if theirs[0] != ours[0]:
        return "status"
    if theirs[0] in (404, 405):
        return None
    if isinstance(theirs[1], dict) != isinstance(ours[1], dict):
        return "body"
    if not isinstance(theirs[1], dict):
        return None if theirs[1] == ours[1] else "text"
    if theirs[1]["status"] == "error":
        return next((key for key in ("errorType", "error") if theirs[1][key] != ours[1][key]), None)
    return None if in_order(theirs[1]["data"]) == in_order(ours[1]["data"]) else "data"


def test_odd_parameters(work):
    server, peer = work.cistern(), Prometheus(work, "{}")
    for batch in batches():
        for url in (server.url, peer.url):
            wire.remote_write(url, batch)
    asked, faults = 0, []
    for path, parameters, method in cases():
        theirs, ours = (call(url, path, parameters, method) for url in (peer.url, server.url))
        asked += 1
        if fault := difference(theirs, ours):
            faults.append(f"{fault}: {method} {path} {parameters}\n    {str(theirs)[:300]}\n    {str(ours)[:300]}")
    print(f"{asked - len(faults)} of {asked} requests have the same answer", flush=True)
    assert not faults, "\n".join(faults)


def test_statistics_have_prometheus_shape(work):
    server, peer = work.cistern(), Prometheus(work, "{}")
    shapes = []
    for url in (peer.url, server.url):
        stats = call(url, QUERY_RANGE, {"query": "vector(1)", "stats": "all", **RANGE})[1]["data"]["stats"]
        shapes.append({key: sorted(value) for key, value in stats.items()})
    assert shapes[0] == shapes[1], shapes


if __name__ == "__main__":
    harness.main()
