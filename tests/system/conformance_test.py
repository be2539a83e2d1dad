#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prometheus' own corpora against cistern and, where answers are compared, Debian's Prometheus 2.42.

The corpora (test scripts, compliance queries, parser cases, their runners) are no part of this tree:
they are looked for in ../shared/promql, or where CISTERN_PROMQL_CORPUS says. Prints the figures.
"""
import base64
import json
import os
import pathlib
import subprocess
import sys

import harness
from prometheus_peer import Prometheus, call

CORPUS = pathlib.Path(os.environ.get("CISTERN_PROMQL_CORPUS", harness.ROOT.parent / "shared/promql"))
LATE_SAMPLES = "storage: {tsdb: {out_of_order_time_window: 3650d}}\n"


def corpus(name):
    if not (CORPUS / name).exists():
        raise harness.Skip(f"no {name} in {CORPUS}")
    return str(CORPUS / name)


def run(script, *arguments):
    done = subprocess.run([sys.executable, corpus(script), *map(str, arguments)], capture_output=True, text=True, timeout=300)
    print(done.stdout.strip().rsplit("\n", 1)[-1], flush=True)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_scripts(work):
    scripts = sorted(pathlib.Path(corpus("testdata")).glob("*.test"))
    server = f"{harness.CISTERN} serve --root {{dir}} --listen 127.0.0.1:{{port}}"
    run("run_testdata.py", "--quiet", "--range-check", "--port", harness.free_port(), "--cmd", server, *scripts)


def both_with_data(work):
    data = work.path("corpus")
    subprocess.run([sys.executable, corpus("gen_openmetrics.py"), data], check=True, capture_output=True)
    server, peer = work.cistern(), Prometheus(work, LATE_SAMPLES)
    for url in (server.url, peer.url):
        subprocess.run([sys.executable, corpus("remote_write.py"), url + "/api/v1/write", data + "/data.tsv"],
                       check=True, capture_output=True)
    return peer.url, server.url


def test_compliance_and_extra_queries(work):
    urls = both_with_data(work)
    for queries in ("compliance_queries.txt", "extra_queries.txt"):
        run("diff.py", *urls, corpus(queries), "--strict-errors")


def test_parser_cases(work):
    server = work.cistern()
    cases = json.loads(pathlib.Path(corpus("parser_cases.json")).read_text())
    wrong, messages, other_messages = [], 0, []
    for case in cases:
        query = base64.b64decode(case["input_b64"])
        status, answer = call(server.url, "/api/v1/format_query", {"query": query})
        if (status != 200) != case["fail"]:
            wrong.append((query, status, answer))
        elif case["fail"]:
            messages += 1
            if case["errMsg"] not in answer["error"]:
                other_messages.append((query, case["errMsg"], answer["error"]))
    print(f"parser cases: {len(cases) - len(wrong)} of {len(cases)} accepted or refused as there, "
          f"{messages - len(other_messages)} of {messages} messages", flush=True)
    for case in other_messages:
        print(*case, sep="\n    ")
    assert not wrong, wrong
    assert len(other_messages) * 20 <= messages


if __name__ == "__main__":
    harness.main()
