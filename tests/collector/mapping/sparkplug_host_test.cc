// SPDX-License-Identifier: MIT
// Data before their birth, and speaking as a primary host.
#include "tests/collector/mapping/sparkplug_support.h"

namespace cistern::collector {
namespace {

TEST_F(SparkplugSessionTest, GivesDataThatCameBeforeTheirBirthWhenTheBirthComes) {
    send("spBv1.0/Plant/NDATA/Edge", encode_sparkplug(kTime - 500, 9, {by_alias(2, 18.5)}));
    EXPECT_TRUE(out_.samples.empty());
    EXPECT_EQ(action(), "rebirth");
    ASSERT_EQ(out_.notes.size(), 1U);
    EXPECT_EQ(out_.notes[0].reason, "held_for_birth");

    birth();
    EXPECT_EQ(samples(),
              (Texts{"/Ambient/Temp 18.5 °C", "/Ambient/Temp 21.5 °C", "/node_online 1. "}));
    const auto held = std::find_if(out_.samples.begin(), out_.samples.end(), [](const auto& one) {
        return one.value == 18.5;
    });
    EXPECT_TRUE(held->historical);

    birth();
    EXPECT_EQ(out_.samples.size(), 2U) << "held data are given once";
}

TEST_F(SparkplugSessionTest, ForgetsHeldDataWithTheDeathOfTheirSession) {
    send("spBv1.0/Plant/NDATA/Edge", encode_sparkplug(kTime, 9, {by_alias(2, 18.5)}));
    send("spBv1.0/Plant/NDEATH/Edge",
         encode_sparkplug(
             kTime, std::nullopt, {metric("bdSeq", 0, SparkplugType::Int64, uint64_t{3})}));
    birth();
    EXPECT_EQ(out_.samples.size(), 2U);
}

TEST_F(SparkplugSessionTest, HoldsNoMoreThanItsShare) {
    size_t dropped_messages = 0;
    for (int i = 0; i < 1000; ++i) {
        send("spBv1.0/Plant/NDATA/Edge", encode_sparkplug(kTime + i, 9, {by_alias(2, 1.0 * i)}));
        dropped_messages += out_.dropped.size();
    }
    EXPECT_EQ(dropped_messages, 1000U - 256U);
    birth();
    EXPECT_EQ(out_.samples.size(), 256U + 2U);
}

TEST_F(SparkplugSessionTest, SpeaksAsTheHostItIsSetTo) {
    options_.host_id = "plant-history";
    session_ = SparkplugSession::create(options_, {});
    const auto will = session_->will(kReceived);
    ASSERT_TRUE(will.has_value());
    EXPECT_EQ(will->topic, "spBv1.0/STATE/plant-history");
    EXPECT_EQ(will->payload, R"({"online":false,"timestamp":1767225600000})");
    EXPECT_TRUE(will->retain);

    session_->tick(kReceived + kSecond, out_);
    ASSERT_EQ(action(), "host_state");
    EXPECT_EQ(out_.actions[0].payload, R"({"online":true,"timestamp":1767225600000})");
    EXPECT_TRUE(out_.actions[0].retain);
    EXPECT_EQ(out_.actions[0].qos, 1);
    session_->tick(kReceived + 2 * kSecond, out_);
    EXPECT_TRUE(out_.actions.empty()) << "told once";

    send("spBv1.0/STATE/plant-history", will->payload);
    EXPECT_EQ(action(), "host_state") << "a will of an earlier connection is contradicted";
    send("spBv1.0/STATE/another", will->payload);
    EXPECT_TRUE(out_.actions.empty());
}

TEST_F(SparkplugSessionTest, WithoutAHostIdItSaysNothing) {
    EXPECT_FALSE(session_->will(kReceived).has_value());
    session_->tick(kReceived, out_);
    EXPECT_TRUE(out_.actions.empty());
}

TEST_F(SparkplugSessionTest, WaitsForBirthsWhereItMustNotAsk) {
    options_.rebirth = false;
    session_ = SparkplugSession::create(options_, {});
    send("spBv1.0/Plant/NDATA/Edge", encode_sparkplug(kTime - 500, 9, {by_alias(2, 18.5)}));
    EXPECT_TRUE(out_.actions.empty());
    birth();
    EXPECT_EQ(out_.samples.size(), 3U) << "what was held, the value of the birth, node_online";
}

}  // namespace
}  // namespace cistern::collector
