#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""VictoriaMetrics' vmagent and vmalert, as Debian ships them, work with cistern."""
import pathlib
import shutil

import harness


def start(work, program, *arguments):
    if not shutil.which(program):
        raise harness.Skip(f"{program} is not installed")
    return work.spawn([program, f"-httpListenAddr=127.0.0.1:{harness.free_port()}", *arguments], program)


def write(work, name, text):
    pathlib.Path(work.path(name)).write_text(text)
    return work.path(name)


def test_vmagent_writes_and_its_stale_markers_are_kept(work):
    server, target = work.cistern(), work.cistern(root="target")
    settings = write(work, "scrape.yml", f"""
global: {{scrape_interval: 1s, external_labels: {{site: mill}}}}
scrape_configs:
  - {{job_name: cistern, static_configs: [{{targets: ["127.0.0.1:{target.port}"]}}]}}
""")
    start(work, "vmagent", "-promscrape.config=" + settings, f"-remoteWrite.url={server.url}/api/v1/write",
          "-remoteWrite.tmpDataPath=" + work.path("vmagent"), "-remoteWrite.flushInterval=200ms")
    watched = "cistern_http_requests_total{site='mill'}"
    harness.wait_for("samples of vmagent", lambda: server.instant(watched))
    assert server.instant("up{job='cistern'}")[0][1] == "1"
    target.stop()
    harness.wait_for("the stale markers", lambda: not server.instant(watched), seconds=8)
    assert server.instant("up{job='cistern'}")[0][1] == "0"
    assert server.instant(f"count(last_over_time({watched}[5m]))"), "the samples before are still there"


RULES = """
groups:
  - name: plant
    interval: 1s
    rules:
      - record: device:flow:sum
        expr: sum by (device) (flow)
        labels: {source: vmalert}
      - alert: TooMuch
        expr: flow > 100
        for: 2s
        labels: {severity: page}
"""


def vmalert(work, server, rules):
    return start(work, "vmalert", "-rule=" + rules, "-evaluationInterval=1s",
                 f"-notifier.url=http://127.0.0.1:{harness.free_port()}",  # nobody there
                 f"-datasource.url={server.url}", f"-remoteWrite.url={server.url}", f"-remoteRead.url={server.url}",
                 "-remoteWrite.flushInterval=200ms")


def active_since(server):
    rows = server.instant("ALERTS_FOR_STATE{alertname='TooMuch'}")
    return rows[0][1] if rows else None


def test_vmalert_records_alerts_and_restores_its_state(work):
    server = work.cistern()
    rules = write(work, "rules.yml", RULES)
    assert server.post("/api/v1/import", 'flow{device="a"} 70\nflow{device="b"} 200\n')[0] == 200
    process = vmalert(work, server, rules)
    rows = harness.wait_for("the recorded series", lambda: server.instant("device:flow:sum{source='vmalert'}"))
    assert {labels["device"]: value for labels, value in rows} == {"a": "70", "b": "200"}
    fires = "ALERTS{alertname='TooMuch', alertstate='firing', severity='page', device='b'}"
    harness.wait_for("the alert", lambda: server.instant(fires))
    assert not server.instant("ALERTS{device='a'}")
    since = active_since(server)
    process.terminate()
    process.wait(10)
    written = server.instant("count_over_time(ALERTS_FOR_STATE[10m])")[0][1]
    vmalert(work, server, rules)
    harness.wait_for("a state written after the restart", lambda: float(
        server.instant("count_over_time(ALERTS_FOR_STATE[10m])")[0][1]) > float(written) + 1)
    assert active_since(server) == since, "the alert began anew: its state was not restored"


if __name__ == "__main__":
    harness.main()
