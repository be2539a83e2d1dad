# SPDX-License-Identifier: MIT
"""Programs of others as peers: an Eclipse Tahu edge node (npm sparkplug-client) and Debian's collectd.

Each is skipped where the program is not there.
"""
import os
import pathlib
import shutil
import subprocess
import time

import harness

PEERS = pathlib.Path(__file__).resolve().parent / "peers"


def require_tahu():
    if not shutil.which("node"):
        raise harness.Skip("Node.js is not installed")
    if not (PEERS / "node_modules/sparkplug-client/package.json").exists():
        done = subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=PEERS, capture_output=True, text=True)
        if done.returncode != 0:
            raise harness.Skip("npm ci in tests/system/peers failed:\n" + done.stderr[-800:])


def value(cistern, expression):
    found = cistern.instant(expression)
    assert len(found) <= 1, found
    return float(found[0][1]) if found else None


def test_a_tahu_edge_node_is_understood(workplace):
    require_tahu()
    port = workplace.mosquitto()
    settings = pathlib.Path(workplace.path("engine.toml"))
    settings.write_text(f'[[broker]]\nname = "lan"\nurl = "mqtt://127.0.0.1:{port}"\npublish = true\n'
                        '[[sparkplug]]\nrebirth = "auto"\ndatasets = true\n')
    # The node is born before anybody listens: its births are gone, a host has to ask.
    node = workplace.spawn(["node", str(PEERS / "edge_node.cjs"), f"mqtt://127.0.0.1:{port}"], "node")
    harness.wait_for("the node's birth", lambda: "born 0" in workplace.log("node"), 30)
    time.sleep(0.5)
    cistern = workplace.cistern("--config", settings)
    harness.wait_for("the rebirth that was asked for", lambda: "born 1" in workplace.log("node"))
    press = 'group="Works", node="Tahu", device="Press"'
    harness.wait_for("data by name", lambda: (value(cistern, f"motor_speed{{{press}}}") or 0) > 1000)
    assert value(cistern, f"small{{{press}}}") == -5
    assert value(cistern, f"running{{{press}}}") == 1
    assert value(cistern, f"m1_rpm{{{press}}}") == 900
    assert value(cistern, f'recipes_weight{{{press}, row="1", name="cake"}}') == 2.25
    harness.wait_for("data of the node", lambda: value(cistern, 'ambient_temperature{node="Tahu"}') == 22.25)
    assert value(cistern, 'node_online{node="Tahu"}') == 1
    metadata = cistern.get("/api/v1/metadata", metric="ambient_temperature")["data"]
    assert metadata["ambient_temperature"][0]["unit"] == "°C", metadata
    # A restart knows names, units and births; nobody is asked again within the minute.
    cistern.stop()
    cistern.start()
    before = value(cistern, f"max_over_time(motor_speed{{{press}}}[1h])")
    harness.wait_for("data after the restart", lambda: value(cistern, f"motor_speed{{{press}}}") > before)
    assert "born 2" not in workplace.log("node"), workplace.log("node")
    # The node loses its power: its will says so and its series end.
    node.kill()
    harness.wait_for("the death", lambda: value(cistern, 'node_online{node="Tahu"}') == 0, 30)
    assert value(cistern, f"motor_speed{{{press}}}") is None


COLLECTD = """
Hostname "gateway"
FQDNLookup false
Interval 1
BaseDir "{folder}"
PIDFile "{folder}/collectd.pid"
TypesDB "/usr/share/collectd/types.db"
LoadPlugin cpu
LoadPlugin load
LoadPlugin memory
LoadPlugin interface
LoadPlugin mqtt
<Plugin mqtt>
  <Publish "cistern">
    Host "127.0.0.1"
    Port "{port}"
    ClientId "collectd"
    QoS 1
  </Publish>
</Plugin>
"""


def test_collectd_is_understood(workplace):
    collectd = shutil.which("collectd", path=harness.ENVIRONMENT["PATH"])
    if not collectd or not os.path.exists("/usr/lib/collectd/mqtt.so"):
        raise harness.Skip("collectd with its mqtt plugin is not installed")
    port = workplace.mosquitto()
    settings = workplace.path("collectd.conf")
    pathlib.Path(settings).write_text(COLLECTD.format(folder=workplace.folder, port=port))
    cistern = workplace.cistern("--broker", f"mqtt://127.0.0.1:{port}")
    workplace.spawn([collectd, "-f", "-C", settings], "collectd")
    host = 'host="gateway"'
    harness.wait_for("memory", lambda: value(
        cistern, f'collectd_memory{{{host}, plugin="memory", type_instance="used"}}'))
    harness.wait_for("load", lambda: cistern.instant(f'collectd_load_midterm{{{host}, plugin="load"}}'))
    harness.wait_for("cpu", lambda: cistern.instant(
        f'collectd_cpu{{{host}, plugin="cpu", plugin_instance="0", type_instance="idle"}}'))
    harness.wait_for("octets", lambda: cistern.instant(
        f'collectd_if_octets_rx{{{host}, plugin="interface", plugin_instance="lo"}}'))
    # collectd's own times are taken, to the millisecond, a second apart.
    rows = cistern.get("/api/v1/query", query=f'collectd_load_midterm{{{host}}}[1m]')["data"]["result"]
    assert len(rows) == 1 and rows[0]["metric"] == {"__name__": "collectd_load_midterm", "host": "gateway", "plugin": "load"}, rows


if __name__ == "__main__":
    harness.main()
