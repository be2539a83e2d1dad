#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The store as a library: installed, found by find_package, linked into a program of its own."""
import os
import subprocess

import harness

BUILD = os.environ.get("CISTERN_BUILD", str(harness.ROOT / "build/release"))


def step(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def test_a_program_of_its_own_links_the_installed_store(place):
    prefix, build, root = (os.path.join(place.folder, name) for name in ("prefix", "build", "root"))
    step("cmake", "--install", BUILD, "--component", "development", "--prefix", prefix)
    step("cmake", "-S", harness.ROOT / "store/example", "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Debug")
    step("cmake", "--build", build)
    printed = step(f"{build}/greenhouse", root).splitlines()
    assert printed == [
        "imported 1 line",
        "samples of the first hour: 120",
        'last: temperature{sensor="roof"} 25.9',
        "average 22.95, maximum 25.9",
        "exported 2881 samples",
    ], printed
    # A clean end: the daemon's own commands read what the program wrote.
    harness.run("verify", "--root", root)


if __name__ == "__main__":
    harness.main()
