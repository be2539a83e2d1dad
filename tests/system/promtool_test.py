#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debian's promtool asks a running cistern."""
import shutil
import subprocess

import harness


def promtool(*arguments):
    if not shutil.which("promtool"):
        raise harness.Skip("promtool is not installed")
    done = subprocess.run(["promtool", "query", *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def filled(work):
    server = work.cistern()
    body = "".join(f'main/temperature{{device="d{d}"}} {20 + d + i % 7 / 10} {1700000000 + i * 10}000000000\n'
                   for i in range(120) for d in range(3))
    assert server.post("/api/v1/import", body)[0] == 200
    return server


def test_instant(work):
    server = filled(work)
    printed = promtool("instant", "--time", "1700000600", server.url, "avg(temperature)")
    assert printed.startswith("{} => 21."), printed


def test_range(work):
    server = filled(work)
    printed = promtool("range", "--start", "1700000000", "--end", "1700000600", "--step", "60s", server.url,
                       "sum by (device) (increase(temperature[1m]))")
    assert printed.count("{device=") == 3, printed


def test_series_and_labels(work):
    server = filled(work)
    window = ("--start", "1700000000", "--end", "1700001200")
    assert promtool("series", *window, "--match", "temperature", server.url).count('device="d') == 3
    assert promtool("labels", *window, server.url, "device").split() == ["d0", "d1", "d2"]


if __name__ == "__main__":
    harness.main()
