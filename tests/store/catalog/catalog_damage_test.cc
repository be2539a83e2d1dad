// SPDX-License-Identifier: MIT
#include "store/base/crc32c.h"
#include "store/catalog/catalog.h"
#include "store/catalog/catalog_format.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

#include <random>

namespace cistern::store {
namespace {

constexpr uint32_t kNoLimit = 1'000'000;
constexpr uint32_t kSeries = 50;

Labels labels_of(uint32_t i) {
    return Labels::of_metric("metric", {{"device", "device number " + std::to_string(i)}});
}

struct Opened {
    std::unique_ptr<Catalog> catalog;
    std::vector<std::string> warnings;
};

Opened open_in(const std::string& folder) {
    Opened opened;
    auto catalog = Catalog::open(posix_file_system(), folder, opened.warnings);
    EXPECT_TRUE(catalog.has_value());
    opened.catalog = std::move(*catalog);
    return opened;
}

class DamagedCatalog : public testing::Test {
  protected:
    void SetUp() override {
        const auto opened = open_in(folder_.path());
        for (uint32_t i = 1; i <= kSeries; ++i) {
            ASSERT_EQ(opened.catalog->add(labels_of(i), ValueType::Float, kNoLimit), SeriesId(i));
        }
        ASSERT_TRUE(opened.catalog->persist(false).has_value());
        content_ = read_file(posix_file_system(), log_path()).value();
    }
    [[nodiscard]] std::string log_path() const { return folder_.file("catalog.log"); }
    void write(const std::string& content) const {
        ASSERT_TRUE(write_file_atomically(posix_file_system(), log_path(), content).has_value());
    }
    // Every definition that is there is right.
    static void expect_nothing_invented(const Catalog& catalog) {
        for (const SeriesId id : catalog.select({})) {
            EXPECT_EQ(*catalog.labels(id), labels_of(id.value()));
        }
    }

