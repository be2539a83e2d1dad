# SPDX-License-Identifier: MIT
"""Starts cistern and its peers on free loopback ports and measures them from outside."""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
CISTERN = os.environ.get("CISTERN_BIN", str(ROOT / "build/release/cistern"))
PATH = os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class LeanConnection:
    """HTTP/1.1 with next to no work of its own: Python's http.client takes a tenth of a millisecond for
    each answer, as much as some of the queries that are measured."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=300)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, target):
        self.socket.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        body = bytearray()
        while (head_end := body.find(b"\r\n\r\n")) < 0:
            self._more(body)
        head = bytes(body[:head_end]).lower()
        del body[:head_end + 4]
        length = re.search(rb"\r\ncontent-length: *(\d+)", head)
        if length:
            while len(body) < int(length.group(1)):
                self._more(body)
        elif b"\r\ntransfer-encoding: chunked" in head:
            while not body.endswith(b"\r\n0\r\n\r\n") and body != b"0\r\n\r\n":
                self._more(body)
            body = self._without_chunks(body)
        return int(head.split(b" ", 2)[1]), bytes(body)

    def _more(self, body):
        data = self.socket.recv(1 << 20)
        if not data:
            raise ConnectionError("closed")
        body += data

    @staticmethod
    def _without_chunks(body):
        pieces, at = [], 0
        while True:
            end = body.index(b"\r\n", at)
            size = int(body[at:end].split(b";")[0], 16)
            if size == 0:
                return b"".join(pieces)
            pieces.append(body[end + 2:end + 2 + size])
            at = end + 4 + size

    def close(self):
        self.socket.close()


class Server:
    """A child process with an HTTP port and a data folder."""

    def __init__(self, name, command, folder, port, ready="/-/ready"):
        self.name, self.folder, self.port = name, folder, port
        self.url = f"http://127.0.0.1:{port}"
        self.connection = None
        self.log = open(os.path.join(folder, "..", name + ".log"), "ab")
        began = time.monotonic()
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, env={**os.environ, "PATH": PATH})
        while True:
            try:
                with urllib.request.urlopen(self.url + ready, timeout=1):
                    break
            except OSError:
                if self.process.poll() is not None or time.monotonic() - began > 60:
                    raise RuntimeError(f"{name} did not start; see {self.log.name}") from None
                time.sleep(0.005)
        self.seconds_to_ready = time.monotonic() - began

    def get(self, path, **parameters):
        """Over one connection that is kept, so that its making is not measured."""
        target = path + ("?" + urllib.parse.urlencode(parameters) if parameters else "")
        for _ in range(2):
            if self.connection is None:
                self.connection = LeanConnection(self.port)
            try:
                status, body = self.connection.get(target)
                break
            except ConnectionError:
                self.connection.close()  # the server ended an idle connection
                self.connection = None
        if status != 200:
            raise RuntimeError(f"{self.name}: {target}: {status} {body[:300]}")
        return body

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def status_kib(self, key):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1])
        raise KeyError(key)

    def rss_mib(self):
        return self.status_kib("VmRSS") / 1024

    def peak_rss_mib(self):
        return self.status_kib("VmHWM") / 1024

    def disk_bytes(self):
        """Everything in the data folder."""
        return sum(os.stat(os.path.join(folder, name)).st_size
                   for folder, _, files in os.walk(self.folder) for name in files if name != "flock.lock")

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)
        self.log.close()


@contextlib.contextmanager
def workplace():
    folder = tempfile.mkdtemp(prefix="cistern-bench-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def data_folder(work, name):
    folder = os.path.join(work, name, "data")
    os.makedirs(folder, exist_ok=True)
    return folder


def start_cistern(work, name="cistern", port=None, arguments=()):
    folder, port = data_folder(work, name), port or free_port()
    return Server(name, [CISTERN, "serve", "--root", folder, "--listen", f"127.0.0.1:{port}", *arguments], folder, port)


def start_victoria_metrics(work):
    folder, port = data_folder(work, "victoria-metrics"), free_port()
    return Server("victoria-metrics", ["victoria-metrics", f"-storageDataPath={folder}", f"-httpListenAddr=127.0.0.1:{port}",
                                       "-retentionPeriod=100y", "-selfScrapeInterval=0", "-search.disableCache"], folder, port, "/health")


def start_prometheus(work, query_only_folder=None):
    folder, port = query_only_folder or data_folder(work, "prometheus"), free_port()
    config = os.path.join(work, "prometheus.yml")
    pathlib.Path(config).write_text("global: {}\nstorage:\n  tsdb:\n    out_of_order_time_window: 100y\n")
    return Server("prometheus", ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}",
                                 "--storage.tsdb.retention.time=100y", f"--web.listen-address=127.0.0.1:{port}",
                                 "--web.enable-remote-write-receiver", "--web.enable-admin-api"], folder, port)


def build_load(work):
    """The load generator of the shared material; None where that is not there."""
    source = SHARED / "bench/load.cpp"
    if not source.exists():
        return None
    binary = os.path.join(work, "load")
    subprocess.run(["g++", "-O2", "-std=c++17", str(source), "-lsnappy", "-o", binary], check=True)
    return binary


def post_load(binary, server, path, text_format, samples, **more):
    """Posts the load; returns (samples per second, server CPU seconds)."""
    before = server.cpu_seconds()
    command = [binary, "--format", text_format, "--port", str(server.port), "--path", path, "--samples", str(samples)]
    for key, value in more.items():
        command += ["--" + key.replace("_", "-"), str(value)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate = float(printed.split("samples_per_s=")[1].split()[0])
    return rate, server.cpu_seconds() - before


def median_ms(*calls, turns=9, burst=6):
    """The calls take turns, so that what else the machine does falls on all of them alike; each turn is a
    few in a row, of which the first, which finds the server asleep, does not count."""
    times = [[] for _ in calls]
    for _ in range(turns):
        for call, taken in zip(calls, times):
            for number in range(burst):
                began = time.perf_counter()
                call()
                if number > 0:
                    taken.append((time.perf_counter() - began) * 1000)
    return [statistics.median(taken) for taken in times]


def row(what, ours, peer, unit, wanted):
    """One line of the report: the ratio and whether it reaches what is wanted, e.g. '<= 0.5'."""
    ratio = ours / peer if peer else float("inf")
    op, bound = wanted.split()
    reached = ratio <= float(bound) if op == "<=" else ratio >= float(bound)
    print(f"{what:<52} {ours:>12.3f} {peer:>12.3f} {unit:<12} ratio {ratio:6.3f}  wanted {wanted:<8} {'reached' if reached else 'MISSED'}", flush=True)
    return reached
