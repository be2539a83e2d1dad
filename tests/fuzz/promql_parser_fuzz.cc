// SPDX-License-Identifier: MIT
// Lexer, parser, type checker and printer on arbitrary bytes: no crash, and what prints parses
// again to the same text.
#include "store/promql/parser.h"
#include "store/promql/printer.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    using namespace cistern::promql;
    const std::string_view query(reinterpret_cast<const char*>(bytes), size);
    const auto expr = parse(query);
    if (!expr.has_value()) {
        return 0;
    }
    const std::string text = to_string(**expr);
    const auto again = parse(text);
    if (!again.has_value() || to_string(**again) != text) {
        std::abort();
    }
    const auto from_pretty = parse(pretty(**expr));
    if (!from_pretty.has_value() || to_string(**from_pretty) != text) {
        std::abort();
    }
    return 0;
}
