// SPDX-License-Identifier: MIT
// What a topic costs with its series and samples, in everything that keeps something about it: the
// mapper, the ingest, the catalog and the head. docs/benchmarks.md has the figures of the daemon.
#include "collector/ingest/pipeline.h"
#include "tests/support/temp_folder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <functional>

namespace cistern::collector {
namespace {

constexpr int kRounds = 2;

size_t allocated_bytes() {
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
}

// Bytes a topic after each was seen a few times.
double measure(int topics,
               const std::function<std::string(int topic)>& topic,
               const std::function<std::string(int round)>& payload) {
    const test::TempFolder folder;
    ManualClock clock(1'767'225'600'000'000'000);
    store::StoreOptions store_options;
    store_options.root = folder.file("root");
    store_options.clock = &clock;
    store_options.background = false;
    store_options.reserve_bytes = 0;
    auto store = std::move(*store::Store::open(store_options));
    MappingOptions rules;
    rules.defaults.limits.series_per_rule = static_cast<uint32_t>(topics) * 10;
    BrokerOptions options;
    options.client.name = "lan";
    options.series_max = static_cast<uint32_t>(topics) * 10;
    MetricsRegistry metrics;
    Pipeline pipeline(options, std::move(*Mapper::create(rules)), *store, metrics, clock);
    size_t before = 0;
    for (int i = -1; i < topics * kRounds; ++i) {
        const std::string name = topic(i % topics);
        const std::string content = payload(i / topics);
        mqtt::MessageView view;
        view.topic = name;
        view.payload = content;
        EXPECT_TRUE(pipeline.on_message(view));
        clock.advance(1'000'000);
        before = i < 0 ? allocated_bytes() : before;  // with everything made that is made once
    }
    store->run_maintenance();  // what waits for a sync of the log waits for a second at most
    EXPECT_GE(pipeline.status().topics, static_cast<uint64_t>(topics));
    return static_cast<double>(allocated_bytes() - before) / topics;
}

TEST(TopicMemory, OfATopicWithOneSeriesStaysBelowAKilobyte) {
    const double bytes = measure(
        20'000,
        [](int topic) { return fmt::format("bench/d{}/temperature", topic); },
        [](int round) { return fmt::format("2{}.5", round); });
    RecordProperty("bytes", static_cast<int>(bytes));
    EXPECT_LE(bytes, 900);
}

TEST(TopicMemory, OfATopicWithFiveSeriesStaysBelowThreeKilobytes) {
    const double bytes = measure(
        10'000,
        [](int topic) { return fmt::format("bench/d{}", topic); },
        [](int round) {
            return fmt::format(
                R"({{"temperature":2{0}.5,"humidity":4{0}.5,"pressure":1013.2,"battery":97,"linkquality":{0}}})",
                round);
        });
    RecordProperty("bytes", static_cast<int>(bytes));
    EXPECT_LE(bytes, 2900);
}

}  // namespace
}  // namespace cistern::collector
