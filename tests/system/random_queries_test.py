#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random expressions, asked of Prometheus 2.42 and of cistern: the same answers.

    SEED=7 COUNT=20000 FAULTS_SHOWN=100 tests/system/random_queries_test.py

Without these: seed 1, 1,000 expressions, 20,000 at night.
"""
import http.client
import json
import os
import re
import sys
import threading
import urllib.parse

import harness
import prometheus_wire as wire
from prometheus_peer import Prometheus, difference, same_number
from random_expressions import BEGIN_S, Generator, batches

COUNT, COUNT_AT_NIGHT = 1000, 20_000
SEED = 1
REQUESTS = [("/api/v1/query", {"time": BEGIN_S + 1800}), ("/api/v1/query", {"time": BEGIN_S + 2467.3}),
            ("/api/v1/query_range", {"start": BEGIN_S + 300, "end": BEGIN_S + 3900, "step": 53})]
# Prometheus keeps the series of a range in a map and visits them in another order each time: which of
# equal series topk keeps, and the last digit of a sum, are then chance. Ours must be an answer it gives.
ASKED_AGAIN = 30
# Go and C have functions of their own, which differ in the last digit. Where such a value goes on
# into another of these, the digit may become the answer: cos(exp(x)), (x ^ y) % z.
INEXACT = re.compile(r"\b(?:a?cosh?|a?sinh?|a?tanh?2?|exp|ln|log2|log10|stddev\w*|stdvar\w*|avg\w*|count_values|predict_linear|ceil|floor|round|minute|hour|day_of_\w+|days_in_month|month|year)\b|[\^%]")
NUMBER = re.compile(r"-?\d+\.?\d*")


class Asker:
    """One connection that is kept open."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, path, parameters):
        self.connection.request("POST", path, urllib.parse.urlencode(parameters),
                                {"Content-Type": "application/x-www-form-urlencoded"})
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())


def order_difference(expression, answers):
    """sort() and topk() promise an order of values."""
    if not expression.startswith(("sort", "topk", "bottomk")) or answers[0][0] != 200:
        return None
    orders = [[row["value"][1] for row in answer[1]["data"]["result"] if "value" in row] for answer in answers]
    same = len(orders[0]) == len(orders[1]) and all(map(same_number, *orders))
    return None if same else f"order {orders[0][:5]} and {orders[1][:5]}"


def with_rounded_labels(answer):
    """count_values makes labels of values: they are equal to 1e-9 as values are."""
    if answer[0] == 200 and answer[1]["data"]["resultType"] in ("vector", "matrix"):
        for series in answer[1]["data"]["result"]:
            for label, value in series["metric"].items():
                if NUMBER.fullmatch(value):
                    series["metric"][label] = f"{float(value):.9g}"
    return answer


class Comparison:
    """Asks both servers; keeps what differs."""

    def __init__(self):
        self.faults, self.by_chance, self.by_digits = [], [], []

    def run(self, ports, expressions):
        peer, server = (Asker(port) for port in ports)
        for expression in expressions:
            for path, parameters in REQUESTS:
                parameters = {"query": expression, **parameters}
                ours, theirs = server.ask(path, parameters), peer.ask(path, parameters)
                fault = self.fault(expression, theirs, ours)
                if fault:
                    again = [peer.ask(path, parameters) for _ in range(ASKED_AGAIN)]
                    self.judge(expression, f"{path} {parameters}\n    {fault}", ours, [theirs, *again])

    @staticmethod
    def fault(expression, theirs, ours):
        if "count_values" in expression:
            theirs, ours = with_rounded_labels(theirs), with_rounded_labels(ours)
        return difference(theirs, ours) or order_difference(expression, (theirs, ours))

    def judge(self, expression, text, ours, answers):
        if any(not self.fault(expression, theirs, ours) for theirs in answers):
            return
        if any(self.fault(expression, answers[0], theirs) for theirs in answers):
            self.by_chance.append((expression, text))
        elif len(INEXACT.findall(expression)) > 1:
            self.by_digits.append((expression, text))
        else:
            self.faults.append((expression, text))


def run(work, seed, count):
    server = work.cistern()
    peer = Prometheus(work, "{}")
    for batch in batches():
        for url in (server.url, peer.url):
            wire.remote_write(url, batch)
    generator = Generator(seed)
    expressions = [generator.expression() for _ in range(count)]
    comparison = Comparison()
    threads = [threading.Thread(target=comparison.run, args=((peer.port, server.port), expressions[part::2]))
               for part in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.process.poll() is None, "cistern ended:\n" + work.log("cistern")
    shown = int(os.environ.get("FAULTS_SHOWN", "20"))
    kinds = [(comparison.faults, "differ"), (comparison.by_digits, "differ by a last digit that grew"),
             (comparison.by_chance, "have no fixed answer in Prometheus")]
    for found, kind in kinds:
        for expression, text in found[:shown]:
            print(f"{kind}: {expression}\n    {text}")
    counts = [len({expression for expression, _ in found}) for found, _ in kinds]
    print(f"seed {seed}: {count - sum(counts)} of {count} expressions give the same answers, "
          + ", ".join(f"{number} {kind}" for number, (_, kind) in zip(counts, kinds)), flush=True)
    assert not comparison.faults, f"{counts[0]} of {count} expressions differ"


def test_random_expressions(work):
    default = COUNT_AT_NIGHT if harness.scale() > 1 else COUNT
    run(work, int(os.environ.get("SEED", SEED)), int(os.environ.get("COUNT", default)))


if __name__ == "__main__":
    harness.main()
