// SPDX-License-Identifier: MIT
// Query strings and forms, percent escapes, and the times and durations that come in them.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "store/base/assert.h"
#include "web/parameters.h"
#include "web/seed_selector.h"
#include "web/time_parameters.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    using namespace cistern::web;
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    const auto parameters = Parameters::parse(text);
    if (parameters) {
        CISTERN_ASSERT(parameters->all().size() <= kParametersMax);
        for (const auto& [name, value] : parameters->all()) {
            CISTERN_ASSERT(parameters->find(name).has_value());
            (void)parse_time_ms(value, 0);
            (void)parse_duration_ms(value);
            (void)split_seed_selector(value);
        }
        const auto range = range_parameters(*parameters, 0);
        if (range) CISTERN_ASSERT(range->begin <= range->end);
    }
    const auto decoded = percent_decode(text, false);
    if (decoded) CISTERN_ASSERT(decoded->size() <= size);
    return 0;
}
