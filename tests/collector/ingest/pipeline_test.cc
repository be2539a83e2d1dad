// SPDX-License-Identifier: MIT
#include "collector/ingest/pipeline.h"

#include "collector/ingest/ingest.h"
#include "tests/collector/ingest/faulty_store.h"
#include "tests/collector/ingest/plain_mapper.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

namespace cistern::collector {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'767'225'600 * kSecond;  // 2026-01-01

class PipelineTest : public ::testing::Test {
  protected:
    PipelineTest() { open(); }

    // As after a crash: nothing of the old process is left but the files.
    void open() {
        pipeline_.reset();
        store_.reset();
        store::StoreOptions options;
        options.root = folder_.path();
        options.clock = &clock_;
        options.background = false;
        auto opened = store::Store::open(options);
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        store_ = std::make_unique<store::FaultyStore>(std::move(*opened));
        metrics_ = std::make_unique<MetricsRegistry>();
        auto mapper = std::make_unique<PlainMapper>();
        mapper_ = mapper.get();
        options_.client.name = "lan";
        pipeline_ =
            std::make_unique<Pipeline>(options_, std::move(mapper), *store_, *metrics_, clock_);
        connect(true);
    }
    void connect(bool session_present) { pipeline_->on_connected({session_present, 5}); }

    bool receive(std::string_view topic, std::string_view payload, uint8_t qos = 0) {
        mqtt::MessageView view;
        view.topic = topic;
        view.payload = payload;
        view.qos = qos;
        view.packet_id = qos > 0 ? ++packet_id_ : uint16_t{0};
        return pipeline_->on_message(view);
    }
    bool receive_again(std::string_view topic, std::string_view payload, uint16_t packet_id) {
        mqtt::MessageView view;
        view.topic = topic;
        view.payload = payload;
        view.qos = 1;
        view.dup = true;
        view.packet_id = packet_id;
        return pipeline_->on_message(view);
    }
    bool receive_retained(std::string_view topic, std::string_view payload) {
        mqtt::MessageView view;
        view.topic = topic;
        view.payload = payload;
        view.retain = true;
        view.qos = 1;
        view.packet_id = ++packet_id_;
        return pipeline_->on_message(view);
    }
    store::SampleColumns samples(const std::string& metric,
                                 const std::string& topic,
                                 const std::string& db = "main") {
        store::SampleColumns columns;
        store::Database* database = store_->find(db);
        if (database == nullptr) {
            return columns;
        }
        const std::vector<store::Matcher> matchers = {store::Matcher::equal("__name__", metric),
                                                      store::Matcher::equal("topic", topic)};
        const auto querier = database->querier();
        const auto found = querier->select(matchers, {});
        if (found.has_value() && found->size() == 1) {
            EXPECT_TRUE(querier->read(found->front(), {}, columns).has_value());
        }
        return columns;
    }
    uint64_t dropped(std::string_view reason) {
        for (const auto& [name, count] : pipeline_->status().dropped) {
            if (name == reason) {
                return count;
            }
        }
        return 0;
    }

