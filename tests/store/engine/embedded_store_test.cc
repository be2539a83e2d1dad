// SPDX-License-Identifier: MIT
#include "store/engine/embedded_store.h"

#include "store/base/log.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

#include <thread>

namespace cistern::store {
namespace {

constexpr TimestampNs kTime = 1'700'000'000 * kNsPerSecond;

class EmbeddedStoreTest : public ::testing::Test {
  protected:
    void SetUp() override {
        set_up_log({});
        open("root");
    }
    void open(const std::string& name) {
        embedded_.reset();
        auto opened = EmbeddedStore::open(folder_.file(name));
        ASSERT_TRUE(opened) << opened.error().message;
        embedded_ = std::move(*opened);
    }
    std::vector<double> values(std::string_view series, TimeRange range = {}) {
        std::vector<double> found;
        EXPECT_TRUE(
            embedded_->query_range(series, range, [&](const Labels&, TimestampNs, double v) {
                found.push_back(v);
                return true;
            }));
        return found;
    }
    const test::TempFolder folder_;
    std::unique_ptr<EmbeddedStore> embedded_;
};

TEST_F(EmbeddedStoreTest, WhatWasAppendedIsThereAfterCloseAndOpen) {
    ASSERT_TRUE(embedded_->append("t{room=\"a\"}", kTime, 1));
    ASSERT_TRUE(embedded_->append("t{room=\"b\"}", kTime, 2));
    ASSERT_TRUE(embedded_->append("other/t", kTime, 3));
    EXPECT_EQ(values("t"), (std::vector<double>{1, 2}));
    ASSERT_TRUE(embedded_->close());
    EXPECT_FALSE(embedded_->append("t{room=\"a\"}", kTime + 1, 1));
    open("root");
    EXPECT_EQ(values("t{room=\"b\"}"), std::vector<double>{2});
    EXPECT_EQ(values("other/t"), std::vector<double>{3});
    EXPECT_TRUE(values("nowhere/t").empty());
}

TEST_F(EmbeddedStoreTest, ABatchMixesSeriesAndDatabasesAndIsAllOrNothingForBadTexts) {
    const EmbeddedStore::NamedSample batch[] = {
        {"t{room=\"a\"}", kTime, 1},
        {"other/t", kTime, 2},
        {"t{room=\"b\"}", kTime, 3},
        {"t{room=\"a\"}", kTime + 1, 4},
        {"other/t", kTime, 5},
    };
    const auto counts = embedded_->append(batch);
    ASSERT_TRUE(counts) << counts.error().message;
    EXPECT_EQ(counts->stored, 5U);
    EXPECT_EQ(counts->duplicates, 1U);  // the first value of other/t
    EXPECT_EQ(values("t"), (std::vector<double>{1, 4, 3}));
    EXPECT_EQ(values("other/t"), std::vector<double>{5});
    const EmbeddedStore::NamedSample bad[] = {{"t", kTime + 2, 6}, {"t{room=", kTime, 7}};
    EXPECT_EQ(embedded_->append(bad).error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(values("t"), (std::vector<double>{1, 4, 3}));
    EXPECT_TRUE(embedded_->append(std::span<const EmbeddedStore::NamedSample>()));
}

TEST_F(EmbeddedStoreTest, ACallbackCanStopAndABadSeriesIsAnError) {
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(embedded_->append("t", kTime + i, i));
    }
    int calls = 0;
    ASSERT_TRUE(embedded_->query_range(
        "t", {}, [&](const Labels&, TimestampNs, double) { return ++calls < 3; }));
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(embedded_->append("t{room=", kTime, 1).error().code, ErrorCode::InvalidArgument);
    EXPECT_FALSE(embedded_->query_last("{"));
}

TEST_F(EmbeddedStoreTest, LastAndAggregatesAreThoseOfEachSeries) {
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(embedded_->append("t{room=\"a\"}", kTime + i * kNsPerSecond, i));
    }
    ASSERT_TRUE(embedded_->append("t{room=\"b\"}", kTime, 5));
    const auto last = embedded_->query_last("t");
    ASSERT_TRUE(last);
    ASSERT_EQ(last->size(), 2U);
    EXPECT_EQ(last->front().value, 19);
    EXPECT_EQ(last->back().value, 5);
    const Aggregate wanted[] = {Aggregate::Count, Aggregate::Sum};
    std::vector<double> rows;
    ASSERT_TRUE(embedded_->aggregate("t{room=\"a\"}",
                                     {kTime, kTime + 20 * kNsPerSecond},
                                     10 * kNsPerSecond,
                                     wanted,
                                     [&](const Labels&, const AggregateRow& row) {
                                         rows.insert(
                                             rows.end(), row.values.begin(), row.values.end());
                                         return true;
                                     }));
    EXPECT_EQ(rows, (std::vector<double>{10, 45, 10, 145}));
}

TEST_F(EmbeddedStoreTest, ExportAndImportGiveTheSameBits) {
    ASSERT_TRUE(embedded_->append_line("t{a=\"x y\"} 0.1 1700000000000000001\ncount 5i 17\n"));
    std::string text;
    const auto keep = [&text](std::string_view lines) {
        text += lines;
        return Status{};
    };
    ASSERT_EQ(*embedded_->export_lines("main", {}, keep), 2U);
    const std::string path = folder_.file("out.lp");
    ASSERT_TRUE(write_file_atomically(posix_file_system(), path, text + "not a line"));
    open("copy");
    const auto imported = embedded_->import_file(path);
    ASSERT_TRUE(imported);
    EXPECT_EQ(imported->imported, 2U);
    ASSERT_EQ(imported->errors.size(), 1U);
    EXPECT_EQ(imported->errors[0].line, 3U);
    const std::string before = std::exchange(text, {});
    ASSERT_TRUE(embedded_->export_lines("main", {}, keep));
    EXPECT_EQ(text, before);
}

TEST_F(EmbeddedStoreTest, ThreadsMayWriteAndReadAtOnce) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([this, t] {
            for (int i = 0; i < 200; ++i) {
                ASSERT_TRUE(embedded_->append("t{n=\"" + std::to_string(t) + "\"}", kTime + i, i));
                ASSERT_TRUE(embedded_->query_last("t"));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(values("t").size(), 800U);
}

}  // namespace
}  // namespace cistern::store