    test::TempFolder folder_;
    std::string content_;
};

TEST_F(DamagedCatalog, DropsATornTailAtEveryLengthAndGoesOnAppending) {
    for (size_t size = 0; size < content_.size(); size += 7) {
        write(content_.substr(0, size));
        uint32_t kept = 0;
        {
            const auto opened = open_in(folder_.path());
            kept = opened.catalog->series_count();
            expect_nothing_invented(*opened.catalog);
            ASSERT_TRUE(opened.catalog->add(Labels::of_metric("new"), ValueType::Int, kNoLimit)
                            .has_value());
            ASSERT_TRUE(opened.catalog->persist(false).has_value());
        }
        const auto again = open_in(folder_.path());
        EXPECT_TRUE(again.warnings.empty()) << size << ' ' << again.warnings[0];
        EXPECT_EQ(again.catalog->series_count(), kept + 1);
    }
}

TEST_F(DamagedCatalog, ReportsATornTailWithItsPlace) {
    write(content_.substr(0, content_.size() - 3));
    const auto opened = open_in(folder_.path());
    EXPECT_EQ(opened.catalog->series_count(), kSeries - 1);
    ASSERT_EQ(opened.warnings.size(), 1U);
    EXPECT_NE(opened.warnings[0].find("are no whole record and are dropped"), std::string::npos);
}

TEST_F(DamagedCatalog, LosesAtMostOneDefinitionToAnyFlippedBit) {
    std::mt19937 random(5);
    for (int round = 0; round < 400; ++round) {
        std::string content = content_;
        const size_t at = random() % content.size();
        content[at] = static_cast<char>(content[at] ^ (1 << random() % 8));
        write(content);
        const auto opened = open_in(folder_.path());
        EXPECT_FALSE(opened.warnings.empty()) << at;
        EXPECT_GE(opened.catalog->series_count(), kSeries - 1) << at;
        expect_nothing_invented(*opened.catalog);
        // The last ids may be gone; those between are not given out again.
        const auto id = opened.catalog->add(Labels::of_metric("new"), ValueType::Int, kNoLimit);
        EXPECT_GE(id->value(), kSeries) << at;
    }
}

TEST_F(DamagedCatalog, FindsLostDefinitionsInTheSnapshot) {
    {
        const auto opened = open_in(folder_.path());
        opened.catalog->set_metadata(SeriesId(20), {"W", "power", "gauge", 7});
        ASSERT_TRUE(opened.catalog->persist(true).has_value());
    }
    std::string content = content_;
    content.replace(400, 900, std::string(900, 'x'));
    write(content);
    {
        const auto opened = open_in(folder_.path());
        EXPECT_EQ(opened.catalog->series_count(), kSeries);
        ASSERT_EQ(opened.warnings.size(), 2U);
        EXPECT_NE(opened.warnings[1].find("lost definitions were found in catalog.json"),
                  std::string::npos);
        expect_nothing_invented(*opened.catalog);
        EXPECT_EQ(opened.catalog->metadata(SeriesId(20)).unit, "W");
        ASSERT_TRUE(opened.catalog->persist(false).has_value());
    }
    ASSERT_TRUE(posix_file_system().remove(folder_.file("catalog.json")).has_value());
    EXPECT_EQ(open_in(folder_.path()).catalog->series_count(), kSeries);
}

TEST_F(DamagedCatalog, OfWhichOnlyTheSnapshotIsLeftIsWhole) {
    ASSERT_TRUE(open_in(folder_.path()).catalog->persist(true).has_value());
    ASSERT_TRUE(posix_file_system().remove(folder_.file("catalog.log")).has_value());
    {
        const auto opened = open_in(folder_.path());
        EXPECT_EQ(opened.catalog->series_count(), kSeries);
        ASSERT_EQ(opened.warnings.size(), 2U);
        EXPECT_NE(opened.warnings[0].find("the file is missing"), std::string::npos);
        ASSERT_TRUE(opened.catalog->persist(false).has_value());
    }
    const auto again = open_in(folder_.path());
    EXPECT_EQ(again.catalog->series_count(), kSeries);
    EXPECT_TRUE(again.warnings.empty());
}

TEST_F(DamagedCatalog, WritesADamagedHeaderAnew) {
    std::string content = content_;
    content[3] = 'x';
    write(content);
    {
        const auto opened = open_in(folder_.path());
        EXPECT_EQ(opened.catalog->series_count(), kSeries);
        EXPECT_EQ(opened.warnings.size(), 1U);
        ASSERT_TRUE(
            opened.catalog->add(Labels::of_metric("new"), ValueType::Int, kNoLimit).has_value());
        ASSERT_TRUE(opened.catalog->persist(false).has_value());
    }
    EXPECT_TRUE(open_in(folder_.path()).warnings.empty());
}

TEST_F(DamagedCatalog, RefusesANewerVersion) {
    CatalogFileHeader header;
    header.version = kCatalogVersion + 1;
    header.crc =
        crc32c(std::as_bytes(std::span(&header, 1)).first(offsetof(CatalogFileHeader, crc)));
    std::string content = content_;
    content.replace(0, sizeof(header), reinterpret_cast<const char*>(&header), sizeof(header));
    write(content);
    std::vector<std::string> warnings;
    const auto catalog = Catalog::open(posix_file_system(), folder_.path(), warnings);
    ASSERT_FALSE(catalog.has_value());
    EXPECT_EQ(catalog.error().code, ErrorCode::Unsupported);
}

TEST_F(DamagedCatalog, StaysSmallWhenMetadataChangesOften) {
    const auto opened = open_in(folder_.path());
    const std::string help(4'000, 'h');
    for (int i = 0; i < 2'000; ++i) {
        opened.catalog->set_metadata(SeriesId(1 + static_cast<uint32_t>(i) % kSeries),
                                     {"", help + std::to_string(i), "", 0});
        if (i % 10 == 9) {
            ASSERT_TRUE(opened.catalog->persist(false).has_value());
        }
    }
    EXPECT_LT(read_file(posix_file_system(), log_path())->size(), 3U << 20);
    const auto again = open_in(folder_.path());
    EXPECT_TRUE(again.warnings.empty());
    EXPECT_EQ(again.catalog->series_count(), kSeries);
    EXPECT_EQ(again.catalog->metadata(SeriesId(kSeries)),
              opened.catalog->metadata(SeriesId(kSeries)));
}

}  // namespace
}  // namespace cistern::store
