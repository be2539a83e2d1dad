// SPDX-License-Identifier: MIT
// x to the y as 2.42 computes it: by repeated squaring, whose last digits differ from std::pow's.
// Seen once such a value goes on into sin(), % or count_values.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace cistern::promql {

inline double power(double base, double exponent) {
    constexpr double kIntegersEnd = 9.223372036854775808e18;
    constexpr int64_t kExponentEnd = 4096;  // beyond any double's
    const double size = std::fabs(exponent);
    const bool plain = std::isfinite(base) && base != 0 && std::isfinite(exponent) && size != 0 &&
                       size != 0.5 && size < kIntegersEnd && base != 1 && base != -1;
    double whole = 0;
    double fraction = std::modf(size, &whole);
    if (!plain || (fraction != 0 && base < 0)) {
        return std::pow(base, exponent);
    }
    double result = 1;
    if (fraction != 0) {
        if (fraction > 0.5) {
            fraction -= 1;
            whole += 1;
        }
        result = std::exp(fraction * std::log(base));
    }
    // base^whole as result * 2^result_exponent; the mantissa stays in [0.5, 1).
    int frexp_exponent = 0;
    double square = std::frexp(base, &frexp_exponent);
    int64_t square_exponent = frexp_exponent;
    int64_t result_exponent = 0;
    for (auto left = static_cast<uint64_t>(whole); left != 0; left >>= 1) {
        if (square_exponent < -kExponentEnd || square_exponent > kExponentEnd) {
            return std::pow(base, exponent);  // zero or infinite
        }
        if ((left & 1) != 0) {
            result *= square;
            result_exponent += square_exponent;
        }
        square *= square;
        square_exponent *= 2;
        if (square < 0.5) {
            square += square;
            --square_exponent;
        }
    }
    if (exponent < 0) {
        result = 1 / result;
        result_exponent = -result_exponent;
    }
    return std::scalbn(result, static_cast<int>(result_exponent));
}

}  // namespace cistern::promql