    test::TempFolder folder_;
    ManualClock clock_{kStart};
    BrokerOptions options_;
    std::unique_ptr<store::FaultyStore> store_;
    std::unique_ptr<MetricsRegistry> metrics_;
    PlainMapper* mapper_ = nullptr;
    std::unique_ptr<Pipeline> pipeline_;
    uint16_t packet_id_ = 0;
};

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

TEST_F(PipelineTest, ShowsWhatBecameOfEachTopic) {
    receive("home/a", "x=1 mode~heat");
    receive("home/a", "x=2 mode~off");
    receive("home/b", "garbage", 1);
    receive("other", std::string(1000, 'z'));
    const auto topics = pipeline_->topics({"home"}).topics;
    ASSERT_EQ(topics.size(), 2U);
    EXPECT_EQ(topics[0].topic, "home/a");
    EXPECT_EQ(topics[0].entry.messages, 2U);
    EXPECT_EQ(topics[0].entry.payload, "x=2 mode~off");
    EXPECT_EQ(topics[0].rule, "plain");
    ASSERT_EQ(topics[0].samples.size(), 1U);
    EXPECT_EQ(topics[0].samples[0].value, 2);
    EXPECT_EQ(topics[1].dropped, "decode_error");
    EXPECT_EQ(topics[1].entry.qos, 1);
    const auto other = pipeline_->topics({"other"}).topics;
    EXPECT_EQ(other.at(0).entry.payload.size(), options_.payload_preview_bytes);
    EXPECT_TRUE(other.at(0).entry.truncated);
    EXPECT_EQ(pipeline_->topics({"", 0, 1, 1}).topics.at(0).topic, "home/b");
    EXPECT_EQ(pipeline_->topics({"", 0, 1, 1}).total, 3U);
    const auto texts = pipeline_->texts();
    ASSERT_EQ(texts.size(), 1U);
    EXPECT_EQ(texts[0].value, "off");
    EXPECT_EQ(texts[0].labels.metric(), "mode");
}

TEST_F(PipelineTest, ListsOnlyTopicsOfSinceThen) {
    receive("old", "x=1");
    clock_.advance(10 * kSecond);
    receive("new", "x=1");
    const auto page = pipeline_->topics({"", kStart + kSecond});
    ASSERT_EQ(page.topics.size(), 1U);
    EXPECT_EQ(page.topics[0].topic, "new");
}

TEST_F(PipelineTest, KnowsWhoFedASeries) {
    receive("home/a", "x=1");
    receive("home/b", "x=2");
    const auto topics = pipeline_->topics({"home/b"}).topics;
    const TopicSample sample = topics.at(0).samples.at(0);
    const store::SeriesId ids[] = {sample.series, store::SeriesId(999)};
    const auto found = pipeline_->provenance(*sample.database, ids);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].topic, "home/b");
    EXPECT_EQ(found[0].rule, "plain");
    EXPECT_EQ(found[0].last_ns, kStart);
    EXPECT_EQ(found[0].last_value, 2);
}

TEST_F(PipelineTest, MeasuresTheRoundTripOfItsProbesAndMapsNoneOfThem) {
    pipeline_->set_probe_topic("cistern/probe");
    EXPECT_EQ(pipeline_->status().round_trip.last_ns, -1);
    receive("cistern/probe", "1 5");  // of an earlier run
    const std::string probe = pipeline_->begin_probe();
    clock_.advance(3 * kMs);
    receive("cistern/probe", probe);
    clock_.advance(kSecond);
    receive("cistern/probe", probe);
    const RoundTrip figures = pipeline_->status().round_trip;
    EXPECT_EQ(figures.last_ns, 3 * kMs);
    EXPECT_EQ(figures.sent, 1U);
    EXPECT_EQ(figures.received, 1U);
    EXPECT_EQ(mapper_->mapped, 0);
}

TEST_F(PipelineTest, TellsWhatTheBrokerSaysAboutItself) {
    receive("$SYS/broker/clients/connected", "17");
    receive("$SYS/broker/unknown", "1");
    const auto figures = pipeline_->status().broker_figures;
    ASSERT_EQ(figures.size(), 1U);
    EXPECT_EQ(figures[0].first, "clients_connected");
    EXPECT_EQ(figures[0].second, "17");
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
    EXPECT_EQ(filters_for({}, mapper).at(0), (mqtt::Filter{"#", 1}));
    options.publish = true;
    options.probe_interval_s = 60;
    options.client.client_id = "me";
    EXPECT_EQ(filters_for(options, mapper).back(), (mqtt::Filter{"cistern/me/probe", 0}));
    options.publish_only = {"status"};
    EXPECT_EQ(filters_for(options, mapper).size(), 3U);
}

