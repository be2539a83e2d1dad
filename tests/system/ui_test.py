# SPDX-License-Identifier: MIT
"""The dashboard in a real browser: first against a stand-in server, then the whole way from
simulated devices through a broker and cistern to the page.

Needs Node.js >= 18 and Chromium; skipped without. `UI_SCREENSHOT=docs/images/dashboard.png` makes
the README's picture.
"""
import os
import pathlib
import re
import shutil
import subprocess

import harness

UI = harness.ROOT / "web/ui"
TESTS = pathlib.Path(__file__).resolve().parent / "ui"
CHROMIUM = os.environ.get("CHROMIUM_BIN", "/usr/bin/chromium")


def node_major():
    if not shutil.which("node"):
        return 0
    version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    found = re.match(r"v(\d+)", version)
    return int(found.group(1)) if found else 0


def require_browser():
    if node_major() < 18:
        raise harness.Skip("Node.js 18 or newer is not installed")
    if not os.access(CHROMIUM, os.X_OK):
        raise harness.Skip(f"{CHROMIUM} is not installed")
    if not (UI / "node_modules/playwright-core/package.json").exists():
        done = subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=UI, capture_output=True, text=True)
        if done.returncode != 0:
            raise harness.Skip("web/ui/node_modules is missing and npm ci failed:\n" + done.stderr[-800:])


def run_browser(script, *arguments):
    done = subprocess.run(["node", str(TESTS / script), *map(str, arguments)], capture_output=True, text=True,
                          timeout=400, env={**os.environ, "CHROMIUM_BIN": CHROMIUM})
    print(done.stdout, done.stderr, sep="", flush=True)
    assert done.returncode == 0, f"{script} failed"


def test_every_page_against_a_stand_in_server(_workplace):
    require_browser()
    run_browser("mock_pages.mjs")
    run_browser("mock_tools.mjs")


def test_pure_functions_of_the_page(_workplace):
    require_browser()
    done = subprocess.run(["npm", "test"], cwd=UI, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_simulated_devices_appear_and_move_on_the_page(workplace):
    require_browser()
    broker = f"mqtt://127.0.0.1:{workplace.mosquitto()}"
    cistern = workplace.cistern("--broker", broker)
    workplace.spawn([harness.CISTERN, "simulate", "--broker", broker, "--devices", "24", "--rate", "60"], "simulate")
    harness.wait_for("the first series", lambda: len(cistern.instant('{__name__!=""}')) > 20, 60)
    run_browser("real_pages.mjs", cistern.port)


if __name__ == "__main__":
    harness.main()
