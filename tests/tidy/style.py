#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""House rules that no compiler checks: file and line length, unfinished marks, banned calls,
SPDX line, tests that exist but are not built, paths of somebody's machine.

usage: style.py ROOT | --self-test
"""
import pathlib
import re
import subprocess
import sys

FILE_LINES_MAX = 400
LINE_COLUMNS_MAX = 120

# pattern -> (what to use instead, folders where it is allowed)
BANNED = {
    r"\bsystem_clock::now\b|\bsteady_clock::now\b|\bgettimeofday\b|[^_]\btime\(nullptr\)": ("cistern::Clock", ["store/base", "tests/bench"]),
    r"\bsleep_for\b|\busleep\(": ("a condition variable with a time-out", ["store/base", "tests", "app"]),
    r"\bstd::rand\b|\bsrand\(": ("<random> with a given seed", []),
    r"\bstd::regex\b": ("RE2", ["tests"]),
    r"\.detach\(\)": ("a thread that its owner joins", []),
    r"\bstd::cout\b|[^n]printf\(stdout": ("fmt::print in app, log_info elsewhere", ["app", "tests"]),
    r"\b(TODO|FIXME|XXX|HACK)\b": ("finish it, or say so in the change's note", []),
    r"std::format\b": ("fmt::format", []),
}
CODE = {".h", ".cc"}
SCRIPTS = {".py", ".ts", ".tsx", ".mjs", ".css"}


def strip_strings(line):
    return re.sub(r'"(\\.|[^"\\])*"', '""', line)


def faults_in(path, text):
    suffix = pathlib.PurePosixPath(path).suffix
    lines = text.splitlines()
    if len(lines) > FILE_LINES_MAX:
        yield f"{path}: {len(lines)} lines, more than {FILE_LINES_MAX}: which is its second noun?"
    if suffix in CODE and not (lines and lines[0].startswith("// SPDX-License-Identifier: MIT")):
        yield f"{path}: the first line must be the SPDX line"
    if suffix == ".h" and "#pragma once" not in text:
        yield f"{path}: #pragma once is missing"
    for number, line in enumerate(lines, 1):
        is_test_data = path.startswith("tests/") and '":' in line  # a JSON payload in a literal
        if suffix in CODE and len(line) > LINE_COLUMNS_MAX and not is_test_data:
            yield f"{path}:{number}: {len(line)} columns, more than {LINE_COLUMNS_MAX}"
        if suffix not in CODE:
            continue
        for pattern, (instead, allowed) in BANNED.items():
            if re.search(pattern, strip_strings(line)) and not path.startswith(tuple(allowed) or ("\0",)):
                yield f"{path}:{number}: banned, use {instead}: {line.strip()[:60]}"


def tracked(root):
    listing = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], capture_output=True, check=True).stdout
    for name in listing.decode().split("\0"):
        path = pathlib.PurePosixPath(name)
        if path.suffix in CODE | SCRIPTS and "dist" not in path.parts and (root / name).exists():
            yield name, (root / name).read_text(encoding="utf-8")


def self_test():
    head = "// SPDX-License-Identifier: MIT\n"
    assert list(faults_in("store/wal/a.cc", head + "x\n" * 500))
    assert list(faults_in("store/wal/a.cc", head + "auto t = std::chrono::system_clock::now();\n"))
    assert list(faults_in("store/wal/a.cc", head + "// TO" + "DO later\n"))
    assert list(faults_in("store/wal/a.cc", "int x;\n"))
    assert list(faults_in("store/wal/a.h", head + "int x;\n"))
    assert not list(faults_in("store/base/a.cc", head + "steady_clock::now();\n"))


def main():
    self_test()
    if sys.argv[1:] == ["--self-test"]:
        return 0
    root = pathlib.Path(sys.argv[1])
    faults = [fault for path, text in tracked(root) for fault in faults_in(path, text)]
    print("\n".join(faults) or "the house rules hold")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
