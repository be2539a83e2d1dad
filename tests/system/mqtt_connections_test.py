#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every kind of connection to a real broker: TLS, client certificates, WebSockets, passwords, MQTT
3.1.1, shared subscriptions, the status topic, and new settings without a new connection."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import certificates
import harness
import mqtt_client


def write_settings(work, broker, name="engine.toml", more=""):
    path = work.path(name)
    pathlib.Path(path).write_text("[[broker]]\nname = \"lan\"\n" + broker + "\n" + more)
    return path


def broker_status(server):
    return server.get("/api/v1/collector/status")["data"]["brokers"][0]


def is_connected(server):
    status = broker_status(server)
    return status["connected"] and status["subscriptions"] and status


def collects(work, port, settings, value, root="data", environment=None):
    """A collector with these settings gets a message that is published in the clear at `port`."""
    before = dict(harness.ENVIRONMENT)
    harness.ENVIRONMENT.update(environment or {})
    try:
        server = work.cistern("--config", settings, root=root)
    finally:
        harness.ENVIRONMENT.clear()
        harness.ENVIRONMENT.update(before)
    status = harness.wait_for("the connection", lambda: is_connected(server))
    publisher = mqtt_client.Publisher(port)
    publisher.publish("plant/line1/counter", str(value))
    publisher.close()
    harness.wait_for("the value", lambda: [v for _, v in server.instant("counter")] == [str(value)])
    return server, status


def test_tls_client_certificates_and_websockets(work):
    certificates.make_all(work)
    port, tls, mutual, socket, secure_socket = certificates.mosquitto_behind_all(work)
    ca, own = 'ca = "ca.pem"', 'cert = "client.pem"\nkey = "client.key"'
    for number, (name, settings) in enumerate((
            ("mqtts", f'url = "mqtts://localhost:{tls}"\n{ca}'),
            ("client certificate", f'url = "mqtts://localhost:{mutual}"\n{ca}\n{own}'),
            ("ws", f'url = "ws://127.0.0.1:{socket}"'),
            ("wss", f'url = "wss://localhost:{secure_socket}"\n{ca}'))):
        server, status = collects(work, port, write_settings(work, settings), number + 1, f"data-{number}")
        assert status["protocol"] == 5
        server.stop()
        print(f"  {name}: connected, collected", flush=True)

    for name, settings, word in (
            ("without the authority", f'url = "mqtts://localhost:{tls}"',
             "comes from an authority that is not in the system's certificates"),
            ("without a client certificate", f'url = "mqtts://localhost:{mutual}"\n{ca}', "wants a client certificate")):
        server = work.cistern("--config", write_settings(work, settings), root="data-refused")
        harness.wait_for("the refusal", lambda: broker_status(server)["error"])
        time.sleep(0.5)
        status = broker_status(server)
        assert not status["connected"] and word in status["error"], status
        print(f"  {name}: {status['error']}", flush=True)
        server.stop()


def test_passwords_from_files_and_the_environment(work):
    if not shutil.which("mosquitto_passwd", path=harness.ENVIRONMENT["PATH"]):
        raise harness.Skip("mosquitto_passwd is not installed")
    users = work.path("users")
    subprocess.run(["mosquitto_passwd", "-b", "-c", users, "edge", "s3 cret"], check=True, capture_output=True,
                   env=harness.ENVIRONMENT)
    os.chmod(users, 0o644)
    os.chmod(work.folder, 0o755)
    # Who says no name may come in, for the publisher's sake; who says a name must know the password.
    port = work.mosquitto(extra=f"password_file {users}")
    pathlib.Path(work.path("secret")).write_text("s3 cret\n")
    url = f'url = "mqtt://127.0.0.1:{port}"\nuser = "edge"'
    server, _ = collects(work, port, write_settings(work, f'{url}\npassword_file = "secret"'), 1)
    server.stop()
    server, _ = collects(work, port, write_settings(work, f'{url}\npassword = "${{MQTT_SECRET}}"'), 2,
                         environment={"MQTT_SECRET": "s3 cret"})
    server.stop()
    pathlib.Path(work.path("secret")).write_text("wrong\n")
    server = work.cistern("--config", write_settings(work, f'{url}\npassword_file = "secret"'))
    error = harness.wait_for("the refusal", lambda: broker_status(server)["error"])
    assert "bad user name or password" in error or "not authorized" in error, error
    server.stop()


def test_mqtt_3_1_1_on_request(work):
    port = work.mosquitto()
    server, status = collects(work, port, write_settings(work, f'url = "mqtt://127.0.0.1:{port}"\nprotocol = "3.1.1"'), 1)
    assert status["protocol"] == 4
    server.stop()


def test_collectors_share_a_subscription(work):
    port = work.mosquitto()
    servers = []
    for name in ("one", "two"):
        settings = write_settings(work, f'url = "mqtt://127.0.0.1:{port}"\nclient_id = "{name}"\n'
                                        'subscribe = ["$share/edges/plant/#"]', f"{name}.toml")
        servers.append(work.cistern("--config", settings, root=name))
        harness.wait_for("the subscription", lambda: is_connected(servers[-1]))
    publisher = mqtt_client.Publisher(port)
    for number in range(400):
        publisher.publish(f"plant/line{number % 10}/counter", str(number))
    publisher.close()

    def counts():
        return [broker_status(server)["messages"] for server in servers]

    harness.wait_for("all messages", lambda: sum(counts()) >= 400)
    time.sleep(0.5)
    print(f"  of 400 messages {counts()[0]} and {counts()[1]}", flush=True)
    assert sum(counts()) == 400 and min(counts()) > 0, counts()
    for server in servers:
        server.stop()


