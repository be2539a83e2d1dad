// SPDX-License-Identifier: MIT
#include "config/engine_config.h"

#include "config/broker_settings.h"
#include "config/check.h"
#include "config/default_engine_toml.h"
#include "store/base/file_system.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace cistern::config {
namespace {

std::string print(const Problems& problems) {
    std::string out;
    for (const Problem& problem : problems) {
        out += problem.to_string() + "\n";
    }
    return out;
}

// Removes the # of settings that are commented out; prose has a blank behind it.
std::string with_every_key(std::string_view text) {
    std::string out;
    for (size_t at = 0; at < text.size(); ++at) {
        const bool begins_line = at == 0 || text[at - 1] == '\n';
        if (begins_line && text[at] == '#' && at + 1 < text.size() && text[at + 1] != ' ') {
            continue;
        }
        out += text[at];
    }
    return out;
}

TEST(DefaultEngineToml, IsGoodAsWrittenAndWithEveryKeyInUse) {
    Problems problems;
    parse_engine_config(default_engine_toml(), "engine.toml", problems);
    EXPECT_TRUE(problems.empty()) << print(problems);
    const EngineConfig config =
        parse_engine_config(with_every_key(default_engine_toml()), "engine.toml", problems);
    EXPECT_TRUE(problems.empty()) << print(problems);
    EXPECT_EQ(config.brokers.size(), 1U);
    EXPECT_EQ(config.mapping.rules.size(), 1U);
}

TEST(DefaultEngineToml, ShowsTheDefaults) {
    Problems problems;
    const EngineConfig shown =
        parse_engine_config(with_every_key(default_engine_toml()), "engine.toml", problems);
    const EngineConfig real;
    EXPECT_EQ(shown.web.listen, real.web.listen);
    EXPECT_EQ(shown.web.limits.query_timeout_ms, real.web.limits.query_timeout_ms);
    EXPECT_EQ(shown.web.limits.body_bytes, real.web.limits.body_bytes);
    EXPECT_EQ(shown.web.limits.import_bytes, real.web.limits.import_bytes);
    EXPECT_EQ(shown.web.limits.lookback_ms, real.web.limits.lookback_ms);
    EXPECT_EQ(shown.store.default_database, real.store.default_database);
    EXPECT_EQ(shown.store.defaults.wal.total_bytes_max, real.store.defaults.wal.total_bytes_max);
    EXPECT_EQ(shown.store.defaults.wal.sync_interval_ns, real.store.defaults.wal.sync_interval_ns);
    EXPECT_EQ(shown.store.defaults.wal.fsync_policy, real.store.defaults.wal.fsync_policy);
    EXPECT_EQ(shown.store.defaults.flush_age_ns, real.store.defaults.flush_age_ns);
    EXPECT_EQ(shown.store.defaults.flush_bytes, real.store.defaults.flush_bytes);
    EXPECT_EQ(shown.store.defaults.seal_grace_ns, real.store.defaults.seal_grace_ns);
    EXPECT_EQ(shown.store.defaults.retention_ns, real.store.defaults.retention_ns);
    EXPECT_EQ(shown.store.defaults.block_samples_max, real.store.defaults.block_samples_max);
    EXPECT_EQ(shown.mapping.defaults.max_future_ns, real.mapping.defaults.max_future_ns);
    EXPECT_EQ(shown.stats.interval_ns, real.stats.interval_ns);
}

TEST(ExampleSettings, AreGood) {
    for (const char* name : {"home", "factory", "bare"}) {
        const std::string file =
            std::string(CISTERN_SOURCE_FOLDER) + "/config/examples/" + name + ".toml";
        Problems problems;
        const auto text = read_file(posix_file_system(), file);
        ASSERT_TRUE(text.has_value());
        parse_engine_config(*text, file, problems);
        EXPECT_TRUE(problems.empty()) << print(problems);
    }
}

TEST(EngineConfig, RefusesASecretInClear) {
    Problems problems;
    parse_engine_config("[[broker]]\nname = \"a\"\nurl = \"mqtt://h\"\npassword = \"x\"\n",
                        "engine.toml",
                        problems);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].line, 4U);
}

TEST(EngineConfig, PublishesNothingWithoutPermission) {
    const std::string broker = "[[broker]]\nname = \"a\"\nurl = \"mqtt://h\"\n";
    for (const char* line :
         {"status_topic = \"s\"\n", "probe = \"1m\"\n", "will = { topic = \"w\" }\n"}) {
        Problems problems;
        parse_engine_config(broker + line, "engine.toml", problems);
        ASSERT_EQ(problems.size(), 1U) << line;
        EXPECT_EQ(problems[0].line, 4U);
        Problems none;
        parse_engine_config(
            broker + line + "publish = [\"status\", \"probe\"]\n", "engine.toml", none);
        EXPECT_TRUE(none.empty()) << line;
    }
}

TEST(EngineConfig, TakesSecretsFromTheEnvironment) {
    ::setenv("CISTERN_TEST_SECRET", "s3cret", 1);
    EXPECT_EQ(*expand_environment("a-${CISTERN_TEST_SECRET}-b"), "a-s3cret-b");
    EXPECT_FALSE(expand_environment("${CISTERN_TEST_NOT_THERE}").has_value());
}

TEST(EngineConfig, RefusesABadBrokerUrlWithItsLine) {
    Problems problems;
    parse_engine_config("[[broker]]\nname = \"a\"\nurl = \"http://h\"\n", "engine.toml", problems);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].line, 3U);
}

TEST(EngineConfig, TheSameRootAndBrokerGiveTheSameSession) {
    const test::TempFolder folder;
    const auto first = load_engine_config(
        posix_file_system(), "", {folder.path(), "", {"mqtt://h:1", "mqtt://h:2"}});
    const auto second = load_engine_config(
        posix_file_system(), "", {folder.path(), "", {"mqtt://h:1", "mqtt://h:2"}});
    ASSERT_TRUE(first.has_value() && second.has_value());
    EXPECT_EQ(first->brokers[0].client.client_id, second->brokers[0].client.client_id);
    EXPECT_NE(first->brokers[0].client.client_id, first->brokers[1].client.client_id);
}

TEST(EngineConfig, SyntaxErrorsSayWhere) {
    Problems problems;
    parse_engine_config("[engine\n", "engine.toml", problems);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].to_string().substr(0, 21), "engine.toml:1: column");
}

TEST(CheckSettings, NamesTheLineOfARuleAndOfATest) {
    const test::TempFolder folder;
    const std::string file = folder.file("engine.toml");
    std::ofstream(file) << "# settings\n[[rule]]\nname = \"one\"\ntopic = \"a/{b\"\n";
    auto checked = check_settings(posix_file_system(), file);
    ASSERT_EQ(checked->problems.size(), 1U);
    EXPECT_EQ(checked->problems[0].line, 2U) << checked->problems[0].to_string();
    std::ofstream(file)
        << "[[broker]]\nurl = \"mqtt://x\"\nname = \"lan\"\n\n[[sparkplug]]\n"
           "broker = \"lam\"\n\n[[test]]\ntopic = \"a\"\npayload = \"1\"\nexpect = [\"a 2\"]\n";
    checked = check_settings(posix_file_system(), file);
    ASSERT_EQ(checked->problems.size(), 2U);
    EXPECT_NE(checked->problems[0].to_string().find("did you mean 'lan'?"), std::string::npos);
    EXPECT_EQ(checked->problems[1].line, 8U) << checked->problems[1].to_string();
}

}  // namespace
}  // namespace cistern::config
