#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The committed dashboard is what its sources give, asks nobody but its own server, and is small.

Needs no Node.js: the build wrote dist/SOURCES.sha256 (the format of sha256sum) over every source
and every built file; this compares both with the files. `sha256sum -c` in web/ui does the same.
"""
import argparse
import hashlib
import pathlib
import re
import sys
import zlib

INPUTS = [".npmrc", "build.mjs", "package-lock.json", "package.json", "tsconfig.json"]
FIRST_VIEW_MAX = 80_000
TOTAL_MAX = 150_000
REBUILD = "run `npm ci && npm run build` in web/ui and commit dist/ with the sources"
# Never fetched: the names of XML namespaces, and what people are pointed to.
HARMLESS_URL = re.compile(r"https?://(www\.w3\.org/|localhost\b)")
URL = re.compile(r"https?://[A-Za-z0-9.-]+[^\s\"'`)]*")


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files_below(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def read_manifest(ui):
    recorded = {}
    for line in (ui / "dist/SOURCES.sha256").read_text().splitlines():
        value, name = line.split("  ", 1)
        recorded[name] = value
    return recorded


def check_manifest(ui):
    recorded = read_manifest(ui)
    paths = [ui / name for name in INPUTS] + files_below(ui / "src") + files_below(ui / "dist")
    present = {path.relative_to(ui).as_posix(): path for path in paths}
    present.pop("dist/SOURCES.sha256")
    for name in sorted(present.keys() - recorded.keys()):
        yield f"web/ui/{name} is newer than the build: {REBUILD}"
    for name in sorted(recorded.keys() - present.keys()):
        yield f"web/ui/{name} was part of the build and is gone: {REBUILD}"
    for name in sorted(recorded.keys() & present.keys()):
        if digest(present[name]) != recorded[name]:
            yield f"web/ui/{name} changed since the build: {REBUILD}"


def check_urls(ui):
    for path in files_below(ui / "dist/assets") + [ui / "dist/index.html"]:
        for url in URL.findall(path.read_text()):
            if not HARMLESS_URL.match(url):
                yield f"web/ui/dist: {path.name} names another host: {url}"
    for number, line in enumerate((ui / "package-lock.json").read_text().splitlines(), 1):
        if '"resolved"' in line:
            yield f"web/ui/package-lock.json:{number}: names a package host: keep .npmrc's setting"


def static_imports(path):
    text = path.read_text()
    names = re.findall(r"(?:from|import)\s*\"(\./[^\"]+\.js)\"", text)
    return [path.parent / name for name in names]


def first_view(ui):
    page = ui / "dist/index.html"
    named = re.findall(r"(?:src|href)=\"(\./assets/[^\"]+)\"", page.read_text())
    wanted = [page] + [ui / "dist" / name for name in named]
    for path in wanted:  # grows while it is walked
        if path.suffix == ".js":
            wanted.extend(one for one in static_imports(path) if one not in wanted)
    return wanted


def gzipped(path):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return len(packer.compress(path.read_bytes()) + packer.flush())


def check_sizes(ui):
    wanted = first_view(ui)
    missing = [path for path in wanted if not path.is_file()]
    for path in missing:
        yield f"web/ui/dist/index.html names {path.name}, which is not there: {REBUILD}"
    if missing:
        return
    first = sum(gzipped(path) for path in wanted)
    total = sum(gzipped(path) for path in files_below(ui / "dist") if path.name != "SOURCES.sha256")
    print(f"first view {first} bytes of {FIRST_VIEW_MAX}, all {total} of {TOTAL_MAX} (gzip)")
    if first > FIRST_VIEW_MAX:
        yield f"the dashboard's first view is {first} bytes (gzip), more than {FIRST_VIEW_MAX}"
    if total > TOTAL_MAX:
        yield f"the dashboard is {total} bytes (gzip), more than {TOTAL_MAX}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", type=pathlib.Path, nargs="?",
                        default=pathlib.Path(__file__).resolve().parents[2], help="the repository")
    ui = parser.parse_args().root / "web/ui"
    problems = []
    for check in (check_manifest, check_urls, check_sizes):
        problems.extend(check(ui))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