def retained(port, topic):
    """The retained payload, or None."""
    client = mqtt_client.Client(port, "retained-reader")
    client.socket.settimeout(1)
    client.subscribe(topic, 0)
    try:
        return client.receive()[1].decode()
    except (OSError, ConnectionError):
        return None
    finally:
        client.socket.close()


def test_status_topic_and_round_trip(work):
    port = work.mosquitto()
    address = f'url = "mqtt://127.0.0.1:{port}"\nclient_id = "edge"\nsession = "1h"'
    asked = f'{address}\nstatus_topic = "cistern/edge/status"\nprobe = "1s"'
    refused = harness.run("check", "--config", write_settings(work, asked), expect=1)
    assert "publish" in refused.stdout + refused.stderr
    server = work.cistern("--config", write_settings(work, f'{asked}\npublish = ["status", "probe"]'))
    harness.wait_for("the connection", lambda: is_connected(server))
    harness.wait_for("online", lambda: retained(port, "cistern/edge/status") == "online")
    trip = harness.wait_for("a round trip", lambda: broker_status(server)["round_trip"]["last_ms"])
    assert 0 < trip < 5_000
    assert server.metric("cistern_broker_round_trip_seconds", broker="lan") > 0
    assert server.metric("cistern_broker_connected", broker="lan") == 1
    figures = harness.wait_for("$SYS", lambda: broker_status(server)["sys"])
    assert "mosquitto" in figures["version"], figures
    harness.wait_for("the number of clients", lambda: server.metric("cistern_broker_sys_clients_connected"))
    server.kill()
    harness.wait_for("the last will", lambda: retained(port, "cistern/edge/status") == "offline")
    server.start()
    harness.wait_for("online again", lambda: retained(port, "cistern/edge/status") == "online")
    server.stop()
    assert retained(port, "cistern/edge/status") == "offline"
    topics = [line for line in harness.run("export", "--root", work.path("data"), "--db", "main").stdout.splitlines() if "probe" in line]
    assert not topics, topics


def test_state_of_a_primary_host(work):
    port = work.mosquitto()
    settings = write_settings(work, f'url = "mqtt://127.0.0.1:{port}"\nclient_id = "host"\npublish = ["host_state"]')
    with open(settings, "a", encoding="utf-8") as file:
        file.write('\n[[sparkplug]]\nhost_id = "scada"\n')

    def state():
        return json.loads(retained(port, "spBv1.0/STATE/scada"))["online"]

    server = work.cistern("--config", settings)
    harness.wait_for("online", lambda: state() is True)
    server.kill()
    harness.wait_for("the last will", lambda: state() is False)
    server.start()
    harness.wait_for("online again", lambda: state() is True)
    server.stop()
    assert state() is False


def test_publishes_nothing_unasked(work):
    port = work.mosquitto()
    listener = mqtt_client.Client(port, "listener")
    listener.subscribe("#", 0)
    server = work.cistern("--broker", f"mqtt://127.0.0.1:{port}")
    harness.wait_for("the connection", lambda: is_connected(server))
    listener.socket.settimeout(2)
    try:
        raise AssertionError(f"published: {listener.receive()}")
    except TimeoutError:
        pass
    server.stop()


def test_new_settings_without_a_new_connection(work):
    port = work.mosquitto()
    address = f'url = "mqtt://127.0.0.1:{port}"\n'
    server = work.cistern("--config", write_settings(work, address + 'subscribe = ["old/#", "both/#"]'))
    harness.wait_for("the connection", lambda: is_connected(server))
    write_settings(work, address + 'subscribe = ["new/#", "both/#"]')
    server.process.send_signal(signal.SIGHUP)

    def filters():
        return sorted(one["filter"] for one in broker_status(server)["subscriptions"])

    harness.wait_for("the new filters", lambda: filters() == ["both/#", "new/#"])
    publisher = mqtt_client.Publisher(port)
    for topic in ("old/room/a", "new/room/b", "both/room/c"):
        publisher.publish(topic, "1")
    publisher.close()
    harness.wait_for("the values", lambda: broker_status(server)["messages"] >= 2)
    time.sleep(0.3)
    topics = sorted(t["topic"] for t in server.get("/api/v1/topics")["data"]["topics"])
    assert topics == ["both/room/c", "new/room/b"], topics
    assert broker_status(server)["connects"] == 1
    pathlib.Path(work.path("engine.toml")).write_text("[[broker]]\nname = 3\n")
    server.process.send_signal(signal.SIGHUP)
    time.sleep(1)
    assert broker_status(server)["connects"] == 1 and filters() == ["both/#", "new/#"], "a bad file changes nothing"
    server.stop()


def test_rules_of_different_qos_get_every_message_once(work):
    port = work.mosquitto()
    rules = "".join(f'\n[[rule]]\nname = "{name}"\ntopic = "{topic}"\nqos = {qos}\nmetric = "{name}"\n'
                    for name, topic, qos in (("wide", "plant/{line}/{what}", 0), ("narrow", "plant/a/counter", 1)))
    settings = write_settings(work, f'url = "mqtt://127.0.0.1:{port}"\npresets = []', more=rules)
    server = work.cistern("--config", settings)
    subscriptions = harness.wait_for("the connection", lambda: is_connected(server))["subscriptions"]
    print(f"  {subscriptions}", flush=True)
    publisher = mqtt_client.Publisher(port)
    for number in range(100):
        publisher.publish("plant/a/counter", str(number))
    publisher.close()
    harness.wait_for("the messages", lambda: broker_status(server)["messages"] >= 100)
    time.sleep(0.5)
    own = [t for t in server.get("/api/v1/topics")["data"]["topics"] if t["topic"] == "plant/a/counter"]
    assert own[0]["messages"] == 100, own
    assert own[0]["qos"] == 1
    server.stop()


if __name__ == "__main__":
    harness.main()
