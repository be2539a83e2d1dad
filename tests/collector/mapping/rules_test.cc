// SPDX-License-Identifier: MIT
// What rules say and what comes of it.
#include "tests/collector/mapping/mapping_support.h"

namespace cistern::collector::test {
namespace {

TEST(Rules, TurnCapturesIntoMetricAndLabels) {
    RuleOptions garden = rule("garden", {"garden/{bed}/{metric}"});
    garden.metric = "garden_{metric}";
    garden.labels = {{"bed", "{bed}"}};
    garden.unit = {{"soil_moisture", "%"}};
    auto mapper = MapperUnderTest::with_rule(garden);
    EXPECT_EQ(mapper.send("garden/bed1/soil_moisture", "43.1").samples(),
              Lines({R"(garden_soil_moisture{bed="bed1"} 43.1 %)"}));
    EXPECT_EQ(mapper.mapped().rule, "garden");
    EXPECT_EQ(mapper.send("garden/bed2/soilTemp", "12").samples(),
              Lines({R"(garden_soil_temp{bed="bed2"} 12)"}));
}

TEST(Rules, PickValuesByPathAndScaleThem) {
    RuleOptions heat = rule("heatpump", {"hp/{site}/status"});
    heat.labels = {{"site", "{site}"}, {"unit_id", "$.device.serial"}};
    heat.timestamp.emplace();
    heat.timestamp->field = "$.meta.ts";
    heat.timestamp->format = "unix_ms";
    ValueOptions flow;
    flow.path = "$.temps.flow";
    flow.metric = "flow_temperature";
    flow.unit = "°C";
    ValueOptions energy;
    energy.path = "$.energy.total_wh";
    energy.metric = "energy_total";
    energy.scale = 0.001;
    energy.unit = "kWh";
    energy.type = "counter";
    ValueOptions mode;
    mode.path = "$.mode";
    mode.map = {{"off", 0}, {"heat", 1}, {"cool", 2}};
    mode.on_unmapped = OnUnmapped::Drop;
    heat.values = {flow, energy, mode};
    auto mapper = MapperUnderTest::with_rule(heat);
    mapper.send("hp/north/status",
                R"({"device":{"serial":"A7"},"meta":{"ts":1767225590123},"temps":{"flow":41.5},
                    "energy":{"total_wh":12500},"mode":"cool"})");
    EXPECT_EQ(mapper.samples(),
              Lines({R"(energy_total{site="north", unit_id="A7"} 12.5 kWh)",
                     R"(flow_temperature{site="north", unit_id="A7"} 41.5 °C)",
                     R"(mode{site="north", unit_id="A7"} 2)"}));
    EXPECT_EQ(mapper.mapped().samples[0].timestamp_ns, 1767225590123000000);
    EXPECT_TRUE(mapper.mapped().samples[0].timestamp_from_payload);
    mapper.send("hp/north/status", R"({"device":{"serial":"A7"},"mode":"defrost"})");
    EXPECT_EQ(
        mapper.dropped(),
        Lines(
            {"missing_field $.temps.flow", "missing_field $.energy.total_wh", "unmapped $.mode"}));
}

TEST(Rules, GiveEachSerialASeriesOfItsOwn) {
    RuleOptions one = rule("x", {"x"});
    one.labels = {{"id", "$.id"}};
    ValueOptions value;
    value.path = "$.v";
    one.values = {value};
    auto mapper = MapperUnderTest::with_rule(one);
    EXPECT_EQ(mapper.send("x", R"({"id":"a","v":1})").samples(), Lines({R"(v{id="a"} 1)"}));
    EXPECT_EQ(mapper.send("x", R"({"id":"b","v":2})").samples(), Lines({R"(v{id="b"} 2)"}));
    EXPECT_EQ(mapper.send("x", R"({"id":"a","v":3})").samples(), Lines({R"(v{id="a"} 3)"}));
}

TEST(Rules, RunOverTheElementsOfAList) {
    RuleOptions kepware = rule("kepware", {"kesy"});
    kepware.each = "$.values[*]";
    kepware.metric = "{$.id|snake}";
    kepware.value = "$.v";
    kepware.when = "$.q == true";
    kepware.timestamp.emplace();
    kepware.timestamp->field = "$.t";
    auto mapper = MapperUnderTest::with_rule(kepware);
    mapper.send(
        "kesy",
        R"({"values":[{"id":"A.One","v":1,"q":true,"t":1767225590000},{"id":"B","v":2,"q":false,"t":1}]})");
    EXPECT_EQ(mapper.samples(), Lines({"a_one 1"}));
    EXPECT_EQ(mapper.mapped().samples[0].timestamp_ns, 1767225590000000000);
    EXPECT_EQ(mapper.dropped(), Lines({"filtered $.q == true"}));
}

TEST(Rules, ChooseTheDatabaseWithinTheAllowedOnes) {
    RuleOptions factory = rule("factory", {"plant/{area}/{line}/{path...}"});
    factory.db = "{area}";
    factory.allowed_db = {"press", "paint"};
    factory.metric = "{path|snake}";
    factory.labels = {{"line", "{line}"}};
    factory.scalar.map = {{"RUN", 1}, {"STOP", 0}};
    factory.scalar.decimal = ',';
    auto mapper = MapperUnderTest::with_rule(factory);
    EXPECT_EQ(mapper.send("plant/press/l1/motor/Speed", "12,5 rpm").samples(),
              Lines({R"(press/motor_speed{line="l1"} 12.5 rpm)"}));
    EXPECT_EQ(mapper.send("plant/press/l1/state", "STOP").samples(),
              Lines({R"(press/state{line="l1"} 0)"}));
    mapper.send("plant/office/l1/state", "RUN");
    EXPECT_TRUE(mapper.samples().empty());
    EXPECT_EQ(mapper.mapped().dropped[0].reason, "bad_database");
}

TEST(Rules, StopAtTheFirstMatchUnlessToldToGoOn) {
    RuleOptions first = rule("first", {"a/#"});
    first.metric = "first";
    RuleOptions second = rule("second", {"a/b"});
    second.metric = "second";
    MappingOptions options;
    options.rules = {first, second};
    MapperUnderTest stops(options);
    EXPECT_EQ(stops.send("a/b", "1").samples(), Lines({"first 1"}));
    EXPECT_NE(stops.mapper().warnings().at(0).find("'second' can never match"), std::string::npos);
    options.rules[0].continue_after = true;
    MapperUnderTest goes_on(options);
    EXPECT_EQ(goes_on.send("a/b", "1").samples(), Lines({"first 1", "second 1"}));
    EXPECT_TRUE(goes_on.mapper().warnings().empty());
}

TEST(Rules, FallThroughWhenThePayloadDoesNotMatch) {
    RuleOptions telemetry = rule("telemetry", {"t"});
    telemetry.match = "$.kind == 'telemetry'";
    telemetry.metric = "telemetry_{field}";
    auto mapper = MapperUnderTest::with_rule(telemetry);
    EXPECT_EQ(mapper.send("t", R"({"kind":"telemetry","v":1})").samples(),
              Lines({"telemetry_v 1"}));
    EXPECT_EQ(mapper.send("t", R"({"kind":"other","v":1})").samples(), Lines({R"(v{path="t"} 1)"}));
}

TEST(Rules, LeaveOutUnchangedValuesButNotForEver) {
    RuleOptions quiet = rule("quiet", {"q"});
    quiet.on_change = OnChangeOptions{0.2, false, 600'000'000'000};
    auto mapper = MapperUnderTest::with_rule(quiet);
    constexpr int64_t kMinute = 60'000'000'000;
    EXPECT_EQ(mapper.send("q", "20", kReceived).samples().size(), 1U);
    EXPECT_EQ(mapper.send("q", "20.1", kReceived + kMinute).dropped().at(0), "unchanged");
    EXPECT_EQ(mapper.send("q", "20.3", kReceived + 2 * kMinute).samples().size(), 1U);
    EXPECT_EQ(mapper.send("q", "20.3", kReceived + 11 * kMinute).samples().size(), 0U);
    EXPECT_EQ(mapper.send("q", "20.3", kReceived + 13 * kMinute).samples().size(), 1U);
}

TEST(Rules, TakeLabelsFromUserProperties) {
    RuleOptions v5 = rule("v5", {"v5"});
    v5.labels = {{"site", "{@site}"}};
    auto mapper = MapperUnderTest::with_rule(v5);
    Message message;
    message.topic = "v5";
    message.payload = "1";
    message.received_ns = kReceived;
    message.user_properties = {{"site", "north"}};
    EXPECT_EQ(mapper.send(message).samples(), Lines({R"(v5{site="north"} 1)"}));
}

TEST(Rules, ComputeWithExpressions) {
    RuleOptions fahrenheit = rule("f", {"f"});
    ValueOptions value;
    value.path = "$.tf";
    value.metric = "temperature";
    value.expr = "(value - 32) / 1.8";
    fahrenheit.values = {value};
    auto mapper = MapperUnderTest::with_rule(fahrenheit);
    EXPECT_EQ(mapper.send("f", R"({"tf":212})").samples(), Lines({"temperature 100"}));
}

TEST(Rules, KeepTextsAndMakeStatesOfThem) {
    RuleOptions mode = rule("mode", {"m"});
    mode.state_series = true;
    auto mapper = MapperUnderTest::with_rule(mode);
    mapper.send("m", "heating");
    EXPECT_EQ(mapper.texts(), Lines({"m=heating"}));
    EXPECT_EQ(mapper.samples(), Lines({R"(m{state="heating"} 1)"}));
}

TEST(Rules, ReportEveryProblemAtOnceWithTheRulesName) {
    RuleOptions bad = rule("bad", {"a/{x", "b/#/c"});
    bad.labels = {{"y", "{nope}"}};
    bad.when = "$.a ==";
    bad.decode.name = "xml";
    bad.timestamp.emplace();
    bad.timestamp->field = "$.t";
    bad.timestamp->tz = "Mars/Olympus";
    MappingOptions options;
    options.rules = {bad, rule("", {})};
    options.presets = {"zigbee"};
    const auto created = Mapper::create(options);
    ASSERT_FALSE(created.has_value());
    for (const char* part : {"rule 'bad'",
                             "a/{x",
                             "b/#/c",
                             "when",
                             "xml",
                             "Mars/Olympus",
                             "rule 'rule 2'",
                             "'zigbee' is unknown"}) {
        EXPECT_NE(created.error().message.find(part), std::string::npos) << part << "\n"
                                                                         << created.error().message;
    }
}

TEST(Rules, LimitTheSeriesOfARuleAndLetTheKnownGoOn) {
    RuleOptions many = rule("many", {"n/{id}"});
    many.labels = {{"id", "{id}"}};
    many.metric = "n";
    many.series_max = 2;
    auto mapper = MapperUnderTest::with_rule(many);
    EXPECT_EQ(mapper.send("n/1", "1").samples().size(), 1U);
    EXPECT_EQ(mapper.send("n/2", "1").samples().size(), 1U);
    EXPECT_EQ(mapper.send("n/3", "1").dropped().at(0), "series_limit");
    EXPECT_EQ(mapper.send("n/3", "1").dropped().at(0), "series_limit");
    EXPECT_EQ(mapper.send("n/1", "2").samples().size(), 1U);
}

TEST(Rules, TextWinsOverAMap) {
    RuleOptions one = rule("lock", {"lock/{device}"});
    one.text = {"action"};
    one.map = {{"*", {{"unlock", 0}}}};
    MapperUnderTest mapper = MapperUnderTest::with_rule(one);
    mapper.send("lock/front", R"({"state":"unlock","action":"unlock"})");
    EXPECT_EQ(mapper.samples(), Lines({"state 0"}));
    EXPECT_EQ(mapper.texts(), Lines({"action=unlock"}));
}

TEST(Rules, TimesRelativeToTheReceptionAreKept) {
    RuleOptions one = rule("senml", {"senml"});
    one.decode.name = "senml";
    MapperUnderTest mapper = MapperUnderTest::with_rule(one);
    mapper.send("senml", R"([{"n":"t","v":1,"t":-60},{"n":"u","v":2}])");
    ASSERT_EQ(mapper.mapped().samples.size(), 2U);
    EXPECT_EQ(mapper.mapped().samples[0].timestamp_ns, kReceived - 60'000'000'000);
    EXPECT_TRUE(mapper.mapped().samples[0].timestamp_from_payload);
    EXPECT_EQ(mapper.mapped().samples[1].timestamp_ns, kReceived);
}

TEST(Rules, AColumnOfTextStaysText) {
    RuleOptions one = rule("csv", {"csv"});
    one.decode.name = "csv";
    one.decode.csv_columns = {"serial:text", "power"};
    MapperUnderTest mapper = MapperUnderTest::with_rule(one);
    mapper.send("csv", "0012,5.5");
    EXPECT_EQ(mapper.samples(), Lines({"power 5.5"}));
    EXPECT_EQ(mapper.texts(), Lines({"serial=0012"}));
}

TEST(Rules, ARuleForRawPayloadsAloneGivesNoSamples) {
    RuleOptions one = rule("keep-raw", {"vendor/#"});
    one.raw.emplace();
    MapperUnderTest mapper = MapperUnderTest::with_rule(one);
    mapper.send("vendor/a", R"({"t":1})");
    EXPECT_TRUE(mapper.mapped().keep_raw);
    EXPECT_EQ(mapper.samples(), Lines());
    EXPECT_EQ(mapper.mapper().warnings().size(), 1U);
    one.continue_after = true;
    MapperUnderTest both = MapperUnderTest::with_rule(one);
    both.send("vendor/a", R"({"t":1})");
    EXPECT_TRUE(both.mapped().keep_raw);
    EXPECT_EQ(both.samples(), Lines({R"(t{path="vendor/a"} 1)"}));
}

TEST(Rules, MonotonicCountersGoOnWhereADeviceStartsFromZero) {
    RuleOptions one = rule("meter", {"meter/{device}"});
    one.monotonic = {"energy"};
    constexpr int64_t kSecond = 1'000'000'000;
    MapperUnderTest mapper = MapperUnderTest::with_rule(one);
    const auto read = [](MapperUnderTest& of, const std::string& payload, int64_t second) {
        return of.send("meter/a", payload, kReceived + second * kSecond).samples();
    };
    EXPECT_EQ(read(mapper, R"({"energy":100,"power":7})", 0), Lines({"energy 100", "power 7"}));
    EXPECT_EQ(read(mapper, R"({"energy":2,"power":5})", 1), Lines({"energy 102", "power 5"}));
    EXPECT_EQ(read(mapper, R"({"energy":3})", 2), Lines({"energy 103"}));

    MapperUnderTest restarted = MapperUnderTest::with_rule(one);
    ASSERT_TRUE(restarted.mapper().restore_state(mapper.mapper().save_state()).has_value());
    EXPECT_EQ(read(restarted, R"({"energy":1})", 3), Lines({"energy 104"}));
    EXPECT_EQ(read(restarted, R"({"energy":6})", 4), Lines({"energy 109"}));
}

TEST(Rules, TheTimeThatARuleNamesIsNoValue) {
    RuleOptions timed = rule("timed", {"t"});
    timed.timestamp.emplace();
    timed.timestamp->field = "$.at|$.when";
    auto mapper = MapperUnderTest::with_rule(timed);
    EXPECT_EQ(mapper.send("t", R"({"at":1767225590,"when":"soon","v":1})").samples(),
              Lines({"v 1"}));
    EXPECT_TRUE(mapper.texts().empty());
    EXPECT_EQ(mapper.send("t", R"({"at":"soon","v":2})").samples(), Lines({"v 2"}));
    EXPECT_TRUE(mapper.texts().empty());
}

TEST(Rules, ElementsAreToldApartByWhatIsAroundAValue) {
    RuleOptions list = rule("list", {"l"});
    ValueOptions value;
    value.path = "$.list[*].v";
    value.metric = "lv";
    value.labels = {{"id", "{$*.id}"}};
    list.values = {value};
    auto mapper = MapperUnderTest::with_rule(list);
    mapper.send("l", R"({"list":[{"id":"x","v":1},{"id":"y","v":2},{"id":"z"}]})");
    EXPECT_EQ(mapper.samples(), Lines({R"(lv{id="x"} 1)", R"(lv{id="y"} 2)"}));
    mapper.send("l", R"({"list":[{"id":"y","v":3},{"id":"x","v":4}]})");
    EXPECT_EQ(mapper.samples(), Lines({R"(lv{id="x"} 4)", R"(lv{id="y"} 3)"}));
}

TEST(Rules, EachOverAnObjectKnowsTheKey) {
    RuleOptions each = rule("each", {"o"});
    each.each = "$.rooms[*]";
    each.labels = {{"room", "{key}"}};
    auto mapper = MapperUnderTest::with_rule(each);
    EXPECT_EQ(mapper.send("o", R"({"rooms":{"hall":{"t":1},"attic":{"t":2}}})").samples(),
              Lines({R"(t{room="attic"} 2)", R"(t{room="hall"} 1)"}));
}

TEST(Rules, WarnOfWhatCanNeverMatchAndRefuseNamesThatAreTaken) {
    MappingOptions options;
    options.ignores = {{{"a/#"}}};
    options.rules = {rule("lost", {"a/b"}), rule("twice", {"x"}), rule("twice", {"y"})};
    const auto mapper = Mapper::create(options);
    ASSERT_TRUE(mapper.has_value());
    const std::string told = fmt::format("{}", fmt::join((*mapper)->warnings(), "\n"));
    EXPECT_NE(told.find("rule 'lost' can never match: [[ignore]]"), std::string::npos) << told;
    EXPECT_NE(told.find("rule 'twice': another rule has the same name"), std::string::npos) << told;
    for (const char* name : {"generic", "preset:tasmota"}) {
        options.rules = {rule(name, {"x"})};
        EXPECT_FALSE(Mapper::create(options).has_value()) << name;
    }
    options.rules = {rule("shared", {"$share/group/x"})};
    EXPECT_FALSE(Mapper::create(options).has_value());
}

}  // namespace
}  // namespace cistern::collector::test