TEST_F(PipelineTest, CountsByRule) {
    receive("a", "x=1 y=2");
    receive("b", "x=1");
    const auto rules = pipeline_->status().rules;
    ASSERT_EQ(rules.size(), 1U);
    EXPECT_EQ(rules[0].rule, "plain");
    EXPECT_EQ(rules[0].messages, 2U);
    EXPECT_EQ(rules[0].samples, 3U);
    EXPECT_EQ(rules[0].series, 3U);
}

TEST_F(PipelineTest, WritesALoneQos0MessageAtOnceAndThoseThatFollowSoonTogether) {
    int wakes = 0;
    pipeline_->set_batch_waker([&] { ++wakes; });
    receive("a", "x=1");
    EXPECT_EQ(samples("x", "a").size(), 1U);
    EXPECT_EQ(wakes, 0);
    clock_.advance(kMs);
    receive("a", "x=2");
    receive("b", "x=3");
    EXPECT_EQ(wakes, 1);
    EXPECT_EQ(samples("x", "a").size(), 1U);
    EXPECT_EQ(pipeline_->status().received, 1U) << "counted once it is in the log";
    pipeline_->write_batch();
    EXPECT_EQ(samples("x", "a").values, (std::vector<double>{1, 2}));
    EXPECT_EQ(samples("x", "b").size(), 1U);
    EXPECT_EQ(pipeline_->status().received, 3U);
    EXPECT_EQ(pipeline_->status().bytes, 9U);
    receive("a", "x=4");
    clock_.advance(Pipeline::kBatchDelayNs);
    receive("a", "x=5");
    EXPECT_EQ(samples("x", "a").values, (std::vector<double>{1, 2, 4, 5}));
}

TEST_F(PipelineTest, BoundsABatch) {
    pipeline_->set_batch_waker([] {});
    for (int i = 0; i < 10'000; ++i) {
        receive("a", "x=" + std::to_string(i));
    }
    EXPECT_GT(samples("x", "a").size(), 8'000U);
}

TEST_F(PipelineTest, WritesABatchBeforeAMessageThatIsAcknowledged) {
    pipeline_->set_batch_waker([] {});
    receive("a", "x=1@1700000000");
    receive("a", "x=2@1700000000");
    EXPECT_TRUE(receive("a", "x=3@1700000000", 1));
    EXPECT_EQ(samples("x", "a").values, std::vector<double>{3}) << "the last word wins";
    EXPECT_EQ(pipeline_->status().received, 3U);
}

TEST_F(PipelineTest, CountsABatchThatFoundNoRoomAndForgetsIt) {
    pipeline_->set_batch_waker([] {});
    receive("a", "x=1");
    receive("a", "x=2 y=2");
    store_->appends_left = 0;
    pipeline_->on_disconnected("test");
    EXPECT_EQ(dropped("not_stored"), 2U);
    EXPECT_TRUE(pipeline_->status().refusing);
    store_->appends_left = -1;
    clock_.advance(kSecond);
    receive_retained("a", "y=2");
    EXPECT_EQ(samples("y", "a").size(), 1U) << "what was not stored makes no replay old";
    EXPECT_FALSE(pipeline_->status().refusing);
}

TEST_F(PipelineTest, DoesNotAcknowledgeARetainedValueThatFoundNoRoom) {
    store_->appends_left = 0;
    EXPECT_FALSE(receive_retained("a", "x=1"));
    store_->appends_left = -1;
    EXPECT_TRUE(receive_retained("a", "x=1"));
    EXPECT_EQ(samples("x", "a").size(), 1U);
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
        TopicEntry* entry = table.find_or_add(std::string(60, 't') + std::to_string(i), 0);
        table.note_message(*entry, std::string(300, 'p'), 0, 0);
        entry->samples.resize(kTopicSamplesMax);
    }
    EXPECT_LE(table.memory_bytes() / 1000, 1024U);
}

}  // namespace
}  // namespace cistern::collector
