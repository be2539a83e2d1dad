// SPDX-License-Identifier: MIT
// Prometheus' own parser cases, when the corpus lies beside the source tree.
#include "store/base/base64.h"
#include "store/promql/parser.h"
#include "store/promql/printer.h"
#include "tests/store/promql/corpus.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace cistern::promql {
namespace {

TEST(ParserCorpus, AcceptsAndRefusesAsPrometheusDoes) {
    std::ifstream file(test::corpus_folder() + "/parser_cases.json");
    if (!file) {
        GTEST_SKIP() << "no parser_cases.json in " << test::corpus_folder();
    }
    const auto cases = nlohmann::json::parse(file);
    size_t messages = 0;
    size_t messages_wrong = 0;
    for (const auto& entry : cases) {
        const std::string input = decode_base64(entry.at("input_b64").get<std::string>()).value();
        const bool must_fail = entry.at("fail");
        auto expr = parse(input);
        EXPECT_EQ(expr.has_value(), !must_fail)
            << input << "  " << (expr.has_value() ? "" : expr.error().message);
        if (must_fail && !expr.has_value()) {
            const std::string wanted = entry.at("errMsg");
            ++messages;
            if (expr.error().message.find(wanted) == std::string::npos) {
                ++messages_wrong;
                std::cout << "input   " << input << "\nwanted  " << wanted << "\ngot     "
                          << expr.error().message << "\n";
            }
        }
        if (expr.has_value()) {
            const std::string text = to_string(**expr);
            auto again = parse(text);
            ASSERT_TRUE(again.has_value())
                << input << " -> " << text << ": " << again.error().message;
            EXPECT_EQ(to_string(**again), text);
            EXPECT_EQ(to_string(*parse(pretty(**expr)).value()), text) << input;
        }
    }
    EXPECT_GT(messages, 0U);
    EXPECT_LE(messages_wrong * 50, messages)
        << messages_wrong << " of " << messages << " messages differ";
}

}  // namespace
}  // namespace cistern::promql
