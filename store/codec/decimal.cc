// SPDX-License-Identifier: MIT
#include "store/codec/decimal.h"

#include "store/base/assert.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace cistern::store::codec {
namespace {

constexpr std::array<double, kExponentMax + 1> kPowers = {1e0,
                                                          1e1,
                                                          1e2,
                                                          1e3,
                                                          1e4,
                                                          1e5,
                                                          1e6,
                                                          1e7,
                                                          1e8,
                                                          1e9,
                                                          1e10,
                                                          1e11,
                                                          1e12,
                                                          1e13,
                                                          1e14,
                                                          1e15,
                                                          1e16,
                                                          1e17,
                                                          1e18};
constexpr double kMantissaMax = 2251799813685248.0;  // 2^51: rounding by addition works below it
constexpr double kRounder = 6755399441055744.0;      // 1.5 * 2^52: adding and subtracting it rounds
constexpr unsigned kFloatExponentMax = 7;            // a float holds 7 digits
constexpr size_t kSampleMax = 128;
constexpr size_t kExceptionShareMax = 5;  // at most n / 5 exceptions
constexpr double kBitsPerDigit = 3.32;
constexpr double kBitsPerException = 72;

template <Through Way>
double value_of(double mantissa, double power) {
    if constexpr (Way == Through::Float) {
        return static_cast<double>(static_cast<float>(mantissa / power));
    } else {
        return mantissa / power;
    }
}

template <Through Way>
bool is_decimal(double value, unsigned exponent) {
    const double mantissa = (value * kPowers[exponent] + kRounder) - kRounder;
    return std::fabs(mantissa) < kMantissaMax &&
           std::bit_cast<uint64_t>(value_of<Way>(mantissa, kPowers[exponent])) ==
               std::bit_cast<uint64_t>(value);
}

// The smallest exponent that works, or limit + 1.
template <Through Way>
unsigned digits_of(double value, unsigned limit) {
    for (unsigned exponent = 0; exponent <= limit; ++exponent) {
        if (is_decimal<Way>(value, exponent)) {
            return exponent;
        }
    }
    return limit + 1;
}

// The exponent with the fewest bits for a sample of the values; nothing when most are no decimals.
template <Through Way>
std::optional<unsigned> plan_exponent(std::span<const double> values) {
    constexpr unsigned kLimit = Way == Through::Float ? kFloatExponentMax : kExponentMax;
    const size_t samples = std::min(values.size(), kSampleMax);
    std::array<uint32_t, kExponentMax + 2> histogram{};
    for (size_t i = 0; i < samples; ++i) {
        ++histogram[digits_of<Way>(values[i * values.size() / samples], kLimit)];
    }
    std::optional<unsigned> best;
    double best_bits = 0;
    size_t covered = 0;
    for (unsigned exponent = 0; exponent <= kLimit; ++exponent) {
        covered += histogram[exponent];
        const size_t exceptions = samples - covered;
        const double bits = kBitsPerException * static_cast<double>(exceptions) +
                            kBitsPerDigit * exponent * static_cast<double>(covered);
        if (exceptions * kExceptionShareMax <= samples && (!best || bits < best_bits)) {
            best = exponent;
            best_bits = bits;
        }
    }
    return best;
}

template <Through Way>
DecimalColumn split(std::span<const double> values, unsigned exponent) {
    DecimalColumn column;
    column.exponent = exponent;
    column.mantissas.resize(values.size());
    const double power = kPowers[exponent];
    int64_t before = 0;
    uint64_t largest = 0;
    for (size_t i = 0; i < values.size(); ++i) {
        const double mantissa = (values[i] * power + kRounder) - kRounder;
        const bool exact = std::fabs(mantissa) < kMantissaMax &&
                           std::bit_cast<uint64_t>(value_of<Way>(mantissa, power)) ==
                               std::bit_cast<uint64_t>(values[i]);
        if (exact) {
            before = static_cast<int64_t>(mantissa);
            largest |= static_cast<uint64_t>(before < 0 ? -before : before);
        } else {
            column.exceptions.push_back(static_cast<uint32_t>(i));
        }
        column.mantissas[i] = before;
    }
    // Exceptions at the start take the first mantissa, not a jump from 0.
    size_t first = 0;
    while (first < column.exceptions.size() && column.exceptions[first] == first) {
        ++first;
    }
    if (first < values.size()) {
        std::fill_n(column.mantissas.begin(), first, column.mantissas[first]);
    }
    column.small =
        exponent <= kTwoProductExponentMax && largest < static_cast<uint64_t>(kSmallMantissa);
    return column;
}

template <Through Way>
std::optional<DecimalColumn> find(std::span<const double> values, std::optional<unsigned> hint) {
    if (hint) {
        DecimalColumn column = split<Way>(values, *hint);
        if (column.exceptions.size() * 64 <= values.size()) {
            return column;
        }
    }
    const std::optional<unsigned> exponent = plan_exponent<Way>(values);
    if (!exponent) {
        return std::nullopt;
    }
    DecimalColumn column = split<Way>(values, *exponent);
    if (column.exceptions.size() * kExceptionShareMax > values.size()) {
        return std::nullopt;
    }
    return column;
}

}  // namespace

std::optional<DecimalColumn> find_decimals(std::span<const double> values,
                                           Through through,
                                           std::optional<unsigned> hint) {
    if (through == Through::Float) {
        return find<Through::Float>(values,
                                    hint && *hint <= kFloatExponentMax ? hint : std::nullopt);
    }
    return find<Through::Double>(values, hint);
}

double power_of_ten(unsigned exponent) {
    CISTERN_ASSERT(exponent <= kExponentMax);
    return kPowers[exponent];
}

Scaler scaler_of(unsigned exponent) {
    CISTERN_ASSERT(exponent <= kTwoProductExponentMax);
    if (exponent == 0) {
        return {1, 0};
    }
    // 1 / 10^e to 22 bits, and the rest of it: 1 - high * 10^e is exact (22 + 27 bits).
    const double power = kPowers[exponent];
    const double near = 1 / power;
    const double high = std::bit_cast<double>(
        (std::bit_cast<uint64_t>(near) + (uint64_t{1} << 30)) & ~((uint64_t{1} << 31) - 1));
    return {high, (1 - high * power) / power};
}

}  // namespace cistern::store::codec
