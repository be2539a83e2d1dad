#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The commands on a real root, beside a real server."""
import json
import pathlib
import random

import harness
from harness import run


def lines_of_every_kind(rounds):
    """Line protocol in the form that export writes, so that files can be compared."""
    generator = random.Random(7)
    made = []
    for i in range(rounds):
        stamp = f"2026-02-{i // 1440 % 28 + 1:02d} {i // 60 % 24:02d}:{i % 60:02d}:00.{i:09d}"
        made.append(f'main/room.temp{{room="k\\"che"}} {round(generator.uniform(-20, 40), 2)} {stamp}')
        made.append(f"main/energy/total {1000 + i}i {stamp}")
        made.append(f"main/noise {generator.random()!r} {stamp}")
    return made


def test_import_and_export_are_inverse(work):
    source = lines_of_every_kind(3000)
    pathlib.Path(work.path("in.lp")).write_text("\n".join(source) + "\n")
    run("import", "--root", work.path("data"), "--in", work.path("in.lp"))
    run("export", "--root", work.path("data"), "--db", "main", "--out", work.path("out.lp"))
    assert sorted(pathlib.Path(work.path("out.lp")).read_text().splitlines()) == sorted(source)
    run("compact", "--root", work.path("data"))
    run("verify", "--root", work.path("data"))
    run("import", "--root", work.path("again"), "--in", work.path("out.lp"))
    run("export", "--root", work.path("again"), "--db", "main", "--out", work.path("twice.lp"))
    assert pathlib.Path(work.path("twice.lp")).read_text() == pathlib.Path(work.path("out.lp")).read_text()


def test_a_bad_line_is_named_and_the_rest_is_stored(work):
    pathlib.Path(work.path("in.lp")).write_text("main/a 1 1700000000000000000\nmain/a x 1\n# note\nmain/b 2 1700000000000000000\n")
    done = run("import", "--root", work.path("data"), "--in", work.path("in.lp"), "--json", expect=1)
    assert json.loads(done.stdout) == {"imported": 2, "failed": 1}
    assert "in.lp:2: " in done.stderr


def test_import_reads_a_pipe(work):
    done = run("import", "--root", work.path("data"), "--in", "-", stdin="main/a 1 1700000000000000000\n" * 3 + "main/b 2")
    assert "imported 4 samples" in done.stdout, done.stdout
    piped = run("export", "--root", work.path("data"), "--db", "main").stdout
    run("import", "--root", work.path("again"), "--in", "/dev/stdin", stdin=piped)
    assert run("export", "--root", work.path("again"), "--db", "main").stdout == piped
    run("import", "--root", work.path("again"), "--in", work.path("nowhere.lp"), expect=1)


def flip(path, offset):
    content = bytearray(path.read_bytes())
    content[offset] ^= 4
    path.write_bytes(content)


def test_damage_is_named_left_out_and_what_is_whole_is_saved(work):
    root = pathlib.Path(work.path("data"))
    pathlib.Path(work.path("in.lp")).write_text("".join(
        f"main/{metric} {i * i % 97}.5 {1700000000 + i * 60}000000000\n" for i in range(1000) for metric in ("one", "two")))
    run("import", "--root", root, "--in", work.path("in.lp"))
    first, last = sorted((root / "main").glob("data-*.cst"))
    flip(last, 200)
    flip(root / "main/MANIFEST", 18)
    faults = json.loads(run("verify", "--root", root, "--json", expect=1).stdout)["faults"]
    assert {pathlib.Path(fault["file"]).name for fault in faults} == {last.name, "MANIFEST"}, faults
    assert last.name in run("inspect", "dat", "--root", root, expect=1).stdout + run("verify", "--root", root, expect=1).stdout
    run("compact", "--root", root)  # makes the MANIFEST again, leaves the damaged file alone
    faults = json.loads(run("verify", "--root", root, "--json", expect=1).stdout)["faults"]
    assert {pathlib.Path(fault["file"]).name for fault in faults} == {last.name}, faults
    whole = run("export", "--root", root, "--db", "main", expect=1)
    assert "cistern verify" in whole.stderr and 0 < len(whole.stdout.splitlines()) < 2000
    done = run("recover", "--root", root, "--db", "main", "--file", last, "--out", work.path("saved.lp"), expect=1)
    assert "saved" in done.stdout, done.stdout
    last.unlink()
    run("import", "--root", root, "--in", work.path("saved.lp"))
    run("verify", "--root", root)
    assert run("export", "--root", root, "--db", "main").stdout == whole.stdout


