// SPDX-License-Identifier: MIT
// What the pipeline tells about topics, series, rules and its broker.
#include "tests/collector/ingest/pipeline_fixture.h"

namespace cistern::collector {
namespace {

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

}  // namespace
}  // namespace cistern::collector
