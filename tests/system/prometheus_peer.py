# SPDX-License-Identifier: MIT
"""Debian's Prometheus as a peer of a test, and the comparison of two servers' answers."""
import json
import math
import pathlib
import shutil
import urllib.error
import urllib.parse
import urllib.request

import harness


class Prometheus:
    """A running prometheus; `settings` is the whole of its configuration file."""

    def __init__(self, work, settings, name="prometheus", *flags):
        if not shutil.which("prometheus"):
            raise harness.Skip("prometheus is not installed")
        self.port = harness.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        pathlib.Path(work.path(name + ".yml")).write_text(settings.replace("OWN_PORT", str(self.port)))
        self.process = work.spawn(
            ["prometheus", "--config.file=" + work.path(name + ".yml"), "--storage.tsdb.path=" + work.path(name),
             f"--web.listen-address=127.0.0.1:{self.port}", "--storage.tsdb.retention.time=100y",
             "--web.enable-remote-write-receiver", *flags], name)
        harness.wait_for("the start of prometheus", lambda: self.is_ready(work, name))

    def is_ready(self, work, name):
        assert self.process.poll() is None, "prometheus ended:\n" + work.log(name)
        with urllib.request.urlopen(self.url + "/-/ready", timeout=5) as answer:
            return answer.status == 200


def call(base_url, path, parameters, method="POST"):
    """(status, document); a body that is no JSON comes as its text."""
    form = urllib.parse.urlencode(parameters, doseq=True)
    if method == "POST":
        request = urllib.request.Request(base_url + path, data=form.encode(), method="POST")
    else:
        request = urllib.request.Request(base_url + path + ("?" + form if form else ""), method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            status, body = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read()
    try:
        return status, json.loads(body)
    except ValueError:
        return status, body.decode(errors="replace")


def same_number(a, b, tolerance=1e-9):
    """Values as Prometheus writes them; two NaN are equal."""
    if a == b:
        return True
    x, y = float(a), float(b)
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) and math.isnan(y)
    if x == y:
        return True
    return not math.isinf(x) and not math.isinf(y) and abs(x - y) <= tolerance * max(abs(x), abs(y))


def points(series):
    return series["values"] if "values" in series else [series["value"]]


def by_labels(result):
    return {tuple(sorted(series["metric"].items())): points(series) for series in result}


def difference(expected, actual, tolerance=1e-9):
    """What differs between two answers of /query or /query_range; None when they are the same."""
    if expected[0] != actual[0]:
        return f"status {expected[0]} and {actual[0]}: {str(expected[1])[:200]} and {str(actual[1])[:200]}"
    if expected[0] != 200:
        kinds = [document.get("errorType") for _, document in (expected, actual)]
        return None if kinds[0] == kinds[1] else f"error types {kinds}"
    a, b = expected[1]["data"], actual[1]["data"]
    if a["resultType"] != b["resultType"]:
        return f"result types {a['resultType']} and {b['resultType']}"
    if a["resultType"] == "string":
        return None if a["result"] == b["result"] else f"{a['result']} and {b['result']}"
    if a["resultType"] == "scalar":
        one, other = {(): [a["result"]]}, {(): [b["result"]]}
    else:
        one, other = by_labels(a["result"]), by_labels(b["result"])
    if one.keys() != other.keys():
        return f"series {sorted(one.keys() - other.keys())[:3]} and {sorted(other.keys() - one.keys())[:3]}"
    for labels, wanted in one.items():
        fault = points_difference(wanted, other[labels], tolerance)
        if fault:
            return f"{dict(labels)}: {fault}"
    return None


def points_difference(wanted, got, tolerance):
    if [point[0] for point in wanted] != [point[0] for point in got]:
        return f"times {[p[0] for p in wanted][:4]} ({len(wanted)}) and {[p[0] for p in got][:4]} ({len(got)})"
    for (time, a), (_, b) in zip(wanted, got):
        if not same_number(a, b, tolerance):
            return f"at {time}: {a} and {b}"
    return None
