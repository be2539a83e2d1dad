# SPDX-License-Identifier: MIT
"""What system tests share: free ports, a private mosquitto, a cistern, HTTP calls, clean-up.

A test file has functions test_* and ends with harness.main(). Each gets a Workplace; everything it
started is stopped at its end, whatever happened.
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
CISTERN = os.environ.get("CISTERN_BIN", str(ROOT / "build/release/cistern"))
ENVIRONMENT = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin"}
SKIPPED = 77


class Skip(Exception):
    """Raised by a test that cannot run here; its text says why."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def scale():
    """How many times the ordinary rounds; 100 at night."""
    return int(os.environ.get("CISTERN_TEST_SCALE", "1"))


def wait_for(what, condition, seconds=20):
    """Calls until the condition gives something true; returns it."""
    end = time.monotonic() + seconds
    while True:
        try:
            found = condition()
        except (OSError, KeyError, IndexError, json.JSONDecodeError):
            found = None
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen in {seconds} s")
        time.sleep(0.02)


def run(*arguments, expect=0, stdin=None):
    """Runs a cistern command and checks its exit code; returns the completed process."""
    done = subprocess.run([CISTERN, *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=120)
    assert done.returncode == expect, f"{arguments}: exit {done.returncode}, not {expect}\n{done.stdout}\n{done.stderr}"
    return done


class Cistern:
    """A running `cistern serve`."""

    def __init__(self, workplace, root, arguments=(), port=None):
        self.workplace, self.root, self.arguments = workplace, root, list(map(str, arguments))
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        self.process = self.workplace.spawn(
            [CISTERN, "serve", "--root", self.root, "--listen", f"127.0.0.1:{self.port}", *self.arguments], "cistern")
        wait_for("cistern's start", self.is_ready)
        return self

    def is_ready(self):
        assert self.process.poll() is None, "cistern ended:\n" + self.workplace.log("cistern")
        return self.get("/-/ready", parse=False)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        assert code == 0, f"cistern ended with {code}:\n" + self.workplace.log("cistern")

    def get(self, path, parse=True, **parameters):
        url = self.url + path + ("?" + urllib.parse.urlencode(parameters, doseq=True) if parameters else "")
        with urllib.request.urlopen(url, timeout=30) as answer:
            body = answer.read()
        return json.loads(body) if parse else body or b"ok"

    def post(self, path, body, headers=None):
        """Returns (status, body)."""
        request = urllib.request.Request(self.url + path, data=body if isinstance(body, bytes) else body.encode(),
                                         headers=headers or {}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def instant(self, expression, time_s=None):
        """The vector as [(labels, value text)]."""
        parameters = {"query": expression, **({"time": time_s} if time_s is not None else {})}
        return [(row["metric"], row["value"][1]) for row in self.get("/api/v1/query", **parameters)["data"]["result"]]

    def metric(self, name, **labels):
        """A value of /metrics: the sum over the lines that have the labels."""
        total = None
        for line in self.get("/metrics", parse=False).decode().splitlines():
            if line.split("{")[0].split(" ")[0] == name and all(f'{k}="{v}"' in line for k, v in labels.items()):
                total = (total or 0) + float(line.rsplit(" ", 1)[1])
        return total


class Workplace:
    """A folder and the processes started in it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="cistern-system-")
        self.processes = []

    def path(self, name):
        return os.path.join(self.folder, name)

    def spawn(self, command, name):
        with open(self.path(name + ".log"), "ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=ENVIRONMENT)
        self.processes.append(process)
        return process

    def log(self, name):
        return pathlib.Path(self.path(name + ".log")).read_text(errors="replace")[-4000:]

    def cistern(self, *arguments, root="data"):
        return Cistern(self, self.path(root), arguments).start()

    def mosquitto(self, port=None, extra=""):
        """Starts a broker with the recommended settings; returns its port."""
        if not shutil.which("mosquitto", path=ENVIRONMENT["PATH"]):
            raise Skip("mosquitto is not installed")
        port = port or free_port()
        settings = (ROOT / "config/examples/mosquitto.conf").read_text()
        kept = [line for line in settings.splitlines() if not line.startswith(("#", "listener", "allow_anonymous", "persistence_location"))]
        own = [f"listener {port} 127.0.0.1", "allow_anonymous true", f"persistence_location {self.folder}/", extra]
        if os.geteuid() == 0:
            own.append("user root")
        pathlib.Path(self.path("mosquitto.conf")).write_text("\n".join(own + kept) + "\n")
        self.spawn(["mosquitto", "-c", self.path("mosquitto.conf")], "mosquitto")

        def answers():
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return True

        wait_for("the broker's start", answers)
        return port

    def close(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    """Runs the test_* functions of the calling file, or those named on the command line."""
    module = sys.modules["__main__"]
    tests = {name: value for name, value in vars(module).items() if name.startswith("test_") and callable(value)}
    failed = skipped = 0
    for name in sys.argv[1:] or tests:
        workplace = Workplace()
        began = time.monotonic()
        try:
            tests[name](workplace)
            verdict = "passed"
        except Skip as reason:
            skipped += 1
            verdict = f"skipped: {reason}"
        except Exception:  # a failed test must not keep the others from running
            failed += 1
            verdict = "FAILED\n" + traceback.format_exc()
        finally:
            workplace.close()
        print(f"{name}: {verdict} ({time.monotonic() - began:.1f} s)", flush=True)
    sys.exit(1 if failed else SKIPPED if skipped == len(sys.argv[1:] or tests) else 0)
