// SPDX-License-Identifier: MIT
#include "store/catalog/catalog.h"

#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

namespace cistern::store {
namespace {

constexpr uint32_t kNoLimit = 1'000'000;

std::unique_ptr<Catalog> open_catalog(const std::string& folder) {
    std::vector<std::string> warnings;
    auto catalog = Catalog::open(posix_file_system(), folder, warnings);
    EXPECT_TRUE(catalog.has_value());
    EXPECT_TRUE(warnings.empty()) << warnings[0];
    return std::move(*catalog);
}

Matcher matcher(const char* label, MatchOp op, const char* value) {
    return Matcher::create(label, op, value).value();
}

Labels room(const std::string& metric, const std::string& name) {
    return Labels::of_metric(metric, {{"room", name}});
}

TEST(Catalog, GivesDenseIdsFromOneAndFindsThemAgain) {
    const test::TempFolder folder;
    const auto catalog = open_catalog(folder.path());
    EXPECT_EQ(catalog->add(room("t", "a"), ValueType::Float, kNoLimit), SeriesId(1));
    EXPECT_EQ(catalog->add(room("t", "b"), ValueType::Int, kNoLimit), SeriesId(2));
    EXPECT_EQ(catalog->add(room("t", "a"), ValueType::Int, kNoLimit), SeriesId(1));
    EXPECT_EQ(catalog->find(room("t", "b")), SeriesId(2));
    EXPECT_FALSE(catalog->find(room("t", "c")).has_value());
    EXPECT_FALSE(catalog->find(Labels::of_metric("t")).has_value());
    EXPECT_EQ(catalog->type(SeriesId(2)), ValueType::Int);
    EXPECT_EQ(*catalog->labels(SeriesId(2)), room("t", "b"));
    EXPECT_EQ(catalog->labels(SeriesId(3)), nullptr);
    EXPECT_EQ(catalog->series_count(), 2U);
}

TEST(Catalog, RefusesWhatIsTooManyOrNoSeries) {
    const test::TempFolder folder;
    const auto catalog = open_catalog(folder.path());
    ASSERT_TRUE(catalog->add(room("t", "a"), ValueType::Float, 1).has_value());
    EXPECT_EQ(catalog->add(room("t", "b"), ValueType::Float, 1).error().code,
              ErrorCode::ResourceExhausted);
    EXPECT_TRUE(catalog->add(room("t", "a"), ValueType::Float, 1).has_value());
    EXPECT_EQ(catalog->add(Labels(), ValueType::Float, 9).error().code, ErrorCode::InvalidArgument);
}

TEST(Catalog, KeepsDefinitionsAndMetadataAfterPersist) {
    const test::TempFolder folder;
    const SeriesMetadata metadata{"kWh", "Energy meter", "counter", -1};
    {
        const auto catalog = open_catalog(folder.path());
        ASSERT_TRUE(catalog->add(room("t", "a"), ValueType::Float, kNoLimit).has_value());
        ASSERT_TRUE(catalog->persist(false).has_value());
        ASSERT_TRUE(catalog->add(room("e", "b"), ValueType::Int, kNoLimit).has_value());
        catalog->set_metadata(SeriesId(2), metadata);
        ASSERT_TRUE(catalog->persist(true).has_value());
        ASSERT_TRUE(catalog->add(room("e", "not persisted"), ValueType::Int, kNoLimit).has_value());
    }
    const auto catalog = open_catalog(folder.path());
    EXPECT_EQ(catalog->series_count(), 2U);
    EXPECT_EQ(catalog->find(room("e", "b")), SeriesId(2));
    EXPECT_EQ(catalog->type(SeriesId(2)), ValueType::Int);
    EXPECT_EQ(catalog->metadata(SeriesId(2)), metadata);
    EXPECT_EQ(catalog->stale_after_ns(SeriesId(2)), -1);
    EXPECT_EQ(catalog->metadata(SeriesId(1)), SeriesMetadata());
    EXPECT_EQ(catalog->add(room("e", "c"), ValueType::Int, kNoLimit), SeriesId(3));
}

TEST(Catalog, RestoresDefinitionsFromTheWalOnce) {
    const test::TempFolder folder;
    const auto catalog = open_catalog(folder.path());
    ASSERT_TRUE(catalog->restore({SeriesId(7), ValueType::Float, room("t", "a")}).has_value());
    ASSERT_TRUE(catalog->restore({SeriesId(7), ValueType::Float, room("t", "a")}).has_value());
    ASSERT_TRUE(catalog->restore({SeriesId(3), ValueType::Float, room("t", "b")}).has_value());
    EXPECT_EQ(catalog->restore({SeriesId(7), ValueType::Float, room("t", "c")}).error().code,
              ErrorCode::Corruption);
    EXPECT_EQ(catalog->restore({SeriesId(8), ValueType::Float, room("t", "a")}).error().code,
              ErrorCode::Corruption);
    EXPECT_EQ(catalog->restore({SeriesId(0), ValueType::Float, room("t", "z")}).error().code,
              ErrorCode::Corruption);
    EXPECT_EQ(catalog->add(room("t", "d"), ValueType::Float, kNoLimit), SeriesId(8));
    EXPECT_EQ(catalog->select({}), (std::vector<SeriesId>{SeriesId(3), SeriesId(7), SeriesId(8)}));
}

TEST(Catalog, NeverGivesOutReservedIds) {
    const test::TempFolder folder;
    {
        const auto catalog = open_catalog(folder.path());
        catalog->reserve_ids(SeriesId(41));
        ASSERT_TRUE(catalog->persist(false).has_value());
    }
    const auto catalog = open_catalog(folder.path());
    EXPECT_EQ(catalog->add(room("t", "a"), ValueType::Float, kNoLimit), SeriesId(42));
    EXPECT_EQ(catalog->series_count(), 1U);
}

// What select promises, the slow way.
std::vector<SeriesId> select_by_hand(const Catalog& catalog, std::span<const Matcher> matchers) {
    std::vector<SeriesId> found;
    for (uint32_t id = 1; id <= catalog.series_count(); ++id) {
        const auto labels = catalog.labels(SeriesId(id));
        const bool good =
            std::all_of(matchers.begin(), matchers.end(), [&](const Matcher& matcher) {
                return matcher.matches(labels->get(matcher.label()));
            });
        if (good) {
            found.emplace_back(id);
        }
    }
    return found;
}

TEST(Catalog, SelectsExactlyWhatTheMatchersSay) {
    const test::TempFolder folder;
    const auto catalog = open_catalog(folder.path());
    std::mt19937 random(11);
    for (uint32_t i = 0; i < 3'000; ++i) {
        std::vector<Label> labels = {{"device", "d" + std::to_string(i)},
                                     {"room", "r" + std::to_string(random() % 40)}};
        if (random() % 3 == 0) {
            labels.push_back({"floor", std::to_string(random() % 3)});
        }
        ASSERT_TRUE(catalog
                        ->add(Labels::of_metric("m" + std::to_string(random() % 5), labels),
                              ValueType::Float,
                              kNoLimit)
                        .has_value());
    }
    const std::vector<Matcher> choices = {matcher("__name__", MatchOp::Equal, "m1"),
                                          matcher("__name__", MatchOp::Equal, "none"),
                                          matcher("__name__", MatchOp::NotEqual, "m1"),
                                          matcher("__name__", MatchOp::Regex, "m[23]"),
                                          matcher("room", MatchOp::Regex, "r1|r2|r3|r1|nowhere"),
                                          matcher("room", MatchOp::NotRegex, "r1.*"),
                                          matcher("room", MatchOp::Equal, "r5"),
                                          matcher("floor", MatchOp::Equal, ""),
                                          matcher("floor", MatchOp::NotEqual, ""),
                                          matcher("floor", MatchOp::Regex, ".*"),
                                          matcher("floor", MatchOp::Regex, ".+"),
                                          matcher("floor", MatchOp::Regex, "1|"),
                                          matcher("floor", MatchOp::NotRegex, "1|2"),
                                          matcher("device", MatchOp::Regex, "d1.*7"),
                                          matcher("device", MatchOp::NotEqual, "d9"),
                                          matcher("device", MatchOp::Equal, "d99"),
                                          matcher("nolabel", MatchOp::Equal, ""),
                                          matcher("nolabel", MatchOp::NotEqual, ""),
                                          matcher("nolabel", MatchOp::NotEqual, "x"),
                                          matcher("nolabel", MatchOp::Regex, "x?"),
                                          matcher("nolabel", MatchOp::NotRegex, "")};
    for (const Matcher& one : choices) {
        EXPECT_EQ(catalog->select({&one, 1}), select_by_hand(*catalog, {&one, 1}))
            << one.to_string();
    }
    for (int round = 0; round < 300; ++round) {
        std::vector<Matcher> matchers;
        std::string text;
        for (size_t n = 2 + random() % 3; n > 0; --n) {
            matchers.push_back(choices[random() % choices.size()]);
            text += matchers.back().to_string() + ' ';
        }
        ASSERT_EQ(catalog->select(matchers), select_by_hand(*catalog, matchers)) << text;
    }
}

TEST(Catalog, ListsNamesAndValuesSortedAndUnique) {
    const test::TempFolder folder;
    const auto catalog = open_catalog(folder.path());
    for (const char* name : {"b", "a", "c"}) {
        ASSERT_TRUE(catalog->add(room("t", name), ValueType::Float, kNoLimit).has_value());
        ASSERT_TRUE(catalog->add(room("h", name), ValueType::Float, kNoLimit).has_value());
    }
    ASSERT_TRUE(catalog->add(Labels::of_metric("x", {{"floor", "1"}}), ValueType::Float, kNoLimit)
                    .has_value());
    using Texts = std::vector<std::string>;
    EXPECT_EQ(catalog->label_names(), (Texts{"__name__", "floor", "room"}));
    EXPECT_EQ(catalog->label_values("room"), (Texts{"a", "b", "c"}));
    EXPECT_EQ(catalog->label_values("none"), Texts());
    const std::vector<SeriesId> some = {SeriesId(1), SeriesId(2), SeriesId(3), SeriesId(99)};
    EXPECT_EQ(catalog->label_names(some), (Texts{"__name__", "room"}));
    EXPECT_EQ(catalog->label_values("room", some), (Texts{"a", "b"}));
}

TEST(Catalog, KeepsLabelsOfMoreSeriesThanItsCacheHolds) {
    const test::TempFolder folder;
    const auto catalog = open_catalog(folder.path());
    constexpr uint32_t kSeries = 40'000;
    for (uint32_t i = 1; i <= kSeries; ++i) {
        ASSERT_EQ(catalog->add(room("t", std::to_string(i)), ValueType::Float, kNoLimit),
                  SeriesId(i));
    }
    for (uint32_t i = 1; i <= kSeries; i += 7) {
        ASSERT_EQ(catalog->labels(SeriesId(i))->get("room"), std::to_string(i));
        ASSERT_EQ(catalog->find(room("t", std::to_string(i))), SeriesId(i));
    }
}

TEST(Catalog, AnswersReadersWhileAWriterAddsAndPersists) {
    const test::TempFolder folder;
    const auto catalog = open_catalog(folder.path());
    std::atomic<bool> done{false};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            const Matcher all = matcher("room", MatchOp::Regex, ".+");
            while (!done) {
                for (const SeriesId id : catalog->select({&all, 1})) {
                    EXPECT_EQ(catalog->find(*catalog->labels(id)), id);
                }
            }
        });
    }
    for (uint32_t i = 1; i <= 2'000; ++i) {
        EXPECT_TRUE(
            catalog->add(room("t", std::to_string(i)), ValueType::Float, kNoLimit).has_value());
        if (i % 500 == 0) {
            catalog->set_metadata(SeriesId(i), {"W", "", "", 0});
            EXPECT_TRUE(catalog->persist(true).has_value());
        }
    }
    done = true;
    for (std::thread& reader : readers) {
        reader.join();
    }
    EXPECT_EQ(open_catalog(folder.path())->series_count(), 2'000U);
}

}  // namespace
}  // namespace cistern::store
