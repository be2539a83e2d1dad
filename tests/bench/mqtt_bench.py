#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The collector beside a Paho subscriber that does nothing, on the same broker in the same run: 1,000
topics, text and JSON with five fields, QoS 0 and 1. Medians of interleaved runs. Then the memory that
100,000 topics take in the whole daemon.

usage: mqtt_bench.py [MESSAGES [RUNS]]   everything
       mqtt_bench.py memory              the memory alone
"""
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import peers

BENCH = os.environ.get("CISTERN_MQTT_BENCH", str(peers.ROOT / "build/bench/bin/mqtt_bench"))
WANTED_TOPIC_BYTES = {"text": 900, "json": 3000}  # with its series and three samples of each
ENVIRONMENT = {**os.environ, "PATH": peers.PATH}


def start_broker(folder):
    port = peers.free_port()
    settings = [f"listener {port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 0",
                "max_inflight_messages 1000", "set_tcp_nodelay true"]
    if os.geteuid() == 0:
        settings.append("user root")
    path = pathlib.Path(folder, "mosquitto.conf")
    path.write_text("\n".join(settings) + "\n")
    broker = subprocess.Popen(["mosquitto", "-c", path], env=ENVIRONMENT, stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return broker, port
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("mosquitto did not start")


def measure(mode, port, qos, payload, messages):
    """(messages per second, CPU microseconds per message) of one subscriber."""
    root = tempfile.mkdtemp(prefix="cistern-bench-")
    command = [BENCH, mode, str(port), str(qos), str(messages)] + ([root] if mode == "cistern" else [])
    subscriber = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert subscriber.stdout.readline().strip() == "ready"
        time.sleep(0.3)
        subprocess.run([BENCH, "publish", str(port), str(qos), payload, str(messages)], check=True)
        seconds, cpu_us = map(float, subscriber.stdout.readline().split())
        subscriber.wait(60)
        return messages / seconds, cpu_us
    finally:
        subscriber.kill()
        subscriber.wait()
        shutil.rmtree(root, ignore_errors=True)


def settled_rss_kib(server):
    """Once it stands still: freed memory goes back to the system with a delay."""
    last = 0
    while True:
        time.sleep(1.5)
        now = server.status_kib("VmRSS")
        if abs(now - last) < 512:
            return now
        last = now


def measure_memory(port, payload, topics=100_000):
    """Of a whole daemon that has seen each topic three times. True: as wanted."""
    fields = {"text": 1, "json": 5}[payload]
    with peers.workplace() as work:
        config = pathlib.Path(work, "engine.toml")  # one rule makes all the series: allow it that
        # Everything stays in memory, whatever it is: no flush in between frees some of it.
        config.write_text(f'[manifest_defaults.page]\nmax_bytes = "4GiB"\n[defaults]\nlimits = {{ series_per_rule = {topics * fields * 2} }}\n'
                          f'[[broker]]\nname = "bench"\nurl = "mqtt://127.0.0.1:{port}"\n'
                          f'max_series = {topics * fields * 2}\n')
        server = peers.start_cistern(work, arguments=["--config", config])
        try:
            def status():
                return json.loads(server.get("/api/v1/collector/status"))["data"]["brokers"][0]

            while not status()["connected"] or not status()["subscriptions"]:
                time.sleep(0.05)
            time.sleep(0.5)
            base, base_topics = settled_rss_kib(server), status()["topics"]
            rounds = 3
            subprocess.run([BENCH, "publish", str(port), "1", payload, str(topics * rounds), str(topics)], check=True)
            while status()["messages"] < topics * rounds:
                time.sleep(0.2)
            grown, known, series = settled_rss_kib(server) - base, status()["topics"] - base_topics, status()["series"]
            per_topic = grown * 1024 / topics
            wanted = WANTED_TOPIC_BYTES[payload]
            good = known >= topics and series >= topics * fields and per_topic <= wanted
            print(f"memory: {known} topics ({payload}) with {series} series take {grown / 1024:.0f} MiB over {base / 1024:.1f} MiB, "
                  f"{per_topic:.0f} bytes a topic (<= {wanted}), peak {server.peak_rss_mib():.0f} MiB {'' if good else 'MISSED'}", flush=True)
            return good, per_topic
        finally:
            server.stop()


def measure_memories(port):
    """A text topic has one series, a JSON of five fields five: two sums with two unknowns."""
    text_good, text = measure_memory(port, "text")
    json_good, five = measure_memory(port, "json")
    series = (five - text) / 4
    print(f"memory: a further series of a topic takes {series:.0f} bytes, a topic without series {text - series:.0f}", flush=True)
    return text_good and json_good


def main():
    memory_only = sys.argv[1:] == ["memory"]
    messages = int(sys.argv[1]) if not memory_only and len(sys.argv) > 1 else 300_000
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    if not shutil.which("mosquitto", path=peers.PATH):
        print("skipped: mosquitto is not installed")
        return 0
    reached = True
    with tempfile.TemporaryDirectory() as folder:
        broker, port = start_broker(folder)
        try:
            for payload, wanted, cpu_wanted in () if memory_only else (("text", 0.9, 2), ("json", 0.6, 4)):
                for qos in (0, 1):
                    pairs = [[measure(mode, port, qos, payload, messages) for mode in ("null", "cistern")]
                             for _ in range(runs)]
                    ratio = statistics.median(ours[0] / null[0] for null, ours in pairs)
                    extra = statistics.median(ours[1] - null[1] for null, ours in pairs)
                    rates = [statistics.median(pair[i][0] for pair in pairs) / 1e3 for i in (0, 1)]
                    good = ratio >= wanted and extra <= cpu_wanted
                    reached = reached and good
                    print(f"{payload}, QoS {qos}: {rates[1]:.1f} k/s beside {rates[0]:.1f} k/s: {ratio:.2f} (>= {wanted}), "
                          f"CPU +{extra:.2f} us a message (<= {cpu_wanted}) {'' if good else 'MISSED'}", flush=True)
            reached = measure_memories(port) and reached
        finally:
            broker.terminate()
            broker.wait()
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
