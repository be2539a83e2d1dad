// SPDX-License-Identifier: MIT
// The distinct values of a column: quantised sensors repeat few values that no arithmetic predicts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cistern::store::codec {

struct Dictionary {
    std::vector<int64_t> values;   // [distinct, ascending]
    std::vector<int64_t> indices;  // [n], into values
};

// False, with `dictionary` unspecified, when there are more than `distinct_max` values.
bool build_dictionary(std::span<const int64_t> values, size_t distinct_max, Dictionary& dictionary);

}  // namespace cistern::store::codec
