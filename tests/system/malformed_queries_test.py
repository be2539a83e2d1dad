#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Queries with a token too many, too few or in the wrong place: refused as Prometheus 2.42 refuses them.

    SEED=7 COUNT=20000 tests/system/malformed_queries_test.py
"""
import os
import random
import re

import harness
from prometheus_peer import Prometheus, call
from random_expressions import Generator

COUNT, COUNT_AT_NIGHT, SEED = 2000, 20_000, 1
TOKEN = re.compile(r'"[^"]*"|[A-Za-z_:][\w:]*|[\d.]+(?:e[+-]?\d+)?\w*|[<>=!]=|=~|!~|\S|\s+')
TOKENS = """( ) { } [ ] , + - * / % ^ == != > < = =~ !~ by without on ignoring group_left group_right bool offset @
and or unless sum rate foo 5m 1 "s" 'x' ` " \\ $ # ! : start() end() atan2 0x 1e 5m3 [5m] [5m:] {a="b"} NaN inf é ; & | ~
? . .. 1.2.3 sort time topk (1) () __name__ {} {,} "\\z" 0s -5m 1y2w avg_over_time label_replace count_values quantile
not_a_function( 1e400 08 0b1 offset_5m""".split()
QUERIES = ["""sum by (a) (rate(foo{a="b",c=~"d.*"}[5m] offset 1m))""", "foo @ 123", "a + on (b) group_left (c) d", "topk(5, m)",
           """label_replace(m, "a", "$1", "b", "(.*)")""", "histogram_quantile(0.9, m)", "m[5m:30s] offset -1m", "-m ^ 2",
           "1 + 2", "m == bool 1", '"string"', "time()", '{__name__="x"}', 'm{a="b",}', "sum(m) without (a)", "absent(m)",
           "a and on (x) b", "vector(1)", "m[5m] @ start()"]


def broken(query, chance):
    tokens = TOKEN.findall(query)
    for _ in range(chance.choice([1, 1, 1, 2])):
        if not tokens:
            break
        at, kind = chance.randrange(len(tokens)), chance.random()
        if kind < 0.3:
            del tokens[at]
        elif kind < 0.6:
            tokens.insert(at, chance.choice(TOKENS))
        elif kind < 0.8:
            tokens[at] = chance.choice(TOKENS)
        elif kind < 0.9:
            tokens.insert(at, tokens[at])
        elif kind < 0.95:
            del tokens[at:]
        else:
            other = chance.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
    return "".join(tokens)


def is_extension(theirs):
    """Quoted names in braces are Prometheus 3's; in [5m x] 2.42 takes the x for a colon; it fails at ("s")."""
    text = str(theirs[1])
    return "StepInvariantExpr" in text or "unexpected string" in text and "in label matching" in text or "unexpected colon" in text


def test_malformed_queries(work):
    count = int(os.environ.get("COUNT", COUNT_AT_NIGHT if harness.scale() > 1 else COUNT))
    seed = int(os.environ.get("SEED", SEED))
    server, peer = work.cistern(), Prometheus(work, "{}")
    chance, generator = random.Random(seed), Generator(seed)
    refused, faults, other_texts = 0, [], []
    for _ in range(count):
        query = broken(chance.choice(QUERIES) if chance.random() < 0.7 else generator.expression(), chance)
        path = chance.choice(["/api/v1/query", "/api/v1/format_query"])
        theirs, ours = (call(url, path, {"query": query, "time": 1}) for url in (peer.url, server.url))
        refused += theirs[0] != 200
        if is_extension(theirs) or "[" in query and " " in query and theirs[0] == 200 and "colon" in str(ours[1]):
            continue
        if theirs[0] != ours[0] or theirs[1].get("errorType") != ours[1].get("errorType"):
            faults.append((path, query, theirs, ours))
        elif theirs[1].get("error", "").replace('"<Item 57385>" <op:@>', '"@"') != ours[1].get("error", ""):
            other_texts.append((path, query, theirs[1]["error"], ours[1]["error"]))
    for fault in faults[:20] + other_texts[:20]:
        print(*fault, sep="\n    ")
    print(f"seed {seed}: {count} queries, {refused} refused, {len(faults)} differ, "
          f"{len(other_texts)} with another text", flush=True)
    assert not faults and len(other_texts) * 200 <= refused


if __name__ == "__main__":
    harness.main()
