// SPDX-License-Identifier: MIT
#include "collector/mapping/sparkplug_sequence.h"
#include "tests/collector/mapping/sparkplug_support.h"

namespace cistern::collector {
namespace {

TEST_F(SparkplugSessionTest, StoresBirthValuesButNoControls) {
    birth();
    EXPECT_EQ(samples(), (Texts{"/Ambient/Temp 21.5 °C", "/node_online 1. "}));
    ASSERT_EQ(out_.texts.size(), 1U);
    EXPECT_EQ(out_.texts[0].value, "SN-1");
    device_birth();
    EXPECT_EQ(samples(),
              (Texts{"Press/RPM -1450. ", "Press/Small -5. ", "Press/device_online 1. "}));
    EXPECT_EQ(out_.samples[0].timestamp_ns, static_cast<int64_t>(kTime) * 1'000'000);
    EXPECT_TRUE(out_.actions.empty());
}

TEST_F(SparkplugSessionTest, ResolvesAliasesWithTheDatatypeOfTheBirth) {
    birth();
    device_birth();
    device_data(2, by_alias(14, uint64_t{0xfb}));
    EXPECT_EQ(samples(), (Texts{"Press/Small -5. "}));
    device_data(3, by_alias(14, uint64_t{0xfffffffb}));
    EXPECT_EQ(samples(), (Texts{"Press/Small -5. "}));
    // A node's alias in a device's message, by the letter of the specification.
    device_data(4, by_alias(2, 22.5));
    EXPECT_EQ(samples(), (Texts{"/Ambient/Temp 22.5 °C"}));
    device_data(5, metric("RPM", 0, SparkplugType::Unknown, int64_t{7}));
    EXPECT_EQ(samples(), (Texts{"Press/RPM 7. "}));
    EXPECT_TRUE(out_.actions.empty());
}

TEST_F(SparkplugSessionTest, KeepsAliasesOfDifferentDevicesApart) {
    birth();
    device_birth();
    send("spBv1.0/Plant/DBIRTH/Edge/Saw",
         encode_sparkplug(kTime, 2, {metric("Speed", 10, SparkplugType::Int32, int64_t{3})}));
    send("spBv1.0/Plant/DDATA/Edge/Saw", encode_sparkplug(kTime, 3, {by_alias(10, uint64_t{5})}));
    EXPECT_EQ(samples(), (Texts{"Saw/Speed 5. "}));
    device_data(4, by_alias(10, uint64_t{6}));
    EXPECT_EQ(samples(), (Texts{"Press/RPM 6. "}));
}

TEST_F(SparkplugSessionTest, MarksHistoricalAndEndsNullMetrics) {
    birth();
    auto late = by_alias(2, 20.25);
    late.is_historical = true;
    late.timestamp_ms = kTime - 3'600'000;
    send("spBv1.0/Plant/NDATA/Edge", encode_sparkplug(kTime, 1, {late}));
    ASSERT_EQ(out_.samples.size(), 1U);
    EXPECT_TRUE(out_.samples[0].historical);
    EXPECT_EQ(out_.samples[0].timestamp_ns, static_cast<int64_t>(kTime - 3'600'000) * 1'000'000);
    auto null = by_alias(2, 0.0);
    null.is_null = true;
    send("spBv1.0/Plant/NDATA/Edge", encode_sparkplug(kTime, 2, {null}));
    EXPECT_TRUE(out_.samples.empty());
    ASSERT_EQ(out_.stale.size(), 1U);
    EXPECT_EQ(session_->definition(out_.stale[0].definition).name, "Ambient/Temp");
}

TEST_F(SparkplugSessionTest, WaitsForLateMessagesBeforeItAsksForRebirth) {
    birth();
    device_birth();
    device_data(3, by_alias(10, uint64_t{1}));  // 2 is missing
    EXPECT_EQ(action(), "reorder_timer");
    EXPECT_EQ(samples(), (Texts{"Press/RPM 1. "}));
    device_data(2, by_alias(10, uint64_t{2}));
    EXPECT_EQ(action(), "cancel_timer");
    EXPECT_EQ(samples(), (Texts{"Press/RPM 2. "}));
    session_->tick(kReceived + 10 * kSecond, out_);
    EXPECT_EQ(action(), "");
    device_data(5, by_alias(10, uint64_t{3}));
    session_->tick(kReceived + kSecond, out_);
    EXPECT_EQ(action(), "");
    session_->tick(kReceived + 2 * kSecond, out_);
    EXPECT_EQ(action(), "rebirth");
    EXPECT_EQ(out_.actions[0].topic, "spBv1.0/Plant/NCMD/Edge");
    session_->tick(kReceived + 3 * kSecond, out_);
    EXPECT_EQ(action(), "");
}

TEST_F(SparkplugSessionTest, AsksForRebirthAtMostOncePerInterval) {
    device_data(1, by_alias(10, uint64_t{1}));
    EXPECT_EQ(noted(), "held_for_birth");
    EXPECT_EQ(action(), "rebirth");
    device_data(2, by_alias(10, uint64_t{1}));
    EXPECT_EQ(action(), "");
    device_data(3, by_alias(10, uint64_t{1}), kReceived + 61 * kSecond);
    EXPECT_EQ(action(), "rebirth");
    birth();
    device_birth();
    device_data(2, by_alias(99, uint64_t{1}));
    EXPECT_EQ(dropped(), "unknown_alias");
    EXPECT_EQ(out_.dropped[0].field, "alias 99");
    EXPECT_EQ(action(), "rebirth");
}

TEST_F(SparkplugSessionTest, DoesNotStartAStormOfRebirths) {
    int asked = 0;
    for (int node = 0; node < 1'000; ++node) {
        send("spBv1.0/Plant/NDATA/Edge" + std::to_string(node),
             encode_sparkplug(kTime, 1, {by_alias(1, 1.0)}));
        asked += action() == "rebirth" ? 1 : 0;
    }
    EXPECT_EQ(asked, 20);
}

TEST_F(SparkplugSessionTest, IgnoresTheWillOfAnEarlierSession) {
    birth(4);
    const auto death = [](uint64_t bd_seq) {
        return encode_sparkplug(
            kTime, std::nullopt, {metric("bdSeq", 0, SparkplugType::Int64, bd_seq)});
    };
    device_birth();
    send("spBv1.0/Plant/NDEATH/Edge", death(3));
    EXPECT_EQ(dropped(), "old_session");
    EXPECT_TRUE(out_.samples.empty());
    send("spBv1.0/Plant/NDEATH/Edge", death(4));
    EXPECT_EQ(samples(), (Texts{"/node_online 0. ", "Press/device_online 0. "}));
    EXPECT_EQ(out_.samples[0].timestamp_ns, kReceived);
    std::vector<std::string> stale;
    for (const SparkplugStale& one : out_.stale) {
        stale.push_back(session_->definition(one.definition).name);
        EXPECT_EQ(one.timestamp_ns, kReceived);
    }
    std::sort(stale.begin(), stale.end());
    EXPECT_EQ(stale, (Texts{"Ambient/Temp", "RPM", "Serial", "Small"}));
    send("spBv1.0/Plant/NDATA/Edge", encode_sparkplug(kTime, 11, {by_alias(2, 1.0)}));
    EXPECT_EQ(noted(), "held_for_birth");
    EXPECT_EQ(action(), "rebirth");
}

TEST_F(SparkplugSessionTest, EndsADeviceAtTheTimeOfItsDeath) {
    birth();
    device_birth();
    send("spBv1.0/Plant/DDEATH/Edge/Press", encode_sparkplug(kTime + 8'000, 2, {}));
    EXPECT_EQ(samples(), (Texts{"Press/device_online 0. "}));
    EXPECT_EQ(out_.samples[0].timestamp_ns, static_cast<int64_t>(kTime + 8'000) * 1'000'000);
    EXPECT_EQ(out_.stale.size(), 2U);
    device_data(3, by_alias(10, uint64_t{1}));
    EXPECT_EQ(noted(), "held_for_birth");
}

TEST_F(SparkplugSessionTest, EndsWhatANewBirthNoLongerNames) {
    birth();
    device_birth();
    const auto ended = [&] {
        std::vector<std::string> names;
        for (const SparkplugStale& one : out_.stale) {
            names.push_back(session_->definition(one.definition).name);
            EXPECT_EQ(one.timestamp_ns, static_cast<int64_t>(kTime) * 1'000'000)
                << "by the node's clock, as the births that follow";
        }
        std::sort(names.begin(), names.end());
        return names;
    };
    send("spBv1.0/Plant/DBIRTH/Edge/Press",
         encode_sparkplug(kTime, 2, {metric("RPM", 10, SparkplugType::Int32, int64_t{1})}));
    EXPECT_EQ(ended(), (Texts{"Small"}));
    send("spBv1.0/Plant/NBIRTH/Edge",
         encode_sparkplug(kTime,
                          0,
                          {metric("bdSeq", 0, SparkplugType::Int64, uint64_t{9}),
                           metric("Serial", 3, SparkplugType::String, std::string("SN-2"))}));
    EXPECT_EQ(ended(), (Texts{"Ambient/Temp", "RPM", "device_online"}))
        << "a device is unknown until its own birth";
}

TEST_F(SparkplugSessionTest, ANodeWhoseClockIsBehindIsBornAfterItsDeath) {
    birth(4);
    send("spBv1.0/Plant/NDEATH/Edge",
         encode_sparkplug(
             kTime, std::nullopt, {metric("bdSeq", 0, SparkplugType::Int64, uint64_t{4})}),
         kReceived);
    birth(5);  // says kTime, ten seconds before the death came
    ASSERT_FALSE(out_.samples.empty());
    for (const SparkplugSample& sample : out_.samples) {
        EXPECT_EQ(sample.timestamp_ns, kReceived);
    }
}

TEST_F(SparkplugSessionTest, TakesNoTimeOfAClockThatWasNeverSet) {
    birth();
    auto early = by_alias(2, 20.5);
    early.timestamp_ms = 86'400'000;
    send("spBv1.0/Plant/NDATA/Edge", encode_sparkplug(1, 1, {early}));
    ASSERT_EQ(out_.samples.size(), 1U);
    EXPECT_EQ(out_.samples[0].timestamp_ns, kReceived);
}

TEST_F(SparkplugSessionTest, KeepsTheDefinitionOverABirth) {
    birth();
    const uint32_t before = out_.samples[0].definition;
    birth(5);
    EXPECT_EQ(out_.samples[0].definition, before);
    EXPECT_EQ(session_->definition_count(), 3U);
}

TEST_F(SparkplugSessionTest, ReadsHostStatesOfBothVersions) {
    send("spBv1.0/STATE/scada", "{\"online\":true,\"timestamp\":1767225590000}");
    ASSERT_EQ(out_.samples.size(), 1U);
    EXPECT_EQ(out_.samples[0].timestamp_ns, 1'767'225'590'000'000'000);
    EXPECT_EQ(session_->definition(out_.samples[0].definition).host, "scada");
    send("STATE/scada", "OFFLINE");
    EXPECT_EQ(samples(), (Texts{"/host_online 0. "}));
    send("spBv1.0/STATE/scada", "maybe");
    EXPECT_EQ(dropped(), "decode_error");
}

TEST_F(SparkplugSessionTest, ResolvesDataAfterARestart) {
    birth();
    device_birth();
    const std::string state = session_->save();
    session_ = SparkplugSession::create(options_, {});
    ASSERT_TRUE(session_->restore(state).has_value());
    device_data(2, by_alias(14, uint64_t{0xfb}));
    EXPECT_EQ(samples(), (Texts{"Press/Small -5. "}));
    send("spBv1.0/Plant/NDATA/Edge", encode_sparkplug(kTime, 3, {by_alias(2, 1.0)}));
    EXPECT_EQ(samples(), (Texts{"/Ambient/Temp 1. °C"}));
    EXPECT_TRUE(out_.actions.empty());
    EXPECT_EQ(session_->save().size(), state.size());
}

TEST_F(SparkplugSessionTest, StartsEmptyFromADamagedState) {
    birth();
    device_birth();
    const std::string state = session_->save();
    for (size_t i = 0; i < state.size(); ++i) {
        std::string damaged = state;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
        EXPECT_FALSE(session_->restore(damaged).has_value()) << i;
        EXPECT_FALSE(session_->restore(state.substr(0, i)).has_value()) << i;
    }
    EXPECT_EQ(session_->definition_count(), 0U);
}

TEST_F(SparkplugSessionTest, CountsWhatIsNoData) {
    send("spBv1.0/Plant/NCMD/Edge", encode_rebirth_command(kTime));
    EXPECT_EQ(dropped(), "control");
    send("spBv1.0/Plant/NBIRTH/Edge", "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01");
    EXPECT_EQ(dropped(), "decode_error");
    birth();
    auto transient = metric("Debug/Tmp", 0, SparkplugType::Float, 1.0);
    send("spBv1.0/Plant/NDATA/Edge", encode_sparkplug(kTime, 1, {transient}));
    EXPECT_EQ(dropped(), "unknown_alias");
}

TEST_F(SparkplugSessionTest, RefusesNamesThatAreNoUtf8) {
    send("spBv1.0/Plant/NBIRTH/Edge",
         encode_sparkplug(kTime,
                          0,
                          {metric("bad\xff", 1, SparkplugType::Float, 1.0),
                           metric("good", 2, SparkplugType::Float, 2.0)}));
    EXPECT_EQ(samples(), (Texts{"/good 2. ", "/node_online 1. "}));
    EXPECT_EQ(dropped(), "decode_error");
    EXPECT_EQ(out_.dropped[0].field, "name that is no UTF-8");
}

TEST_F(SparkplugSessionTest, RefusesMoreMetricsThanAllowed) {
    SparkplugSession::Limits limits;
    limits.definitions = 3;
    session_ = SparkplugSession::create(options_, limits);
    birth();
    EXPECT_EQ(out_.samples.size() + out_.texts.size(), 2U);
    EXPECT_EQ(dropped(), "series_limit");
}

TEST(SparkplugTopic, KnowsItsForms) {
    EXPECT_EQ(parse_sparkplug_topic("spBv1.0/G/DDATA/N/D")->device, "D");
    EXPECT_EQ(parse_sparkplug_topic("spBv1.0/G H/NDATA/N")->group, "G H");
    for (const char* topic : {"spBv1.0/G/NDATA",
                              "spBv1.0/G/NDATA/N/D",
                              "spBv1.0/G/DDATA/N",
                              "spBv1.0/G/XDATA/N",
                              "spAv1.0/G/NDATA/N",
                              "spBv1.0/G/DDATA/N/D/E",
                              "STATE/",
                              "spBv1.0/STATE/a/b",
                              "",
                              "spBv1.0//NDATA/N"}) {
        EXPECT_FALSE(parse_sparkplug_topic(topic).has_value()) << topic;
    }
}

TEST(SparkplugSequence, WrapsAndFillsHoles) {
    using Step = SparkplugSequence::Step;
    SparkplugSequence sequence;
    sequence.begin(254);
    EXPECT_EQ(sequence.take(255), Step::InOrder);
    EXPECT_EQ(sequence.take(0), Step::InOrder);
    EXPECT_EQ(sequence.take(3), Step::Gap);
    EXPECT_EQ(sequence.take(3), Step::Repeated);
    EXPECT_EQ(sequence.take(1), Step::Filled);
    EXPECT_EQ(sequence.take(4), Step::InOrder);
    EXPECT_EQ(sequence.take(2), Step::Complete);
    EXPECT_EQ(sequence.take(5), Step::InOrder);
}

}  // namespace
}  // namespace cistern::collector
