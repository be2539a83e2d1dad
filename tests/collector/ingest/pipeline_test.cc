// SPDX-License-Identifier: MIT
// What becomes of a message.
#include "tests/collector/ingest/pipeline_fixture.h"

namespace cistern::collector {
namespace {

TEST_F(PipelineTest, StoresAMessageUnderItsArrivalTimeInWholeMilliseconds) {
    clock_.advance(1'234'567);
    EXPECT_TRUE(receive("a/b", "temperature=21.5 humidity=40"));
    const auto temperature = samples("temperature", "a/b");
    EXPECT_EQ(temperature.timestamps, std::vector<int64_t>{kStart + kMs});
    EXPECT_EQ(temperature.values, std::vector<double>{21.5});
    EXPECT_EQ(samples("humidity", "a/b").timestamps, temperature.timestamps);
    EXPECT_EQ(pipeline_->status().received, 1U);
    EXPECT_EQ(pipeline_->status().samples, 2U);
}

TEST_F(PipelineTest, KeepsSeveralMessagesOfOneMillisecondApartWithAllTheirFields) {
    for (int i = 0; i < 2500; ++i) {
        receive("a", "x=" + std::to_string(i) + " y=" + std::to_string(i));
    }
    const auto x = samples("x", "a");
    ASSERT_EQ(x.size(), 2500U);
    EXPECT_EQ(x.timestamps, samples("y", "a").timestamps);
    EXPECT_EQ(x.values.back(), 2499);
    clock_.advance(kMs);
    receive("a", "x=-1");
    EXPECT_EQ(samples("x", "a").values.back(), -1);
    EXPECT_EQ(samples("x", "a").size(), 2501U);
}

TEST_F(PipelineTest, KeepsTimesOfThePayloadExactly) {
    receive("a", "x=1@1700000000");
    EXPECT_EQ(samples("x", "a").timestamps, std::vector<int64_t>{1'700'000'000 * kSecond});
}

TEST_F(PipelineTest, CountsWhatItCannotStoreByReasonAndAcknowledgesIt) {
    EXPECT_TRUE(receive("a", "garbage", 1));
    EXPECT_TRUE(receive("a", "garbage x=1", 1));
    EXPECT_EQ(dropped("decode_error"), 2U);
    EXPECT_EQ(samples("x", "a").size(), 1U);
    EXPECT_EQ(pipeline_->status().received, 2U);
    EXPECT_NE(
        metrics_->exposition().find(R"(cistern_samples_dropped_total{reason="decode_error"} 2)"),
        std::string::npos);
    EXPECT_NE(metrics_->exposition().find(R"(cistern_messages_received_total{broker="lan"} 2)"),
              std::string::npos);
}

TEST_F(PipelineTest, StoresARedeliveredMessageOnceEvenAfterACrash) {
    receive("a", "x=1", 1);
    receive("a", "x=1", 1);
    receive("a", "x=2", 1);
    open();
    clock_.advance(kSecond);
    EXPECT_TRUE(receive_again("a", "x=1", 2));
    EXPECT_TRUE(receive_again("a", "x=2", 3));
    packet_id_ = 3;
    EXPECT_TRUE(receive("a", "x=2", 1));
    EXPECT_EQ(samples("x", "a").values, (std::vector<double>{1, 1, 2, 2}));
    EXPECT_EQ(pipeline_->status().redelivered, 2U);
}

TEST_F(PipelineTest, RefusesWhenTheDiskIsFullAndStoresWithTheOldTimeLater) {
    receive("a", "x=1", 1);
    store_->appends_left = 0;
    clock_.advance(kSecond);
    EXPECT_FALSE(receive("a", "x=2", 1));
    EXPECT_FALSE(pipeline_->is_ready());
    EXPECT_TRUE(pipeline_->status().refusing);
    EXPECT_TRUE(receive("b", "x=3", 0)) << "nobody delivers QoS 0 again";
    EXPECT_EQ(dropped("not_stored"), 1U);
    store_->appends_left = -1;
    EXPECT_TRUE(pipeline_->is_ready());
    clock_.advance(kSecond);
    connect(true);
    const int mapped_before = mapper_->mapped;
    EXPECT_TRUE(receive_again("a", "x=2", 2));
    EXPECT_EQ(mapper_->mapped, mapped_before) << "rules with a memory must see a message once";
    EXPECT_EQ(samples("x", "a").timestamps, (std::vector<int64_t>{kStart, kStart + kSecond}));
    EXPECT_FALSE(pipeline_->status().refusing);
}

TEST_F(PipelineTest, TriesAgainAfterAWhileAlthoughTheStoreSaysFull) {
    store_->appends_left = 0;
    EXPECT_FALSE(receive("a", "x=1", 1));
    EXPECT_FALSE(pipeline_->is_ready());
    clock_.advance(6 * kSecond);
    EXPECT_TRUE(pipeline_->is_ready());
}

TEST_F(PipelineTest, CompletesAMessageOfTwoDatabasesThatACrashCutShort) {
    receive("a", "x=0 other/y=0", 1);
    store_->appends_left = 1;
    EXPECT_FALSE(receive("a", "x=1 other/y=1", 1));
    open();
    clock_.advance(kSecond);
    EXPECT_TRUE(receive_again("a", "x=0 other/y=0", 1));
    EXPECT_TRUE(receive_again("a", "x=1 other/y=1", 2));
    EXPECT_EQ(samples("x", "a").values, (std::vector<double>{0, 1}));
    EXPECT_EQ(samples("y", "a", "other").values, (std::vector<double>{0, 1}));
}

TEST_F(PipelineTest, TakesARetainedReplayOnlyWhenTheSeriesIsEmptyOrThePayloadIsNewer) {
    EXPECT_TRUE(receive_retained("a", "x=1"));
    EXPECT_EQ(samples("x", "a").size(), 1U);
    receive("b", "x=7@1700000100");
    open();
    for (int i = 0; i < 20; ++i) {
        clock_.advance(kSecond);
        receive_retained("a", "x=1");
        receive_retained("a", "x=5");
        receive_retained("b", "x=6@1700000000");
        receive_retained("b", "x=7@1700000100");
    }
    EXPECT_EQ(samples("x", "a").size(), 1U);
    EXPECT_EQ(samples("x", "b").size(), 1U);
    EXPECT_EQ(dropped("retained"), 80U);
    receive_retained("b", "x=8@1700000200");
    EXPECT_EQ(samples("x", "b").values, (std::vector<double>{7, 8}));
}

TEST_F(PipelineTest, FollowsTheOtherRetainedPolicies) {
    options_.retained = RetainedPolicy::Ignore;
    open();
    receive_retained("a", "x=1");
    EXPECT_EQ(samples("x", "a").size(), 0U);
    options_.retained = RetainedPolicy::Store;
    open();
    receive_retained("a", "x=1");
    clock_.advance(kSecond);
    receive_retained("a", "x=1");
    EXPECT_EQ(samples("x", "a").size(), 2U);
}

TEST_F(PipelineTest, EndsTheSeriesOfADeviceThatWentAwayOnce) {
    receive("dev", "x=1 y=2");
    open();  // the series need not have been seen in this run
    clock_.advance(kSecond);
    receive("dev", "available=0 !stale");
    receive("dev", "available=0 !stale");
    const auto x = samples("x", "dev");
    ASSERT_EQ(x.size(), 2U);
    EXPECT_TRUE(store::is_stale_marker(x.values[1]));
    EXPECT_TRUE(store::is_stale_marker(samples("y", "dev").values.at(1)));
    EXPECT_EQ(samples("available", "dev").values, (std::vector<double>{0, 0}));
}

TEST_F(PipelineTest, NeverReplacesASampleByAStaleMarkerOfTheSameMoment) {
    receive("dev", "x=1");
    receive("dev", "!stale");
    EXPECT_EQ(samples("x", "dev").values.at(0), 1);
    EXPECT_EQ(samples("x", "dev").size(), 2U);
}

TEST_F(PipelineTest, KeepsKnownSeriesGoingAtTheLimitAndRefusesNewOnes) {
    receive("a", "x=1 y=1");
    options_.series_max = 1;
    open();
    clock_.advance(kSecond);
    receive("a", "x=2 y=2 z=2");
    receive("a", "z=3");
    EXPECT_EQ(samples("x", "a").size(), 2U);
    EXPECT_EQ(samples("y", "a").size(), 2U);
    EXPECT_EQ(samples("z", "a").size(), 0U);
    EXPECT_EQ(dropped("series_limit"), 2U);
}

TEST(FiltersFor, BringsEveryMessageOnceAtTheHighestQosWanted) {
    PlainMapper mapper;
    BrokerOptions options;
    options.subscribe = {"a/b", "a/#", "$share/g/a/#", "x/+"};
    options.qos = 1;
    const auto filters = filters_for(options, mapper);
    ASSERT_EQ(filters.size(), 3U);
    EXPECT_EQ(filters[0], (mqtt::Filter{"a/#", 1}));
    EXPECT_EQ(filters[1].filter, "$share/g/a/#");
    const BrokerOptions defaults;
    EXPECT_EQ(filters_for(defaults, mapper).at(0), (mqtt::Filter{"#", 1}));
    options.publish = true;
    options.probe_interval_s = 60;
    options.client.client_id = "me";
    EXPECT_EQ(filters_for(options, mapper).back(), (mqtt::Filter{"cistern/me/probe", 0}));
    options.publish_only = {"status"};
    EXPECT_EQ(filters_for(options, mapper).size(), 3U);
}

TEST_F(PipelineTest, IgnoresTopicsOnRequest) {
    options_.ignore = {"+/set", "$SYS/#"};
    open();
    receive("lamp/set", "x=1");
    receive("lamp", "x=1");
    EXPECT_EQ(samples("x", "lamp/set").size(), 0U);
    EXPECT_EQ(samples("x", "lamp").size(), 1U);
    EXPECT_EQ(dropped("ignored"), 1U);
}

TEST_F(PipelineTest, GoesOnWithNewRulesOnTheSameSeries) {
    receive("a", "x=1");
    auto mapper = std::make_unique<PlainMapper>();
    pipeline_->replace(options_, std::move(mapper));
    clock_.advance(kSecond);
    receive("a", "y=5 x=2");
    EXPECT_EQ(samples("x", "a").values, (std::vector<double>{1, 2}));
    EXPECT_EQ(samples("y", "a").values, (std::vector<double>{5}));
}

TEST_F(PipelineTest, SurvivesTopicsAndPayloadsOfAnyBytes) {
    const std::string topic("t\0\xff\xfe/\xc3", 6);
    const std::string payload(300'000, '\x80');
    EXPECT_TRUE(receive(topic, payload, 1));
    EXPECT_TRUE(receive(std::string(65'535, 't'), "x=1", 1));
    EXPECT_TRUE(receive("", "", 1));
    EXPECT_EQ(pipeline_->status().received, 3U);
}

TEST_F(PipelineTest, HoldsAHundredThousandTopicsInLittleMemory) {
    options_.topics_max = 100;
    open();
    for (int i = 0; i < 200; ++i) {
        receive("t/" + std::to_string(i), "garbage");
    }
    EXPECT_EQ(pipeline_->status().topics, 100U);
    EXPECT_GT(pipeline_->status().topics_overflow, 0U);
    EXPECT_EQ(pipeline_->status().received, 200U);
    SeenTopics table(100'000, 256);
    for (int i = 0; i < 1000; ++i) {
        SeenTopic* entry = table.find_or_add(std::string(60, 't') + std::to_string(i), 0);
        table.note_message(*entry, std::string(300, 'p'), 0, 0);
        for (size_t sample = 0; sample < kTopicSamplesMax; ++sample) {
            entry->samples.push_back({nullptr, 0});
        }
    }
    EXPECT_LE(table.memory_bytes() / 1000, 1024U);
}

}  // namespace
}  // namespace cistern::collector
