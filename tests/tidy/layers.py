#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the arrows between folders and the owners of third-party headers, as ARCHITECTURE.md
prints them; fails on any include that is not in the table.

usage: layers.py ROOT            check the tree
       layers.py --self-test     check the checker
"""
import pathlib
import re
import sys

# folder -> folders whose headers it may include (itself always).
ALLOWED = {
    "store/base": [],
    "store/model": ["store/base"],
    "store/catalog": ["store/base", "store/model"],
    "store/codec": ["store/base"],
    "store/wal": ["store/base", "store/model"],
    "store/head": ["store/base", "store/model", "store/codec"],
    "store/partition": ["store/base", "store/model", "store/codec"],
    "store/engine": ["store/base", "store/model", "store/catalog", "store/codec", "store/wal", "store/head", "store/partition"],
    "store/example": ["store/base", "store/model", "store/engine"],
    "store/promql": ["store/base", "store/model", "store/catalog", "store/engine"],
    "collector/mqtt": ["store/base"],
    "collector/decode": ["store/base", "store/model"],
    "collector/mapping": ["store/base", "store/model", "collector/decode"],
    "collector/ingest": ["store/base", "store/model", "store/catalog", "store/engine", "collector/decode", "collector/mapping", "collector/mqtt"],
    "bridge": ["store/base", "store/model", "store/catalog", "store/engine", "collector/mqtt"],
    "web": ["store/base", "store/model", "store/catalog", "store/engine", "store/promql"],
    "config": ["store/base", "store/model", "store/catalog", "store/engine", "collector/decode", "collector/mapping", "collector/mqtt", "collector/ingest", "web", "bridge"],
    "app": ["store/base", "store/model", "store/catalog", "store/codec", "store/wal", "store/head", "store/partition", "store/engine", "store/promql",
            "collector/decode", "collector/mapping", "collector/mqtt", "collector/ingest", "bridge", "web", "config"],
    "app/main": ["app"],
}

# third-party header prefix -> the folders whose .cc files may include it.
OWNERS = {
    "mqtt/": ["collector/mqtt"],
    "MQTT": ["collector/mqtt"],
    "openssl/": ["collector/mqtt", "web"],
    "civetweb.h": ["web"],
    "toml++/": ["config"],
    "simdjson": ["collector/decode"],
    "curl/": ["bridge"],
    "CLI/": ["app"],
    "spdlog/": ["store/base"],
    "re2/": ["store/model", "store/promql", "collector/mapping"],
    "zstd.h": ["store/codec", "store/partition", "collector/decode"],
    "snappy": ["web", "bridge"],
    "zlib.h": ["web", "collector/decode"],
    "crypt.h": ["web"],
    "protozero/": ["web", "collector/decode", "bridge"],
    "fast_float/": ["store/model", "store/promql", "collector/decode"],
}
# These may be seen in headers: the result type and formatting are everybody's vocabulary.
IN_HEADERS = ("tl/expected.hpp", "fmt/")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def folder_of(path):
    parts = pathlib.PurePosixPath(path).parts[:-1]
    for length in (2, 1):
        name = "/".join(parts[:length])
        if name in ALLOWED:
            return name
    return None


def faults_in(path, text):
    """Yields what is wrong in one file, as `path:line: reason`."""
    folder = folder_of(path)
    if folder is None:
        yield f"{path}: lies in no folder of the table"
        return
    for number, line in enumerate(text.splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        header = found.group(2)
        if found.group(1) == '"':
            target = folder_of(header)
            if target is None:
                yield f"{path}:{number}: include \"{header}\" from the repository's root"
            elif target != folder and target not in ALLOWED[folder]:
                yield f"{path}:{number}: {folder} must not include {target}"
            continue
        for prefix, owners in OWNERS.items():
            if not header.startswith(prefix):
                continue
            if folder not in owners:
                yield f"{path}:{number}: <{header}> belongs to {', '.join(owners)}"
            elif path.endswith(".h") and not header.startswith(IN_HEADERS):
                yield f"{path}:{number}: <{header}> must stay out of headers"


def sources(root):
    for top in ("store", "collector", "bridge", "web", "config", "app"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".h", ".cc") and "node_modules" not in path.parts:
                yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def documented_table(root):
    """The table of ARCHITECTURE.md: | `folder` | what | may include |"""
    table = {}
    for line in (root / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 3 and cells[0].startswith("`") and cells[0].strip("`/") in ALLOWED:
            table[cells[0].strip("`/")] = re.findall(r"`([^`]+)`", cells[2])
    return table


def self_test():
    assert list(faults_in("store/wal/x.cc", '#include "web/server.h"\n'))
    assert list(faults_in("web/x.cc", '#include "collector/mqtt/client.h"\n'))
    assert list(faults_in("web/x.cc", "#include <simdjson.h>\n"))
    assert list(faults_in("web/x.h", "#include <civetweb.h>\n"))
    assert list(faults_in("store/wal/x.cc", '#include "x.h"\n'))
    assert not list(faults_in("web/x.cc", '#include <civetweb.h>\n#include "store/engine/store.h"\n'))


def main():
    self_test()
    if sys.argv[1:] == ["--self-test"]:
        return 0
    root = pathlib.Path(sys.argv[1])
    faults = [fault for path, text in sources(root) for fault in faults_in(path, text)]
    documented = documented_table(root)
    for folder, targets in ALLOWED.items():
        if sorted(documented.get(folder, ["(missing)"])) != sorted(targets):
            faults.append(f"ARCHITECTURE.md: the row of `{folder}` says {documented.get(folder)}, the table {targets}")
    print("\n".join(faults) or "every include follows an arrow")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
