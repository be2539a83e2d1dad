// SPDX-License-Identifier: MIT
// docs/rules.md teaches by examples: each is loaded as settings, and its [[test]] tables are run.
#include "config/check.h"
#include "store/base/file_system.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace cistern::collector {
namespace {

std::vector<std::string> toml_blocks(const std::string& file) {
    std::ifstream in(file);
    std::vector<std::string> blocks;
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        if (line == "```toml") {
            inside = true;
            blocks.emplace_back();
        } else if (line == "```") {
            inside = false;
        } else if (inside) {
            blocks.back() += line + "\n";
        }
    }
    return blocks;
}

TEST(RulesDocument, HoldsTenExamplesThatDoWhatTheySay) {
    const std::vector<std::string> blocks = toml_blocks(CISTERN_SOURCE_DIR "/docs/rules.md");
    ASSERT_GE(blocks.size(), 10U);
    const test::TempFolder folder;
    for (const std::string& block : blocks) {
        const std::string file = folder.file("engine.toml");
        std::ofstream(file) << block;
        const auto checked = config::check_settings(posix_file_system(), file);
        ASSERT_TRUE(checked.has_value()) << checked.error().message;
        EXPECT_GE(checked->tests, 1U) << block;
        for (const auto& problem : checked->problems) {
            ADD_FAILURE() << problem.key << ": " << problem.message << "\n" << block;
        }
    }
}

}  // namespace
}  // namespace cistern::collector
