// SPDX-License-Identifier: MIT
// QoS 0 messages that are written together.
#include "tests/collector/ingest/pipeline_fixture.h"

namespace cistern::collector {
namespace {

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

}  // namespace
}  // namespace cistern::collector
