# SPDX-License-Identifier: MIT
"""Every family that `cistern simulate` speaks lands in the store; a hostile publisher harms nobody."""
import harness

# A series that each family must have, by the rule that makes it.
WANTED = {
    "zigbee2mqtt": '{device!="", __name__=~"temperature|power|occupancy|contact"}',
    "tasmota": '{__name__=~"energy_.*|wifi_.*|uptime_sec"}',
    "shelly_gen1": '{device=~"shelly.*"}',
    "shelly_gen2": 'apower',
    "esphome": '{__name__=~"temperature|humidity"}',
    "victron": 'soc{service="battery"}',
    "rtl_433": 'temperature_c{model="Acurite-Tower", channel="A", gateway=~"pi.*"}',
    "homie": 'pressure{node="climate"}',
    "evcc": 'charge_power{loadpoint="1"}',
    "dsmr": 'electricity_delivered_1',
    "sparkplug": 'motor_speed{group="Simulated", node="Edge1", device="Press"}',
}


def collector(workplace, broker):
    """A cistern that has subscribed: Sparkplug's births are not retained."""
    cistern = workplace.cistern("--broker", broker)
    harness.wait_for("the subscription", lambda: [
        one for one in cistern.get("/api/v1/collector/status")["data"]["brokers"] if one["connected"] and one["subscriptions"]
        and not any(subscription["refused"] for subscription in one["subscriptions"])])
    return cistern


def simulate(broker, *arguments):
    harness.run("simulate", "--broker", broker, "--devices", "24", *arguments)


def test_every_family_lands_in_the_store(workplace):
    broker = f"mqtt://127.0.0.1:{workplace.mosquitto()}"
    cistern = collector(workplace, broker)
    simulate(broker, "--rate", "200", "--seconds", "3")
    families = harness.run("simulate", "--list-families").stdout.split()
    assert set(families) == set(WANTED), families
    for family in families:
        harness.wait_for(f"series of {family}", lambda f=family: cistern.instant(f"count({WANTED[f]}) > 0"))

        def has_series(family=family):
            rules = {rule["rule"]: rule for rule in cistern.get("/api/v1/collector/status")["data"]["rules"]}
            return (rules.get("preset:" + family) or rules.get(family) or {"series": 0})["series"] > 0

        harness.wait_for(f"a rule of {family}", has_series)
    units = cistern.get("/api/v1/metadata", metric="motor_speed")["data"]
    assert units["motor_speed"][0]["unit"] == "rpm", units
    # Leading zeros and the word None are no reason for strange values.
    value = float(cistern.instant("electricity_delivered_1")[0][1])
    assert 12345 < value < 12400, value
    assert not cistern.instant("phase_power_current_l2")


def test_a_hostile_publisher_harms_nobody(workplace):
    broker = f"mqtt://127.0.0.1:{workplace.mosquitto()}"
    cistern = collector(workplace, broker)
    simulate(broker, "--rate", "600", "--seconds", "4", "--hostile", "--seed", "3")

    def received():
        return cistern.metric("cistern_messages_received_total") or 0

    # 600 a second for 4 seconds, and the announcements; everything was taken, nothing waits.
    harness.wait_for("all messages", lambda: received() >= 2400)
    assert cistern.process.poll() is None
    dropped = cistern.get("/api/v1/collector/status")["data"]["dropped"]
    for reason in ("decode_error", "oversize", "too_deep", "too_many_fields", "binary_undecoded", "topic_too_long"):
        assert dropped.get(reason, 0) > 0, (reason, dropped)
    assert cistern.instant('soc{service="battery"}'), "the others go on"
    assert cistern.instant('motor_speed{group="Simulated"}'), cistern.get("/api/v1/collector/status")
    assert not cistern.instant('{__name__="huge"}')
    # Random addresses make no series without end.
    harness.run("verify", "--root", cistern.root, "--json")
    cistern.stop()


if __name__ == "__main__":
    harness.main()
