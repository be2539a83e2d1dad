// SPDX-License-Identifier: MIT
// What a series is: its definition, and what else is known about it.
#pragma once

#include "store/model/labels.h"
#include "store/model/sample.h"

#include <cstdint>
#include <string>

namespace cistern::store {

// What is known about a series beyond its labels. Empty fields mean "not known".
struct SeriesMetadata {
    std::string unit;
    std::string help;
    std::string type;            // "gauge", "counter" or empty
    int64_t stale_after_ns = 0;  // 0 = the query's lookback, -1 = never stale
    bool operator==(const SeriesMetadata&) const = default;
};

struct SeriesDefinition {
    SeriesId id;
    ValueType type = ValueType::Float;
    Labels labels;
};

}  // namespace cistern::store
