// SPDX-License-Identifier: MIT
#include "store/base/assert.h"
#include "store/model/prometheus_text.h"
#include "store/model/series_key.h"

#include <cstdint>
#include <string>

using namespace cistern::store;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    for (const auto timestamps :
         {PrometheusParser::Timestamps::Milliseconds, PrometheusParser::Timestamps::Seconds}) {
        PrometheusParser parser(text, timestamps);
        size_t line = 0;
        for (auto step = parser.next(); step != PrometheusParser::Step::End; step = parser.next()) {
            CISTERN_ASSERT(parser.line_number() > line);
            line = parser.line_number();
            if (step == PrometheusParser::Step::Sample) {
                const auto labels = parse_series_key(parser.sample().key, KeyDialect::Prometheus);
                CISTERN_ASSERT(!labels.has_value() || validate_labels(*labels).has_value());
            } else if (step == PrometheusParser::Step::Metadata) {
                unescape_help(parser.metadata().text);
            }
        }
    }
    return 0;
}
