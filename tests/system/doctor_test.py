# SPDX-License-Identifier: MIT
"""cistern doctor on brokers with good and bad settings, and on the machine."""
import json
import os
import pathlib
import socket

import certificates
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


def examine(workplace, settings, expect):
    """What the doctor says to one broker with these settings: [(severity, what, advice)]."""
    path = pathlib.Path(workplace.path("engine.toml"))
    path.write_text('[[broker]]\nname = "lan"\n' + settings + "\n")
    findings = doctor("--config", path, "--root", workplace.path("data"), "--probe", expect=expect)
    return [(finding["severity"], finding["what"], finding.get("advice", "")) for finding in findings
            if finding["subject"] == "lan"]


def only_problem(workplace, settings):
    problem, = [(what, advice) for severity, what, advice in examine(workplace, settings, 1) if severity == "problem"]
    return problem


def test_brokers_behind_tls_and_websockets_are_examined_like_others(workplace):
    certificates.make_all(workplace)
    plain, tls, mutual, socket, secure_socket = certificates.mosquitto_behind_all(workplace)
    ca, own = 'ca = "ca.pem"', 'cert = "client.pem"\nkey = "client.key"'
    for settings in (f'url = "mqtts://localhost:{tls}"\n{ca}', f'url = "mqtts://127.0.0.1:{mutual}"\n{ca}\n{own}',
                     f'url = "ws://localhost:{socket}"', f'url = "wss://localhost:{secure_socket}"\n{ca}'):
        told = " ".join(what for _, what, _ in examine(workplace, settings, 0))
        assert "1500 messages waited for a client away" in told and "a retained message came back" in told, told
        assert ("(CN=localhost, issued by CN=test authority) is valid for" in told) == ("mqtts" in settings or "wss" in settings), told

    what, advice = only_problem(workplace, f'url = "mqtts://localhost:{tls}"')
    assert "CN=test authority) comes from an authority that is not in the system's certificates" in what, what
    assert "set `ca`" in advice
    what, _ = only_problem(workplace, f'url = "mqtts://localhost:{mutual}"\n{ca}')
    assert what == "the broker wants a client certificate: set `cert` and `key`", what
    what, advice = only_problem(workplace, f'url = "mqtts://localhost:{plain}"\n{ca}')
    assert "does not speak TLS" in what, what
    _, advice = only_problem(workplace, f'url = "mqtt://localhost:{tls}"')
    assert advice == "this port speaks TLS: use mqtts://", advice
    what, _ = only_problem(workplace, f'url = "ws://localhost:{plain}"')
    assert "does not speak WebSocket" in what, what
    what, _ = only_problem(workplace, f'url = "mqtts://localhost:{tls}"\nca = "server.key"')
    assert "server.key" in what and "cannot be used" in what, what
    what, _ = only_problem(workplace, f'url = "mqtts://localhost:{mutual}"\n{ca}\ncert = "client.pem"\nkey = "server.key"')
    assert "key values mismatch" in what, what


def test_bad_certificates_are_told_apart(workplace):
    authority = certificates.make_all(workplace)
    authority.issue("expired", "localhost", certificates.LOCALHOST, days=-1)
    authority.issue("foreign", "broker.example", "subjectAltName=DNS:broker.example,IP:192.0.2.7")
    certificates.Authority(workplace, "other", "another authority").issue("stranger", "edge", "extendedKeyUsage=clientAuth")
    ports, listeners = {}, ""
    for name in ("server", "expired", "foreign"):
        ports[name] = harness.free_port()
        more = "require_certificate true\n" if name == "server" else ""
        listeners += (f"listener {ports[name]} 127.0.0.1\ncafile {workplace.folder}/ca.pem\n"
                      f"certfile {workplace.folder}/{name}.pem\nkeyfile {workplace.folder}/{name}.key\n{more}")
    workplace.mosquitto(extra=listeners)
    ca = 'ca = "ca.pem"'
    what, advice = only_problem(workplace, f'url = "mqtts://localhost:{ports["expired"]}"\n{ca}')
    assert "CN=localhost" in what and " expired on 2" in what and "renew it" in advice, (what, advice)
    what, advice = only_problem(workplace, f'url = "mqtts://localhost:{ports["foreign"]}"\n{ca}')
    assert 'is not for "localhost", but for broker.example, 192.0.2.7' in what, what
    what, _ = only_problem(workplace, f'url = "mqtts://localhost:{ports["server"]}"\n{ca}\n'
                                      'cert = "stranger.pem"\nkey = "stranger.key"')
    assert "refused our client certificate" in what, what
    findings = examine(workplace, f'url = "mqtts://localhost:{ports["expired"]}"\n{ca}\ninsecure = true', 0)
    assert any(severity == "note" and "`insecure` hides" in what and "expired" in what
               for severity, what, _ in findings), findings


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
