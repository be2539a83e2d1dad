// SPDX-License-Identifier: MIT
// Whatever the line parser accepts must print and parse back to the same.
#include "store/base/assert.h"
#include "store/model/line_protocol.h"
#include "store/model/series_key.h"

#include <cstdint>
#include <string>

using namespace cistern;
using namespace cistern::store;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    LineParser parser(text, 1'700'000'000'000'000'000);
    for (auto step = parser.next(); step != LineParser::Step::End; step = parser.next()) {
        if (step == LineParser::Step::BadLine) {
            CISTERN_ASSERT(!parser.reason().empty());
            continue;
        }
        const ParsedLine& line = parser.line();
        const auto labels = parse_series_key(line.key, KeyDialect::LineProtocol);
        if (!labels.has_value()) {
            continue;
        }
        std::string printed;
        LinePrinter("db", *labels, line.type).append(printed, line.timestamp, line.value);
        LineParser again(printed, 0);
        CISTERN_ASSERT(again.next() == LineParser::Step::Line);
        CISTERN_ASSERT(again.line().value == line.value && again.line().type == line.type);
        CISTERN_ASSERT(again.line().timestamp == line.timestamp);
        CISTERN_ASSERT(parse_series_key(again.line().key, KeyDialect::LineProtocol) == *labels);
    }
    return 0;
}
