// SPDX-License-Identifier: MIT
// Somebody publishes ever new topics: what is stored goes on, the store stays as large as it is,
// and the log stays short.
#include "collector/ingest/pipeline.h"
#include "store/base/log.h"
#include "tests/support/temp_folder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace cistern::collector {
namespace {

#if defined(NDEBUG)
constexpr int kFlood = 1'000'000;
#else
constexpr int kFlood = 70'000;  // the same, many times over what is remembered
#endif
constexpr int kSeriesMax = 200;
constexpr int64_t kMs = 1'000'000;
constexpr int64_t kStart = 1'767'225'600'000 * kMs;  // 2026-01-01

class SeriesLimit : public ::testing::Test {
  protected:
    SeriesLimit() {
        options_.client.name = "lan";
        rules_.defaults.limits.series_per_rule = kSeriesMax;
        rules_.defaults.limits.known_topics = 1000;
        open({});
    }
    ~SeriesLimit() override { set_up_log({}); }

    void open(const std::string& mapper_state) {
        pipeline_.reset();
        store_.reset();
        store::StoreOptions options;
        options.root = folder_.file("root");
        options.clock = &clock_;
        options.background = false;
        options.reserve_bytes = 0;
        store_ = std::move(*store::Store::open(options));
        auto mapper = std::move(*Mapper::create(rules_));
        if (!mapper_state.empty()) {
            ASSERT_TRUE(mapper->restore_state(mapper_state).has_value());
        }
        metrics_ = std::make_unique<MetricsRegistry>();
        pipeline_ =
            std::make_unique<Pipeline>(options_, std::move(mapper), *store_, *metrics_, clock_);
    }
    void send(const std::string& topic, std::string_view payload) {
        mqtt::MessageView view;
        view.topic = topic;
        view.payload = payload;
        pipeline_->on_message(view);
        clock_.advance(kMs);
    }
    void send_known(std::string_view payload) {
        for (int i = 0; i < kSeriesMax; ++i) {
            send(fmt::format("house/n{}/value", i), payload);
        }
    }
    // Of topics that never come again.
    void flood(int messages) {
        for (int i = 0; i < messages; ++i) {
            send(fmt::format("flood/n{}/value", flooded_++), "1");
        }
    }
    uint64_t refused() {
        for (const auto& [reason, count] : pipeline_->status().dropped) {
            if (reason == reason::kSeriesLimit) {
                return count;
            }
        }
        return 0;
    }
    uint64_t series() { return (*store_->database("main"))->stats().series; }
    uint64_t samples() {
        const store::DatabaseStats stats = (*store_->database("main"))->stats();
        return stats.head_samples + stats.file_samples;
    }

    test::TempFolder folder_;
    ManualClock clock_{kStart};
    BrokerOptions options_;
    MappingOptions rules_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<MetricsRegistry> metrics_;
    std::unique_ptr<Pipeline> pipeline_;
    int flooded_ = 0;
};

TEST_F(SeriesLimit, HoldsOverAFloodOfTopicsAndSaysSoOnceAMinute) {
    const std::string log = folder_.file("log");
    set_up_log({{log, LogLevel::Warn, 0, 0}});
    send_known("1");
    flood(kFlood / 2);
    send_known("2");  // their topics were forgotten in between, several times
    flood(kFlood / 2);
    send_known("3");
    EXPECT_EQ(series(), uint64_t{kSeriesMax});
    EXPECT_EQ(samples(), uint64_t{kSeriesMax} * 3);
    EXPECT_EQ(refused(), uint64_t{kFlood});
    set_up_log({});
    std::ifstream in(log);
    size_t lines = 0;
    for (std::string line; std::getline(in, line);) {
        lines += line.find("series limit") != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(lines, size_t{kFlood} / 60'000 + 1);  // a message a millisecond
}

TEST_F(SeriesLimit, HoldsAfterARestart) {
    send_known("1");
    open(pipeline_->mapper_state());
    flood(3000);
    EXPECT_EQ(series(), uint64_t{kSeriesMax});
    send_known("2");
    EXPECT_EQ(samples(), uint64_t{kSeriesMax} * 2);
    EXPECT_EQ(refused(), 3000U);
}

// As after a kill before the state was written, or an update from a version that had none.
TEST_F(SeriesLimit, CountsWhatIsStoredAgainWhenTheStateWasLost) {
    send_known("1");
    open({});
    send_known("2");
    flood(3000);
    EXPECT_EQ(series(), uint64_t{kSeriesMax});
    EXPECT_EQ(samples(), uint64_t{kSeriesMax} * 2);
}

TEST_F(SeriesLimit, MakesRoomWhenTheDatabaseWasRemoved) {
    send_known("1");
    const std::string state = pipeline_->mapper_state();
    pipeline_.reset();
    store_.reset();
    ASSERT_GT(std::filesystem::remove_all(folder_.file("root/main")), 0U);
    open(state);
    send_known("1");
    EXPECT_EQ(series(), uint64_t{kSeriesMax});
}

TEST_F(SeriesLimit, IsNotUsedUpByTexts) {
    for (int i = 0; i < 5000; ++i) {
        send(fmt::format("words/n{}/value", i), "idle");
    }
    EXPECT_EQ(series(), 0U);
    send_known("1");
    EXPECT_EQ(series(), uint64_t{kSeriesMax});
}

}  // namespace
}  // namespace cistern::collector
