# SPDX-License-Identifier: MIT
"""`cistern explain --messages` on the corpus of real device messages with the samples they must give.

The corpus lies in the folder shared/ beside the repository; without it the tests are skipped.
Where the other tests of the corpus call the mapper, these go through the real program and a settings file.
"""
import json
import pathlib
import subprocess
import uuid

import harness

DECODERS = {  # rows of the family `encodings` presume a rule that names the decoder
    "lp/in": 'decode = "influx"',
    "csv/in": 'decode = { csv = { columns = ["ts:unix", "temperature", "humidity", "state"] } }',
    "gz/in": 'decode = "auto"',
    "msgpack/in": 'decode = "msgpack"',
    "cbor/in": 'decode = "cbor"',
    "raw/float32le": 'decode = "f32le"',
    "raw/u16be": 'decode = { binary = [ { name = "temperature", type = "u16be", scale = 0.01 }, '
                 '{ name = "humidity", type = "u16be", scale = 0.01 } ] }',
    "json5/in": 'decode = "json"',
    "jsonstr/in": 'decode = "auto"',
}
GENERATED = {
    "e/1mb": lambda: '{"data":"' + "A" * 1048576 + '"}',
    "e/1mbnum": lambda: '{"pad":"' + " " * 200000 + '","v":1}',
    "e/manykeys": lambda: json.dumps({f"k{i}": i for i in range(10000)}),
    "e/newtopics": lambda: "1",
}


def corpus():
    for folder in (harness.ROOT.parent, harness.ROOT.parent.parent):
        file = folder / "shared/corpus/payloads.jsonl"
        if file.exists():
            return [json.loads(line) for line in file.read_text().splitlines()]
    raise harness.Skip("no shared/corpus/payloads.jsonl beside the repository")


def settings(workplace, rows):
    topics = dict.fromkeys(row["topic"] for row in rows if row["family"] == "encodings")
    rules = [f'[[rule]]\nname = "encoding {topic}"\ntopic = "{topic}"\n{DECODERS.get(topic, "")}\n' for topic in topics]
    path = pathlib.Path(workplace.path("engine.toml"))
    path.write_text("\n".join(rules))
    return path


def lines_of(row):
    """The messages to send for a row; the answer to the last is the one that counts."""
    messages = []
    if "ha_config" in row:
        messages.append({**row["ha_config"], "retain": True, "rx_ts_ms": row["rx_ts_ms"]})
    message = {key: row[key] for key in ("topic", "payload", "payload_b64", "retain", "rx_ts_ms") if key in row}
    if "generator" in row:
        message["payload"] = GENERATED[row["topic"]]()
    if row.get("generator") == "topic loop":  # a flood of topics never seen again: the guard must stop it
        messages += [{**message, "topic": f"{row['topic']}/{uuid.uuid4()}"} for _ in range(1000)]
        message["topic"] += f"/{uuid.uuid4()}"
    return messages + [message]


def explain(workplace, config, rows):
    """One run of the program over the rows; an answer per row."""
    file = pathlib.Path(workplace.path("messages.jsonl"))
    messages = [lines_of(row) for row in rows]
    file.write_text("".join(json.dumps(line) + "\n" for lines in messages for line in lines))
    done = subprocess.run([harness.CISTERN, "explain", "--messages", file, "--config", config, "--json"],
                          capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(answers) == sum(map(len, messages)), f"{len(answers)} answers"
    last, at = [], 0
    for lines in messages:
        at += len(lines)
        last.append(answers[at - 1])
    return last


def is_close(a, b):
    return a == b or abs(a - b) <= 1e-6 * max(abs(a), abs(b))


def fits(want, got, row, subset):
    labels = got.get("labels", {})
    return (want["metric"] == got["metric"] and is_close(want["value"], got["value"])
            and (want["labels"].items() <= labels.items() if subset else want["labels"] == labels)
            and all(key not in want or got.get(key) == want[key] for key in ("unit", "type"))
            and abs(got["ts_ms"] - want.get("ts_ms", row["rx_ts_ms"])) < 1)


def problems(row, got):
    subset = row["family"] == "ha_discovery" or "subset" in row["note"]
    left = list(got.get("samples", []))
    for want in row["expect"]:
        found = next((one for one in left if fits(want, one, row, subset)), None)
        if found is None:
            yield f"missing {want}"
        else:
            left.remove(found)
    yield from (f"extra {one}" for one in left)
    texts = {(text["metric"], text["value"]) for text in got.get("text", [])}
    yield from (f"missing text {pair}" for pair in row.get("expect_text", {}).items() if pair not in texts)
    if row.get("expect_stale") and not got.get("stale"):
        yield "missing stale"
    wanted = row.get("expect_action")
    if wanted and wanted not in [action["name"] for action in got.get("actions", [])]:
        yield f"missing action {wanted}"


def check(rows, answers):
    report = []
    for row, got in zip(rows, answers):
        found = list(problems(row, got))
        if found:
            report.append(f"{row['family']} {row['topic']} {str(row.get('payload'))[:120]}: " + "; ".join(found))
    assert not report, f"{len(report)} of {len(rows)} rows differ\n" + "\n".join(report)
    print(f"{len(rows)} of {len(rows)} rows", flush=True)


def grouped(rows):
    """Rows that belong together, in the order of their steps; every other row alone."""
    groups = {}
    for number, row in enumerate(rows):
        groups.setdefault(row.get("group", number), []).append(row)
    return [sorted(group, key=lambda row: row.get("step", 0)) for group in groups.values()]


def test_every_row_in_one_run(workplace):
    rows = [row for group in grouped(corpus()) for row in group]
    check(rows, explain(workplace, settings(workplace, rows), rows))


def test_every_group_in_a_run_of_its_own(workplace):
    groups = grouped(corpus())
    config = settings(workplace, [row for group in groups for row in group])
    answers = [explain(workplace, config, group) for group in groups]
    check([row for group in groups for row in group], [got for group in answers for got in group])


if __name__ == "__main__":
    harness.main()
