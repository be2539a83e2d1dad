// SPDX-License-Identifier: MIT
#include "store/base/assert.h"
#include "store/model/influx_line.h"

#include <cstdint>
#include <string>

using namespace cistern::store;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    InfluxParser parser(text, 1'000'000);
    size_t line = 0;
    for (auto step = parser.next(); step != InfluxParser::Step::End; step = parser.next()) {
        CISTERN_ASSERT(parser.line_number() > line);
        line = parser.line_number();
        if (step == InfluxParser::Step::Line) {
            // What the scanner accepted must be readable.
            CISTERN_ASSERT(parse_influx_key(parser.line().key).has_value());
            for (const InfluxField& field : parser.line().fields) {
                CISTERN_ASSERT(!unescape_influx(field.name).empty());
            }
        }
    }
    return 0;
}
