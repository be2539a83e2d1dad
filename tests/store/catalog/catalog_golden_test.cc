// SPDX-License-Identifier: MIT
// A catalog.log of version 1 as it was written: it must open for ever.
#include "store/catalog/catalog.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

namespace cistern::store {
namespace {

constexpr std::string_view kVersion1 =
    "43534341544c4f47010000009e57c84a4341545238996622010000030a434154522d1a83ec12000001010102085f5f"
    "6e616d655f"
    "5f016d0161013043415452539f530f12000001020102085f5f6e616d655f5f016d01610131434154528c6e6a131200"
    "0001030102"
    "085f5f6e616d655f5f016d01610132434154525ee31ecd12000001040102085f5f6e616d655f5f016d016101334341"
    "54520a1af3"
    "ca0c000002020101570168056761756765";

TEST(CatalogFormat, ReadsAFileOfVersion1) {
    const test::TempFolder folder;
    std::string content;
    for (size_t i = 0; i < kVersion1.size(); i += 2) {
        content += static_cast<char>(std::stoi(std::string(kVersion1.substr(i, 2)), nullptr, 16));
    }
    ASSERT_TRUE(write_file_atomically(posix_file_system(), folder.file("catalog.log"), content)
                    .has_value());
    std::vector<std::string> warnings;
    const auto catalog = Catalog::open(posix_file_system(), folder.path(), warnings);
    ASSERT_TRUE(catalog.has_value());
    EXPECT_TRUE(warnings.empty());
    EXPECT_EQ((*catalog)->series_count(), 4U);
    EXPECT_EQ((*catalog)->labels(SeriesId(3))->to_string(), "m{a=\"2\"}");
    EXPECT_EQ((*catalog)->metadata(SeriesId(2)), (SeriesMetadata{"W", "h", "gauge", -1}));
    // Ids up to 9 were given out.
    EXPECT_EQ((*catalog)->add(Labels::of_metric("new"), ValueType::Int, 100), SeriesId(10));
}

}  // namespace
}  // namespace cistern::store
