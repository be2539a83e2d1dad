#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Numbered QoS 1 messages while the collector is killed: none lost, none stored twice. And a control,
a consumer that acknowledges before it writes, which must lose some."""
import collections
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import threading
import time

import harness
import mqtt_client

# For each time of CISTERN_TEST_SCALE: 10 gives the 200 rounds that the promise is measured by.
MESSAGES = 20_000 * harness.scale()
KILLS = 20 * harness.scale()
RATE = 1_800  # the flow lasts as long as the kills


class Flow:
    """Publishes in the background at about `rate` messages a second."""

    def __init__(self, port, count, rate, message_of):
        self.port, self.count, self.rate, self.message_of = port, count, rate, message_of
        self.sent, self.error = 0, None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        try:
            publisher, began = mqtt_client.Publisher(self.port), time.monotonic()
            for number in range(self.count):
                delay = began + number / self.rate - time.monotonic()
                if delay > 0:
                    time.sleep(delay)
                publisher.publish(*self.message_of(number))
                self.sent = number + 1
            publisher.close()
        except Exception as error:
            self.error = error

    def join(self):
        self.thread.join()
        if self.error:
            raise self.error


def collector(work, port):
    return work.cistern("--broker", f"mqtt://127.0.0.1:{port}")


def redelivered(server):
    return int(server.metric("cistern_messages_redelivered_total") or 0)


def kill_at_random(server, flow, kills, rng, pause=(0.1, 0.6)):
    """Returns how many redelivered messages were seen, at least."""
    seen = 0
    for _ in range(kills):
        time.sleep(rng.uniform(*pause))
        seen += redelivered(server)
        server.kill()
        time.sleep(rng.uniform(0, 0.3))
        server.start()
    flow.join()
    return seen


def wait_until_quiet(server):
    """Until the last messages are in: the count stands still and the session is up."""
    last, since = -1.0, time.monotonic()
    while time.monotonic() - since < 3:
        count = server.metric("cistern_messages_received_total") or 0
        count += server.metric("cistern_messages_redelivered_total") or 0
        if count != last or not is_connected(server):
            last, since = count, time.monotonic()
        time.sleep(0.1)


def is_connected(server):
    status = server.get("/api/v1/collector/status")["data"]
    return "connected" in [broker["state"] for broker in status["brokers"]]


LINE = re.compile(r'^main/([^{ ]+)(\{.*\})? (\S+) (.+)$')


def stored_values(work, root="data"):
    """Every sample of the database main: {metric: [value, ...]}."""
    exported = harness.run("export", "--root", work.path(root), "--db", "main").stdout
    values = collections.defaultdict(list)
    for line in exported.splitlines():
        found = LINE.match(line)
        if found:
            values[found.group(1)].append(float(found.group(3)))
    return values


def lost_and_twice(values, count):
    seen = collections.Counter(int(v) for v in values)
    return count - len(seen), sum(n - 1 for n in seen.values())


def verify(name, values, count):
    lost, twice = lost_and_twice(values, count)
    print(f"  {name}: {count} messages, lost {lost}, stored twice {twice}", flush=True)
    assert (lost, twice) == (0, 0)


def run_numbered(work, message_of, count=MESSAGES, kills=KILLS, rate=RATE, seed=1):
    port = work.mosquitto()
    server = collector(work, port)
    harness.wait_for("the subscription", lambda: is_connected(server))
    time.sleep(0.3)
    flow = Flow(port, count, rate, message_of)
    seen = kill_at_random(server, flow, kills, random.Random(seed))
    wait_until_quiet(server)
    print(f"  {seen + redelivered(server)} messages came again", flush=True)
    server.stop()
    return stored_values(work)


def test_live_flow(work):
    values = run_numbered(work, lambda n: (f"plant/line{n % 10}/counter", str(n)))
    verify("live flow", values["counter"], MESSAGES)


def test_new_metrics_every_second(work):
    """The catalog is never flushed: what a series is must come from the log."""
    began = time.monotonic()
    values = run_numbered(work, lambda n: (f"plant/line{n % 10}/counter_{int(time.monotonic() - began)}", str(n)), seed=2)
    everything = [v for name, found in values.items() if name.startswith("counter_") for v in found]
    verify("new metrics", everything, MESSAGES)


def drain_through_kills(server, kills, pause, seed):
    rng, seen = random.Random(seed), 0
    for _ in range(kills):
        server.start()
        time.sleep(rng.uniform(*pause))
        seen += redelivered(server)
        server.kill()
    server.start()
    wait_until_quiet(server)
    print(f"  {seen + redelivered(server)} messages came again", flush=True)
    server.stop()


def drain_backlog(work, message_of, seed):
    """Everything waits at the broker; the collector is killed while it drains the queue."""
    port = work.mosquitto()
    server = collector(work, port)
    harness.wait_for("the subscription", lambda: is_connected(server))
    time.sleep(0.5)
    server.kill()
    Flow(port, MESSAGES, 1e9, message_of).join()
    drain_through_kills(server, KILLS, (0.02, 0.2), seed)
    return stored_values(work)


def test_backlog_drain(work):
    values = drain_backlog(work, lambda n: (f"plant/line{n % 10}/counter", str(n)), 3)
    verify("backlog drain", values["counter"], MESSAGES)


def test_repeated_content(work):
    """The same payload again and again: as many samples as messages, no more, no fewer."""
    values = drain_backlog(work, lambda n: ("lamp/hall/power", "1"), 4)
    print(f"  repeated content: {MESSAGES} messages, {len(values['power'])} samples", flush=True)
    assert len(values["power"]) == MESSAGES


CARELESS = """
import sys
sys.path.insert(0, sys.argv[1])
import mqtt_client
client = mqtt_client.Client(int(sys.argv[2]), "careless", clean=False)
client.subscribe("plant/#")
out, batch = open(sys.argv[3], "ab", buffering=0), []
while True:
    topic, payload, packet_id = client.receive()
    if packet_id:
        client.acknowledge(packet_id)
    batch.append(payload + b"\\n")
    if len(batch) == 50:
        out.write(b"".join(batch))
        batch = []
"""


def test_control_that_acknowledges_before_it_writes_loses(work):
    port = work.mosquitto()
    here, out = str(pathlib.Path(__file__).parent), work.path("careless.txt")
    command = [sys.executable, "-c", CARELESS, here, str(port), out]
    consumer = subprocess.Popen(command)
    work.processes.append(consumer)
    time.sleep(0.5)
    flow = Flow(port, 5_000, 2_500, lambda n: (f"plant/line{n % 10}/counter", str(n)))
    rng = random.Random(5)
    for _ in range(6):
        time.sleep(rng.uniform(0.1, 0.4))
        consumer.send_signal(signal.SIGKILL)
        consumer.wait()
        consumer = subprocess.Popen(command)
        work.processes.append(consumer)
    flow.join()
    time.sleep(1)
    values = [float(line) for line in open(out) if line.strip().isdigit()] if os.path.exists(out) else []
    lost, twice = lost_and_twice(values, 5_000)
    print(f"  control: 5000 messages, lost {lost}, stored twice {twice}", flush=True)
    assert lost > 50, "the check of the other tests would not notice a loss"


if __name__ == "__main__":
    harness.main()
