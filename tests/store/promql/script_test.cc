// SPDX-License-Identifier: MIT
// Runs every *.test script of this folder and, when they are there, Prometheus' own.
#include "tests/store/promql/corpus.h"
#include "tests/store/promql/script_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace cistern::promql::test {
namespace {

// Returns how many evaluations the folder's scripts hold.
size_t run_folder(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> scripts;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".test") {
            scripts.push_back(entry.path());
        }
    }
    std::sort(scripts.begin(), scripts.end());
    size_t evaluations = 0;
    for (const auto& script : scripts) {
        std::ifstream file(script);
        std::stringstream text;
        text << file.rdbuf();
        const ScriptRunner::Outcome outcome = ScriptRunner().run(text.str());
        evaluations += outcome.evaluations;
        EXPECT_GT(outcome.evaluations, 0U) << script;
        for (const std::string& failure : outcome.failures) {
            ADD_FAILURE() << script.filename().string() << " " << failure;
        }
    }
    return evaluations;
}

TEST(Scripts, OursHold) {
    EXPECT_GT(run_folder(CISTERN_PROMQL_SCRIPTS), 0U);
}

TEST(Scripts, PrometheusOnesHold) {
    const std::filesystem::path folder = std::filesystem::path(corpus_folder()) / "testdata";
    if (!std::filesystem::exists(folder)) {
        GTEST_SKIP() << "no scripts in " << folder;
    }
    EXPECT_GT(run_folder(folder), 0U);
}

TEST(Scripts, TheRunnerSeesWhatIsWrong) {
    const ScriptRunner::Outcome outcome = ScriptRunner().run(
        "load 1m\n  m 1 2 3\n\n"
        "eval instant at 1m m\n  m 2\n\n"
        "eval instant at 1m m\n  m 3\n\n"
        "eval instant at 1m m\n\n"
        "eval_fail instant at 1m m\n\n"
        "eval instant at 1m m +\n  m 2\n\n"
        "nonsense\n");
    EXPECT_EQ(outcome.evaluations, 5U);
    EXPECT_EQ(outcome.failures.size(), 7U);  // wrong values count as instant and as range query
}

}  // namespace
}  // namespace cistern::promql::test
