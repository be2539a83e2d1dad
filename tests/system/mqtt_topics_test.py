#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the collector tells about its topics over HTTP: samples, provenance, suggestions, dry runs."""
import base64
import json
import pathlib
import time

import harness
import mqtt_client


def collector(work, settings="", general=""):
    port = work.mosquitto()
    path = work.path("engine.toml")
    pathlib.Path(path).write_text(f'{general}[[broker]]\nname = "lan"\nurl = "mqtt://127.0.0.1:{port}"\n{settings}')
    server = work.cistern("--config", path)
    harness.wait_for("the subscription", lambda: broker(server)["connected"] and broker(server)["subscriptions"])
    return server, mqtt_client.Publisher(port)


def broker(server):
    return server.get("/api/v1/collector/status")["data"]["brokers"][0]


def topic_named(server, name):
    found = [one for one in server.get("/api/v1/topics", search=name)["data"]["topics"] if one["topic"] == name]
    return found[0] if found else None


def test_what_became_of_each_topic(work):
    server, publisher = collector(work)
    publisher.publish("zigbee2mqtt/hall", '{"temperature":21.5,"humidity":40}')
    publisher.publish("cam/door/still", b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4)
    publisher.publish("plain/text/note", "grüße " * 60)
    publisher.flush()
    hall = harness.wait_for("the topic", lambda: topic_named(server, "zigbee2mqtt/hall"))
    values = {one["metric"]: one for one in hall["samples"]}
    assert values["temperature"]["value"] == 21.5 and values["temperature"]["db"] == "main"
    assert values["temperature"]["unit"] == "°C" and "hall" in values["temperature"]["labels"].values()
    assert hall["payload"].startswith("{") and hall["qos"] == 1 and hall["rule"] == "preset:zigbee2mqtt", hall
    still = harness.wait_for("the picture", lambda: topic_named(server, "cam/door/still"))
    assert "payload" not in still and base64.b64decode(still["payload_b64"]).startswith(b"\xff\xd8"), still
    note = harness.wait_for("the note", lambda: topic_named(server, "plain/text/note"))
    assert note["truncated"] and note["payload"].startswith("grüße"), note

    everything = server.get("/api/v1/topics")["data"]
    time.sleep(0.01)
    publisher.publish("zigbee2mqtt/yard", '{"temperature":3}')
    publisher.flush()
    harness.wait_for("the topic", lambda: topic_named(server, "zigbee2mqtt/yard"))
    fresh = server.get("/api/v1/topics", since_ms=everything["now_ms"])["data"]["topics"]
    assert "zigbee2mqtt/yard" in [one["topic"] for one in fresh]
    assert "zigbee2mqtt/hall" not in [one["topic"] for one in fresh]
    assert len(server.get("/api/v1/topics", limit=1)["data"]["topics"]) == 1
    assert server.get("/api/v1/live/snapshot", **{"match[]": "temperature"})["data"]["series"][0]["unit"] == "°C"
    server.stop()


def test_where_series_come_from(work):
    server, publisher = collector(work)
    publisher.publish("zigbee2mqtt/hall", '{"temperature":21.5}')
    publisher.flush()
    harness.wait_for("the series", lambda: server.instant("temperature"))
    rows = server.get("/api/v1/collector/series", **{"match[]": "temperature"})["data"]["series"]
    assert len(rows) == 1, rows
    assert (rows[0]["broker"], rows[0]["topic"], rows[0]["rule"]) == ("lan", "zigbee2mqtt/hall", "preset:zigbee2mqtt"), rows
    assert rows[0]["value"] == 21.5 and rows[0]["last_ms"] > 0
    assert server.get("/api/v1/collector/series", **{"match[]": "nothing"})["data"]["series"] == []
    server.stop()


def test_an_unmatched_topic_comes_with_a_suggested_rule(work):
    server, publisher = collector(work, 'presets = []\nsubscribe = ["#"]\n', "generic = false\n")
    publisher.publish("plant/press1/force", "17.5")
    publisher.flush()
    topic = harness.wait_for("the topic", lambda: topic_named(server, "plant/press1/force"))
    assert topic["dropped"] == "unmatched" and "[[rule]]" in topic["suggestion"], topic
    print("  " + topic["suggestion"].replace("\n", "\n  "), flush=True)
    server.stop()


def test_a_dry_run_knows_what_the_collector_learned_and_changes_nothing(work):
    server, publisher = collector(work)
    config = {"name": "Boiler", "unique_id": "b1", "state_topic": "attic/boiler", "unit_of_measurement": "bar",
              "device": {"identifiers": ["b"], "name": "Boiler"}}
    publisher.publish("homeassistant/sensor/b1/config", json.dumps(config), retain=True)
    publisher.publish("attic/boiler", "1.5")
    publisher.flush()
    harness.wait_for("the value", lambda: topic_named(server, "attic/boiler"))
    before = broker(server)
    told = server.get("/api/v1/explain", topic="attic/boiler", payload="1.7")["data"]
    assert told["rule"] == "ha_discovery", told
    assert told["samples"][0]["value"] == 1.7 and told["samples"][0]["unit"] == "bar", told
    server.get("/api/v1/explain", topic="homeassistant/sensor/b1/config", payload="")
    told = server.get("/api/v1/explain", topic="attic/boiler", payload="1.8", broker="lan")["data"]
    assert told["rule"] == "ha_discovery", "asking about a removal removes nothing"
    after = broker(server)
    assert (before["series"], before["samples"]) == (after["series"], after["samples"])
    server.stop()


if __name__ == "__main__":
    harness.main()