def test_a_slip_of_the_pen_leaves_nothing_behind(work):
    nowhere = pathlib.Path(work.path("nowhere"))
    for arguments in (["compact"], ["verify"], ["inspect", "db"], ["export", "--db", "main"],
                      ["recover", "--db", "main", "--file", "x", "--out", work.path("out.lp")]):
        assert "nowhere" in run(*arguments, "--root", nowhere, expect=1).stderr
    assert not nowhere.exists() and not pathlib.Path(work.path("out.lp")).exists()


def test_a_second_server_refuses_and_names_the_holder(work):
    server = work.cistern()
    done = run("serve", "--root", server.root, "--listen", f"127.0.0.1:{harness.free_port()}", expect=1)
    assert str(server.process.pid) in done.stderr, done.stderr
    done = run("import", "--root", server.root, "--in", "/dev/null", expect=1)
    assert "cistern serve" in done.stderr, done.stderr


def test_reading_commands_work_beside_a_server_and_change_nothing(work):
    server = work.cistern()
    assert server.post("/api/v1/import", "".join(f"main/t {i} {1700000000 + i}000000000\n" for i in range(15)))[0] == 200
    for _ in range(2):
        exported = run("export", "--root", server.root, "--db", "main")
        assert len(exported.stdout.splitlines()) == 15
    assert len(json.loads(run("query", "--root", server.root, "--metric", "t", "--format", "json").stdout)["rows"]) == 15
    for what in ("db", "catalog", "dat", "wal"):
        json.loads(run("inspect", what, "--root", server.root, "--db", "main", "--json").stdout)
    server.stop()
    assert len(run("export", "--root", server.root, "--db", "main").stdout.splitlines()) == 15


def test_settings_written_by_init_are_good_and_faults_are_all_named(work):
    settings = pathlib.Path(work.path("engine.toml"))
    run("init", "--config", settings)
    run("check", "--config", settings)
    settings.write_text("[engine]\nlisten = 5\n[wal]\nfsync_polcy = 'always'\n[[broker]]\nname = 'a'\nurl = 'http://x'\n")
    done = run("check", "--config", settings, "--json", expect=1)
    problems = json.loads(done.stdout)["problems"]
    assert sorted(problem["line"] for problem in problems) == [2, 4, 7], problems
    assert any("fsync_policy" in problem["suggestion"] for problem in problems)


def test_explain_says_what_becomes_of_a_message(work):
    done = run("explain", "--topic", "zigbee2mqtt/kitchen", "--payload", '{"temperature":21.5,"linkquality":70}', "--json")
    explained = json.loads(done.stdout)
    assert {s["metric"]: s["value"] for s in explained["samples"]} == {"temperature": 21.5, "linkquality": 70}
    assert explained["samples"][0]["labels"] == {"device": "kitchen"}


def test_wrong_usage_exits_with_2(work):
    run("frobnicate", expect=2)
    run("export", "--root", work.path("data"), expect=2)
    run("query", "--root", work.path("data"), expect=2)


def test_offline_promql_answers_as_the_server_does(work):
    server = work.cistern()
    server.post("/api/v1/import", "".join(f'main/p{{d="{d}"}} {i * d} {1700000000 + i * 10}000000000\n' for i in range(60) for d in (1, 2)))
    live = server.instant("sum(rate(p[5m]))", 1700000500)
    offline = json.loads(run("query", "--root", server.root, "--promql", "sum(rate(p[5m]))", "--end", "1700000500", "--json").stdout)
    assert offline["result"][0]["value"][1] == live[0][1]


if __name__ == "__main__":
    harness.main()
