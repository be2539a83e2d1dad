// SPDX-License-Identifier: MIT
#include "config/store_settings.h"

#include "store/base/time_units.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

namespace cistern::config {
namespace {

TEST(StoreSettings, ReadsTheSeedsKeys) {
    Problems problems;
    const auto document = parse_toml(R"(
[durability]
profile = "balanced"
[wal]
max_segment_size = 67108864
fsync_policy = "always"
[manifest_defaults.retention]
retention_days = 30
retention_action = "archive"
partition = "month"
[manifest_defaults.wal]
enabled = true
)");
    ASSERT_TRUE(document.has_value());
    TableReader root(*document, "engine.toml", "", problems);
    store::StoreOptions options;
    read_store_settings(root, options);
    root.finish();
    EXPECT_FALSE(has_errors(problems));
    ASSERT_EQ(problems.size(), 1U);  // `enabled` is known but has no effect
    EXPECT_TRUE(problems[0].warning);
    EXPECT_EQ(options.defaults.wal.fsync_policy, store::FsyncPolicy::Always);
    EXPECT_EQ(options.defaults.retention_ns, 30 * kNsPerDay);
    EXPECT_EQ(options.defaults.retention_action, store::RetentionAction::Archive);
    EXPECT_EQ(options.defaults.partition, store::PartitionPeriod::Month);
}

TEST(StoreSettings, ADurabilityProfileSetsTheSyncsAndWhatWalSaysGoesFirst) {
    const auto read = [](std::string_view text) {
        Problems problems;
        const auto document = parse_toml(text);
        TableReader root(*document, "engine.toml", "", problems);
        store::StoreOptions options;
        read_store_settings(root, options);
        root.finish();
        EXPECT_TRUE(problems.empty());
        return options.defaults.wal;
    };
    EXPECT_EQ(read("").fsync_policy, store::FsyncPolicy::Interval);
    EXPECT_EQ(read("[durability]\nprofile = \"strict\"\n").fsync_policy,
              store::FsyncPolicy::Always);
    const auto balanced = read("[durability]\nprofile = \"balanced\"\n");
    EXPECT_EQ(balanced.fsync_policy, store::FsyncPolicy::Interval);
    EXPECT_EQ(balanced.sync_interval_ns, kNsPerSecond);
    EXPECT_EQ(read("[durability]\nprofile = \"throughput\"\n").fsync_policy,
              store::FsyncPolicy::Segment);
    const auto explicit_keys = read(
        "[wal]\nfsync_policy = \"interval\"\nsync_interval = \"5s\"\n"
        "[durability]\nprofile = \"strict\"\n");
    EXPECT_EQ(explicit_keys.fsync_policy, store::FsyncPolicy::Interval);
    EXPECT_EQ(explicit_keys.sync_interval_ns, 5 * kNsPerSecond);
    EXPECT_EQ(read("[manifest_defaults.wal]\nfsync_policy = \"segment\"\n"
                   "[durability]\nprofile = \"strict\"\n")
                  .fsync_policy,
              store::FsyncPolicy::Segment);
}

TEST(LoadManifest, OverridesTheDefaultsAndRefusesUnknownKeys) {
    const test::TempFolder folder;
    store::DatabaseOptions defaults;
    EXPECT_EQ(load_manifest(posix_file_system(), folder.path(), defaults)->series_max,
              defaults.series_max);

    ASSERT_TRUE(write_file_atomically(
                    posix_file_system(), folder.file("manifest.toml"), "[ingest]\nmax_series = 5\n")
                    .has_value());
    EXPECT_EQ(load_manifest(posix_file_system(), folder.path(), defaults)->series_max, 5U);

    ASSERT_TRUE(write_file_atomically(
                    posix_file_system(), folder.file("manifest.toml"), "[ingest]\nmax_serie = 5\n")
                    .has_value());
    const auto refused = load_manifest(posix_file_system(), folder.path(), defaults);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message.find("manifest.toml:2: ingest.max_serie: unknown key"),
              std::string::npos);
}

}  // namespace
}  // namespace cistern::config
