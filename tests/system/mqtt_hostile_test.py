#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Brokers that break the protocol, and messages that nobody should send: the process lives, its other
connections go on, and the bad is counted."""
import os
import pathlib
import random
import socket
import struct
import threading
import time

import harness
import mqtt_client

CONNACK = b"\x20\x02\x00\x00"        # MQTT 3.1.1: accepted
CONNACK_5 = b"\x20\x03\x00\x00\x00"  # MQTT 5: the same


def publish_packet(topic, payload, packet_id=1, qos=1, length=None):
    body = struct.pack(">H", len(topic) if length is None else length) + topic
    body += (struct.pack(">H", packet_id) if qos else b"") + payload
    return bytes([0x30 | qos << 1]) + mqtt_client._length(len(body)) + body


class HostileBroker:
    """Answers every CONNECT with what its script says. `script(connection, protocol level)`."""

    def __init__(self, script):
        self.script, self.connections, self.acknowledged = script, 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            connection.settimeout(20)
            hello = connection.recv(4096)
            self.connections += 1
            level = hello[hello.index(b"MQTT") + 4] if b"MQTT" in hello else 0
            self.script(self, connection, level)
        except OSError:
            pass
        finally:
            connection.close()

    def answer_subscriptions(self, connection, level, seconds):
        """SUBACKs for every SUBSCRIBE; counts PUBACKs."""
        end, buffer = time.monotonic() + seconds, b""
        connection.settimeout(0.2)
        while time.monotonic() < end:
            try:
                more = connection.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                return  # the script has hung up
            if not more:
                return
            buffer += more
            while len(buffer) >= 2 and buffer[1] < 128 and len(buffer) >= 2 + buffer[1]:
                packet, buffer = buffer[:2 + buffer[1]], buffer[2 + buffer[1]:]
                if packet[0] == 0x82:
                    body = packet[2:4] + (b"\x00" if level == 5 else b"") + b"\x01"
                    connection.sendall(bytes([0x90, len(body)]) + body)
                elif packet[0] == 0xC0:
                    connection.sendall(b"\xd0\x00")
                self.acknowledged += packet[0] >> 4 == 4


def say(*packets, then=2.0):
    def script(_broker, connection, _level):
        for packet in packets:
            connection.sendall(packet)
        time.sleep(then)
    return script


def accept_then(*packets):
    def script(broker, connection, level):
        connection.sendall(CONNACK_5 if level == 5 else CONNACK)
        threading.Thread(target=broker.answer_subscriptions, args=(connection, level, 4), daemon=True).start()
        time.sleep(0.5)
        for packet in packets:
            connection.sendall(packet)
            time.sleep(0.1)
        time.sleep(3)
    return script


SCRIPTS = {
    "says nothing": say(then=5),
    "hangs up": say(then=0),
    "talks HTTP": say(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "CONNACK of no length": say(b"\x20\x00"),
    "CONNACK cut short": say(b"\x20\x02\x00", then=0),
    "CONNACK of unknown code": say(b"\x20\x02\x00\xfe"),
    "CONNACK with broken properties": say(b"\x20\x06\x00\x00\x7f\xff\xff\xff"),
    "PUBACK in place of CONNACK": say(b"\x40\x02\x00\x01"),
    "length of five bytes": say(b"\x20\xff\xff\xff\xff\xff\xff"),
    "accepts and sends noise": accept_then(bytes(random.Random(1).randbytes(4096))),
    "reserved packet type": accept_then(b"\x00\x00", b"\xf0\x00"),
    "topic longer than its packet": accept_then(publish_packet(b"a", b"1", length=60_000)),
    "PUBLISH of no content": accept_then(b"\x32\x00", b"\x30\x00", b"\x32\x01\x00"),
    "QoS 3": accept_then(b"\x36" + publish_packet(b"a/b", b"1")[1:]),
    "256 MiB announced, never sent": accept_then(b"\x30\xff\xff\xff\x7f\x00\x03a/b"),
    "SUBACK for nothing": accept_then(b"\x90\x03\x12\x34\x01", b"\x90\x02\x00\x01", b"\xb0\x02\x00\x09"),
    "PUBREL out of the blue": accept_then(b"\x62\x02\x00\x07", b"\x50\x02\x00\x08", b"\x70\x02\x00\x09"),
}


def is_connected(server, name="lan"):
    for broker in server.get("/api/v1/collector/status")["data"]["brokers"]:
        if broker["name"] == name:
            return broker["connected"] and bool(broker["subscriptions"])
    return False


def write_brokers(work, urls, general=""):
    text = general + "".join(f'[[broker]]\nname = "{name}"\nurl = "mqtt://127.0.0.1:{port}"\n' for name, port in urls)
    path = work.path("engine.toml")
    pathlib.Path(path).write_text(text)
    return path


def test_brokers_that_break_the_protocol(work):
    """All at once in one process, beside a good one whose messages must keep arriving."""
    port = work.mosquitto()
    hostile = [HostileBroker(script) for script in SCRIPTS.values()]
    urls = [("lan", port)] + [(f"hostile{i}", broker.port) for i, broker in enumerate(hostile)]
    server = work.cistern("--config", write_brokers(work, urls))
    harness.wait_for("the good broker", lambda: is_connected(server))
    publisher, sent, end = mqtt_client.Publisher(port), 0, time.monotonic() + 8
    while time.monotonic() < end:
        publisher.publish(f"plant/line{sent % 10}/counter", str(sent))
        sent += 1
        time.sleep(0.002)
    publisher.close()
    harness.wait_for("all messages of the good broker",
                     lambda: server.metric("cistern_messages_received_total", broker="lan") >= sent, 30)
    silent = [name for name, broker in zip(SCRIPTS, hostile) if broker.connections == 0]
    print(f"  {sum(b.connections for b in hostile)} connections to {len(hostile)} hostile brokers, "
          f"{sent} messages of the good one", flush=True)
    assert not silent, f"never connected to: {silent}"
    server.stop()


def test_topics_and_payloads_of_any_bytes(work):
    """Delivered by a broker that checks nothing: acknowledged, counted, no sample, no crash."""
    odd = [
        (b"\xff\xfe/invalid/\xc3", b"1"),
        (b"nul/\x00/level", b"1"),
        (b"", b"1"),
        (b"t" * 65_535, b"1"),
        (b"big/payload", b"7" * 300_000),
        (b"binary/payload", bytes(range(256)) * 8),
        (b"deep/json", b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
        (b"/" * 1_000, b"1"),
        (b"a/+/b", b"1"),
        (b"a/#", b"1"),
    ]

    def script(broker, connection, level):
        assert level == 4
        connection.sendall(CONNACK)
        threading.Thread(target=broker.answer_subscriptions, args=(connection, level, 15), daemon=True).start()
        time.sleep(0.7)
        for number, (topic, payload) in enumerate(odd):
            connection.sendall(publish_packet(topic, payload, number + 1))
        connection.sendall(publish_packet(b"plant/line/counter", b"42", 100))
        time.sleep(15)

    broker = HostileBroker(script)
    path = write_brokers(work, [("lan", broker.port)])
    with open(path, "a") as file:
        file.write('protocol = "3.1.1"\n')
    server = work.cistern("--config", path)
    harness.wait_for("the good message after them", lambda: [v for _, v in server.instant("counter")] == ["42"], 15)
    harness.wait_for("the acknowledgements", lambda: broker.acknowledged >= len(odd) + 1, 5)
    dropped = server.get("/api/v1/collector/status")["data"]["dropped"]
    print(f"  {broker.acknowledged} acknowledged; dropped: {dropped}", flush=True)
    for reason in ("bad_topic", "topic_too_long", "oversize", "too_deep"):
        assert dropped.get(reason), reason
    assert broker.connections == 1, "nothing of this is a reason to hang up"
    server.stop()


def test_a_flood_of_new_topics(work):
    """Existing series go on, new ones are refused beyond the limit, and the log stays short."""
    port = work.mosquitto()
    path = write_brokers(work, [("lan", port)])
    with open(path, "a") as file:
        file.write("max_series = 3000\nmax_topics = 4000\n")
    server = work.cistern("--config", path)
    harness.wait_for("the subscription", lambda: is_connected(server))
    publisher, rng = mqtt_client.Publisher(port), random.Random(7)
    publisher.publish("plant/line1/counter", "0")
    topics = 30_000 * harness.scale()
    for number in range(topics):
        publisher.publish(f"flood/device{number}/temperature" if number % 2 else f"ble/{rng.getrandbits(48):012X}/rssi", str(number))
    publisher.publish("plant/line1/counter", "1")
    publisher.close()
    harness.wait_for("the last message", lambda: [v for _, v in server.instant("counter")] == ["1"], 60)
    status = server.get("/api/v1/collector/status")["data"]
    broker = status["brokers"][0]
    print(f"  {topics} topics: {broker['series']} series, {broker['topics']} listed, dropped {status['dropped']}", flush=True)
    assert broker["series"] <= 3_000 and broker["topics"] <= 4_000
    assert status["dropped"]["series_limit"] > 0 and status["dropped"]["random_topic"] > 0
    log = work.log("cistern")
    assert log.count("series limit") == 1, log
    server.stop()


if __name__ == "__main__":
    harness.main()
