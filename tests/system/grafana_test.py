#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every query of the Grafana dashboards, asked as Grafana asks it, of the simulator's data."""
import json
import pathlib
import re
import urllib.request

import harness
from prometheus_peer import call

FOLDER = harness.ROOT / "docker/grafana"
# What Grafana puts in for its variables: all devices, a step of 15 s, the last hour.
VARIABLES = {"$__rate_interval": "1m", "$__range": "1h", "$__interval": "15s", "$device": ".*", "$portal": ".*"}
# What has nothing to show in a plant that runs and has run for seconds.
MAY_BE_EMPTY = re.compile(r"offset|available == 0|:1m\]")


def boards():
    found = sorted((FOLDER / "dashboards").glob("*.json"))
    assert [board.stem for board in found] == ["home", "industrial"]
    return {board.stem: json.loads(board.read_text()) for board in found}


def filled_in(expression):
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    assert "$" not in expression, f"a variable without a value: {expression}"
    return expression


def plant(work):
    """cistern with the settings of docker/ and simulated devices."""
    port = work.mosquitto()
    settings = (harness.ROOT / "docker/engine.toml").read_text()
    assert "mqtt://mosquitto:1883" in settings
    pathlib.Path(work.path("data")).mkdir()
    pathlib.Path(work.path("data/engine.toml")).write_text(settings.replace("mosquitto:1883", f"127.0.0.1:{port}"))
    server = work.cistern()
    work.spawn([harness.CISTERN, "simulate", "--broker", f"mqtt://127.0.0.1:{port}", "--devices", "60", "--rate", "600"],
               "simulate")
    needed = ["total_act_power", "soc", "door", "battery", "temperature", "energy_total", "linkquality", "available",
              "increase(energy_total[5m])", "increase(aenergy_total[5m])", "signal_strength"]
    for metric in needed:
        harness.wait_for(f"{metric} of the simulator", lambda: server.instant(metric))
    return server


def test_every_query_has_an_answer(work):
    server = plant(work)
    now = int(server.get("/api/v1/query", query="time()")["data"]["result"][0])
    asked = empty = 0
    for name, board in boards().items():
        identifiers = [panel["id"] for panel in board["panels"]]
        assert len(identifiers) == len(set(identifiers))
        for variable in board["templating"]["list"]:
            selector, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["definition"]).groups()
            values = server.get(f"/api/v1/label/{label}/values", **{"match[]": selector})["data"]
            assert values, f"{name}: the variable {variable['name']} has no values"
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                assert target["datasource"] == {"type": "prometheus", "uid": "cistern"}
                query = filled_in(target["expr"])
                if target["instant"]:
                    status, answer = call(server.url, "/api/v1/query", {"query": query, "time": now + 2})
                else:
                    status, answer = call(server.url, "/api/v1/query_range",
                                          {"query": query, "start": now - 3600, "end": now + 15, "step": 15})
                assert status == 200, (panel["title"], query, answer)
                asked += 1
                if not answer["data"]["result"]:
                    empty += 1
                    assert MAY_BE_EMPTY.search(query) or "_messages_" in query, (panel["title"], query)
                formatted = call(server.url, "/api/v1/format_query", {"query": query})
                assert formatted[0] == 200, formatted
    print(f"{asked} queries, {empty} of them without data yet")


def test_the_name_in_the_data_source_is_an_allowed_host(work):
    server = plant(work)
    source = (FOLDER / "provisioning/datasources/cistern.yaml").read_text()
    host = re.search(r"^    url: http://(\S+)$", source, re.MULTILINE)[1]
    request = urllib.request.Request(server.url + "/api/v1/status/buildinfo", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.loads(answer.read())["data"]["version"].startswith("2.42.0")


if __name__ == "__main__":
    harness.main()
