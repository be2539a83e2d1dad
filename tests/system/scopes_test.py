#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Our own ways to ask, on the running server: one database, another, all of them, `db/metric.name`, and
series of integers."""
import harness

T = 1_767_225_600
LINES = "\n".join([
    *(f'main/power{{room="hall"}} {100 + i}.5 {(T + i * 60) * 10**9}' for i in range(5)),
    *(f'plant/power{{room="hall"}} {200 + i}i {(T + i * 60) * 10**9}' for i in range(5)),
    *(f"plant/pump.speed {i} {(T + i * 60) * 10**9}" for i in range(5)),
    f"plant/big 9007199254740991i {T * 10**9}",
    f"plant/big 9223372036854775807i {(T + 60) * 10**9}",
])


def filled(work):
    server = work.cistern()
    answer = server.post("/api/v1/import", LINES.encode())
    assert "17" in str(answer), answer
    return server


def vector(server, prefix, expression, time_s=T + 240):
    found = server.get(prefix + "/api/v1/query", query=expression, time=time_s)["data"]["result"]
    return {(one["metric"].get("db"), one["metric"].get("__name__")): one["value"][1] for one in found}


def test_each_database_answers_for_itself(work):
    server = filled(work)
    assert vector(server, "", "power") == {(None, "power"): "104.5"}
    assert vector(server, "/db/main", "power") == {(None, "power"): "104.5"}
    assert vector(server, "/db/plant", "power") == {(None, "power"): "204"}
    assert vector(server, "", "big") == {}


def test_all_databases_are_one_with_a_label(work):
    server = filled(work)
    assert vector(server, "/db/_all", "power") == {("main", "power"): "104.5", ("plant", "power"): "204"}
    assert vector(server, "/db/_all", 'power{db="plant"}') == {("plant", "power"): "204"}
    assert vector(server, "/db/_all", 'sum by (db) (rate(power[4m]))')[("main", None)] == vector(
        server, "", "sum(rate(power[4m]))")[(None, None)]
    names = server.get("/db/_all/api/v1/label/db/values")["data"]
    assert "main" in names and "plant" in names, names


def test_the_short_way_to_name_a_series(work):
    server = filled(work)
    assert vector(server, "", "plant/pump.speed") == {("plant", "pump.speed"): "4"}
    assert vector(server, "/db/plant", '{"pump.speed"}') == {(None, "pump.speed"): "4"}
    window = server.get("/api/v1/query_range", query="plant/pump.speed", start=T, end=T + 300, aggregate="sum", window="5m")
    assert [point[1] for point in window["data"]["result"][0]["values"]] == ["10"], window


def test_series_of_integers(work):
    server = filled(work)
    for state in ("in memory", "in files"):
        assert vector(server, "/db/plant", "big", T) == {(None, "big"): "9007199254740991"}, state
        # A value of PromQL is a double.
        assert vector(server, "/db/plant", "big", T + 60) == {(None, "big"): "9223372036854776000"}, state
        assert vector(server, "/db/plant", "avg_over_time(power[5m])") == {(None, None): "202"}, state
        assert vector(server, "/db/plant", "power == 204") == {(None, "power"): "204"}, state
        server.stop()
        server.start()
    server.stop()
    exported = harness.run("export", "--root", work.path("data"), "--db", "plant").stdout
    assert "plant/big 9223372036854775807i" in exported, exported


if __name__ == "__main__":
    harness.main()
