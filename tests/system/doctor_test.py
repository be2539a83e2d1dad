# SPDX-License-Identifier: MIT
"""cistern doctor on brokers with good and bad settings, and on the machine."""
import json
import os
import pathlib
import socket

import harness


def doctor(*arguments, expect):
    done = harness.run("doctor", "--json", *arguments, expect=expect)
    report = json.loads(done.stdout)
    assert report["ok"] == (expect == 0), report
    return report["findings"]


def problems(findings):
    return {finding["mosquitto_conf"]: finding["what"] for finding in findings
            if finding["severity"] == "problem" and "mosquitto_conf" in finding}


def bad_mosquitto(workplace, *settings):
    """A broker with mosquitto's defaults and these lines; returns its URL."""
    port = harness.free_port()
    file = workplace.path(f"bad-{port}.conf")
    user = ["user root"] if os.geteuid() == 0 else []
    pathlib.Path(file).write_text("\n".join([f"listener {port} 127.0.0.1", "allow_anonymous true", *user, *settings]) + "\n")
    workplace.spawn(["mosquitto", "-c", file], f"mosquitto-{port}")

    def answers():
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True

    harness.wait_for("the broker's start", answers)
    return f"mqtt://127.0.0.1:{port}", file


def test_the_recommended_settings_have_no_problem(workplace):
    port = workplace.mosquitto()
    findings = doctor("--broker", f"mqtt://127.0.0.1:{port}", "--probe", "--root", workplace.path("data"),
                      "--mosquitto-conf", harness.ROOT / "config/examples/mosquitto.conf", expect=0)
    told = " ".join(finding["what"] for finding in findings)
    assert "connected with MQTT 5" in told
    assert "the broker is mosquitto" in told
    assert "1500 messages waited for a client away" in told, told
    assert "a retained message came back" in told


def test_the_defaults_are_reported_with_the_line_that_mends_them(workplace):
    url, file = bad_mosquitto(workplace)
    findings = doctor("--broker", url, "--probe", "--mosquitto-conf", file, "--root", workplace.path("data"), expect=1)
    found = problems(findings)
    assert "dropped without a word" in found["max_queued_messages 0"] or "only 1000" in found["max_queued_messages 0"], found
    measured = [finding["what"] for finding in findings if "of 1500 messages" in finding["what"]]
    assert len(measured) == 1 and findings, findings
    assert "persistence true" in found and "autosave_interval 60" in found
    notes = [finding.get("mosquitto_conf") for finding in findings if finding["severity"] == "note"]
    assert "max_inflight_messages 1000" in notes, findings


def test_what_a_broker_forbids_is_read_from_its_answer(workplace):
    url, _ = bad_mosquitto(workplace, "max_qos 0", "retain_available false", "max_packet_size 20000")
    found = problems(doctor("--broker", url, "--root", workplace.path("data"), expect=1))
    assert set(found) == {"max_qos 2", "retain_available true", "max_packet_size 0"}, found


def test_a_probe_publishes_and_leaves_no_series_and_without_it_nothing_is_published(workplace):
    broker = f"mqtt://127.0.0.1:{workplace.mosquitto()}"
    cistern = workplace.cistern("--broker", broker)
    harness.run("simulate", "--broker", broker, "--devices", "11", "--rate", "100", "--seconds", "1")
    harness.wait_for("the first series", lambda: cistern.instant("electricity_delivered_1"))
    received = cistern.metric("cistern_messages_received_total")
    doctor("--broker", broker, "--root", workplace.path("other"), expect=0)
    assert cistern.metric("cistern_messages_received_total") - received < 50
    doctor("--broker", broker, "--probe", "--root", workplace.path("other"), expect=0)
    harness.wait_for("the probe", lambda: cistern.metric("cistern_messages_received_total") - received > 1500)
    assert not [row for row in cistern.instant('{__name__!=""}') if "cistern/doctor" in json.dumps(row)]


def test_a_broker_that_is_not_there_and_a_secret_for_everybody(workplace):
    secret = pathlib.Path(workplace.path("password"))
    secret.write_text("secret\n")
    secret.chmod(0o644)
    settings = pathlib.Path(workplace.path("engine.toml"))
    settings.write_text(f'[[broker]]\nname = "away"\nurl = "mqtt://127.0.0.1:{harness.free_port()}"\n'
                        f'user = "u"\npassword_file = "{secret}"\n')
    findings = doctor("--config", settings, "--root", workplace.path("data"), expect=1)
    told = [(finding["subject"], finding["what"]) for finding in findings if finding["severity"] == "problem"]
    assert any(subject == "away" and "refused" in what for subject, what in told), told
    assert any("can be read by others" in what for _, what in told), told


if __name__ == "__main__":
    harness.main()
