// SPDX-License-Identifier: MIT
#include "collector/decode/text_scalar.h"

#include <cmath>
#include <cstddef>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace cistern::collector;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const char decimal : {'.', ','}) {
        ScalarSyntax syntax;
        syntax.decimal = decimal;
        const Scalar scalar = parse_scalar(text, syntax);
        if (!std::isfinite(scalar.value) || (!scalar.unit.empty() && !is_known_unit(scalar.unit))) {
            __builtin_trap();
        }
    }
    return 0;
}
