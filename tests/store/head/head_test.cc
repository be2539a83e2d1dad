// SPDX-License-Identifier: MIT
#include "store/head/head.h"

#include "store/head/merge.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace cistern::store {
namespace {

using Model = std::map<TimestampNs, double>;

Model read(const Head& head, SeriesId id, Epoch epoch = kLatestEpoch, TimeRange range = {}) {
    SampleRun run;
    head.read(id, epoch, range, run.timestamps, run.values);
    EXPECT_TRUE(std::is_sorted(run.timestamps.begin(), run.timestamps.end()));
    Model model;
    for (size_t i = 0; i < run.size(); ++i) {
        EXPECT_TRUE(model.emplace(run.timestamps[i], run.values[i].as_double()).second)
            << "a timestamp twice";
    }
    return model;
}

uint64_t append(Head& head, SeriesId id, TimestampNs timestamp, double value) {
    const Sample sample{id, timestamp, ValueBits::of(value)};
    return head.append({&sample, 1}).replaced;
}

TEST(Head, CountsWhatReplacedASampleOfTheSameInstant) {
    Head head;
    const SeriesId id(1);
    EXPECT_EQ(append(head, id, 10, 1), 0U);
    EXPECT_EQ(append(head, id, 10, 2), 1U);
    EXPECT_EQ(append(head, id, 10, 2), 1U);  // the same again
    EXPECT_EQ(append(head, id, 5, 3), 0U);
    EXPECT_EQ(append(head, id, 5, 4), 1U);
    EXPECT_EQ(head.stats().samples, 2U);
    EXPECT_EQ(read(head, id), (Model{{5, 4}, {10, 2}}));
}

TEST(Head, TakesSixteenBytesPerSample) {
    Head head;
    for (TimestampNs i = 0; i < 100'000; ++i) {
        append(head, SeriesId(1), i, 0);
    }
    EXPECT_LE(head.stats().bytes, 100'000U * 17);
}

TEST(Head, EverySnapshotKeepsSeeingItsMoment) {
    std::mt19937_64 random(3);
    Head head;
    std::map<uint32_t, Model> now;
    struct Taken {
        Epoch epoch;
        std::map<uint32_t, Model> then;
    };
    std::vector<Taken> taken;
    for (int i = 0; i < 30'000; ++i) {
        const auto id = static_cast<uint32_t>(1 + random() % 3);
        const auto late = static_cast<TimestampNs>(random() % 5 == 0 ? random() % 20'000
                                                                     : static_cast<uint64_t>(i));
        const auto value = static_cast<double>(random() % 100);
        append(head, SeriesId(id), late, value);
        now[id][late] = value;
        if (random() % 1000 == 0) {
            taken.push_back({head.open_snapshot(), now});
        }
        if (random() % 3000 == 0 && !taken.empty()) {
            const size_t which = random() % taken.size();
            head.release_snapshot(taken[which].epoch);
            taken.erase(taken.begin() + static_cast<ptrdiff_t>(which));
        }
        if (i % 2500 == 0) {
            for (Taken& one : taken) {
                for (uint32_t series = 1; series <= 3; ++series) {
                    ASSERT_EQ(read(head, SeriesId(series), one.epoch), one.then[series]);
                }
            }
            for (uint32_t series = 1; series <= 3; ++series) {
                ASSERT_EQ(read(head, SeriesId(series)), now[series]);
            }
        }
    }
    ASSERT_FALSE(taken.empty());
}

TEST(Head, ReadsARange) {
    Head head;
    for (TimestampNs i = 0; i < 1000; ++i) {
        append(head, SeriesId(1), i * 10, static_cast<double>(i));
    }
    EXPECT_EQ(read(head, SeriesId(1), kLatestEpoch, {95, 120}), (Model{{100, 10}, {110, 11}}));
    EXPECT_TRUE(read(head, SeriesId(1), kLatestEpoch, {101, 110}).empty());
    EXPECT_TRUE(read(head, SeriesId(2)).empty());
    EXPECT_TRUE(head.may_have(SeriesId(1), {9990, 9991}));
    EXPECT_FALSE(head.may_have(SeriesId(1), {9991, 9999}));
    EXPECT_FALSE(head.may_have(SeriesId(7), {}));
}

TEST(MergeNewer, TheNewerRunWinsAndOrderHolds) {
    std::mt19937_64 random(9);
    for (int round = 0; round < 300; ++round) {
        SampleRun into;
        Model model;
        for (int runs = 0; runs < 4; ++runs) {
            Model one;
            for (uint64_t i = random() % 20; i > 0; --i) {
                one[static_cast<TimestampNs>(random() % 40)] = static_cast<double>(random());
            }
            SampleRun run;
            for (const auto& [timestamp, value] : one) {
                run.timestamps.push_back(timestamp);
                run.values.push_back(ValueBits::of(value));
                model[timestamp] = value;
            }
            merge_newer(into, run.timestamps, run.values);
        }
        ASSERT_EQ(into.size(), model.size());
        size_t at = 0;
        for (const auto& [timestamp, value] : model) {
            ASSERT_EQ(into.timestamps[at], timestamp);
            ASSERT_EQ(into.values[at++].as_double(), value);
        }
    }
}

}  // namespace
}  // namespace cistern::store
