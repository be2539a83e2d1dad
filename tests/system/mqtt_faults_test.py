#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What happens between the collector and its broker on a bad day: restarts, cuts in the middle of a
packet, silence, retained floods, a full disk. Nothing acknowledged is lost, nothing is stored twice."""
import os
import random
import signal
import subprocess
import time

import harness
import mqtt_client
from mqtt_exactly_once_test import Flow, is_connected, stored_values, verify, wait_until_quiet


def collector(work, port, *more):
    server = work.cistern("--broker", f"mqtt://127.0.0.1:{port}", *more)
    harness.wait_for("the subscription", lambda: is_connected(server))
    time.sleep(0.5)
    return server


def numbered(number):
    return f"plant/line{number % 10}/counter", str(number)


def recovers(server, since):
    """Within the wait that the collector is in, and a second; two more for a busy machine."""
    status = server.get("/api/v1/collector/status")["data"]["brokers"][0]
    began, allowed = time.monotonic(), status["next_try_ms"] / 1000 + 1 + 2
    # A try that is under way may still run into its end, and waits once more.
    allowed += 0 if status["state"] in ("waiting", "connected") else 10 + 60
    harness.wait_for("the reconnection", lambda: is_connected(server), allowed)
    print(f"  connected again {time.monotonic() - began:.1f} s after {since}", flush=True)


def test_broker_restarts(work):
    """With persistence the session and what it queued survive."""
    port = work.mosquitto()
    server = collector(work, port)
    sent = 0
    for _ in range(4):
        publisher = mqtt_client.Publisher(port)
        for _ in range(1_500):
            publisher.publish(*numbered(sent))
            sent += 1
        publisher.close()  # everything is acknowledged to us, not yet all to the collector's session
        broker = next(p for p in work.processes if "mosquitto" in p.args[0])
        broker.send_signal(signal.SIGTERM)
        broker.wait(20)
        work.processes.remove(broker)
        work.mosquitto(port)
        recovers(server, "the broker's start")
    wait_until_quiet(server)
    server.stop()
    verify("broker restarts", stored_values(work)["counter"], sent)


def test_connection_cut_in_the_middle_of_packets(work):
    port = work.mosquitto()
    proxy = mqtt_client.Proxy(port)
    server = collector(work, proxy.port)
    flow = Flow(port, 8_000, 1_500, numbered)
    rng = random.Random(6)
    for _ in range(6):
        time.sleep(rng.uniform(0.2, 0.6))
        proxy.cut_mid_packet()
        harness.wait_for("the reconnection", lambda: is_connected(server), 30)
    flow.join()
    wait_until_quiet(server)
    server.stop()
    proxy.close()
    verify("cut mid-packet", stored_values(work)["counter"], 8_000)


def test_black_hole(work):
    """The connection stays open and nothing passes: the keepalive notices, the broker queues."""
    port = work.mosquitto()
    proxy = mqtt_client.Proxy(port)
    config = work.path("engine.toml")
    with open(config, "w") as file:
        file.write(f'[[broker]]\nname = "lan"\nurl = "mqtt://127.0.0.1:{proxy.port}"\nkeepalive = "2s"\n')
    server = work.cistern("--config", config)
    harness.wait_for("the subscription", lambda: is_connected(server))
    time.sleep(0.5)
    flow = Flow(port, 6_000, 600, numbered)
    time.sleep(1)
    proxy.swallow()
    harness.wait_for("the collector to notice", lambda: not is_connected(server), 30)
    time.sleep(2 if harness.scale() == 1 else 60)
    proxy.forward()
    recovers(server, "the network came back")
    flow.join()
    wait_until_quiet(server)
    server.stop()
    proxy.close()
    verify("black hole", stored_values(work)["counter"], 6_000)


def test_retained_values_at_every_reconnection(work):
    """5,000 retained topics and many reconnections: no sample that tells nothing new."""
    topics, connections = 5_000, min(20, 6 * harness.scale())
    port = work.mosquitto()
    publisher = mqtt_client.Publisher(port)
    for number in range(topics):
        publisher.publish(f"meter/m{number}/level", str(number), retain=True)
    publisher.close()
    proxy, servers = mqtt_client.Proxy(port), {}
    for protocol in ("3.1.1", "5"):
        config = work.path(f"engine-{protocol}.toml")
        with open(config, "w") as file:
            file.write(f'[[broker]]\nname = "lan"\nurl = "mqtt://127.0.0.1:{proxy.port}"\nprotocol = "{protocol}"\n'
                       f'client_id = "retained-{protocol}"\n')
        servers[protocol] = work.cistern("--config", config, root=f"data-{protocol}")

    def all_connected():
        return all(is_connected(server) for server in servers.values())

    harness.wait_for("the subscriptions", all_connected)
    for server in servers.values():
        harness.wait_for("all retained values", lambda: server.metric("cistern_messages_received_total") >= topics, 60)
    for _ in range(connections):
        time.sleep(1.1)  # long enough for the next backoff to be short
        proxy.cut()
        harness.wait_for("the cut", lambda: not any(is_connected(server) for server in servers.values()), 30)
        harness.wait_for("the reconnections", all_connected, 60)
    for server in servers.values():
        server.kill()
        server.start()
    harness.wait_for("the reconnections", all_connected, 60)
    for protocol, server in servers.items():
        wait_until_quiet(server)
        server.stop()
        samples = stored_values(work, f"data-{protocol}")["level"]
        print(f"  MQTT {protocol}: {topics} topics, {connections + 1} reconnections, {len(samples)} samples", flush=True)
        assert sorted(samples) == list(range(topics))
    proxy.close()


def test_full_disk(work):
    """Messages wait at the broker while there is no room, and come in when there is."""
    disk = work.path("disk")
    os.makedirs(disk)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", disk], capture_output=True)
    if mounted.returncode != 0:
        raise harness.Skip("a small disk cannot be mounted here")
    try:
        port = work.mosquitto()
        server = work.cistern("--broker", f"mqtt://127.0.0.1:{port}", root="disk/data")
        harness.wait_for("the subscription", lambda: is_connected(server))
        time.sleep(0.5)
        publisher = mqtt_client.Publisher(port)
        for number in range(500):
            publisher.publish(*bulky(number))
        publisher.flush()
        filler = os.path.join(disk, "filler")
        with open(filler, "wb") as file:
            try:
                while True:
                    file.write(b"x" * 65536)
                    file.flush()
            except OSError:
                pass
        sent = 500
        while sent < 60_000:
            publisher.publish(*bulky(sent))
            sent += 1
            if sent % 500 == 0 and is_refusing(server):
                break
        publisher.flush()
        harness.wait_for("the refusal", lambda: is_refusing(server), 60)
        assert server.instant("count(counter)"), "queries must work on a full disk"
        time.sleep(3)
        os.remove(filler)
        began = time.monotonic()
        harness.wait_for("the session to come back", lambda: is_connected(server) and not is_refusing(server), 60)
        print(f"  collecting again {time.monotonic() - began:.1f} s after there was room", flush=True)
        publisher.close()
        wait_until_quiet(server)
        server.stop()
        verify("full disk", stored_values(work, "disk/data")["counter"], sent)
    finally:
        for process in work.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        subprocess.run(["umount", "-l", disk], check=False)


def bulky(number):
    """Many fields that do not compress, so that the log fills the disk soon."""
    rng = random.Random(number)
    fields = ",".join(f'"f{i}":{rng.random()}' for i in range(60))
    return f"plant/line{number % 10}", f'{{"counter":{number},{fields}}}'


def is_refusing(server):
    status = server.get("/api/v1/collector/status")["data"]
    return any(broker["refusing"] for broker in status["brokers"])


if __name__ == "__main__":
    harness.main()
