// SPDX-License-Identifier: MIT
#include "store/promql/instant_function.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace cistern::promql {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// NaN wins over any number, and +0 over -0: unlike std::fmax.
double larger(double a, double b) {
    if (std::isnan(a) || std::isnan(b)) {
        return std::isinf(a) && a > 0 ? a : (std::isinf(b) && b > 0 ? b : kNan);
    }
    if (a == 0 && b == 0) {
        return std::signbit(a) ? b : a;
    }
    return a > b ? a : b;
}

double smaller(double a, double b) {
    if (std::isnan(a) || std::isnan(b)) {
        return std::isinf(a) && a < 0 ? a : (std::isinf(b) && b < 0 ? b : kNan);
    }
    if (a == 0 && b == 0) {
        return std::signbit(a) ? a : b;
    }
    return a < b ? a : b;
}

double degrees(double radians) {
    return radians * 180 / std::numbers::pi;
}
double radians(double degrees) {
    return degrees * std::numbers::pi / 180;
}

double sign(double value) {
    if (value < 0) {
        return -1;
    }
    return value > 0 ? 1 : value;
}

// As 2.42 on amd64, which overflows where the nearest power of two does: at 709.43, not at 709.78.
double exponential(double value) {
    return value >= 1023.5 * std::numbers::ln2 ? std::numeric_limits<double>::infinity()
                                               : std::exp(value);
}

// Far out Go halves the exponential, which overflows a little before the function does.
constexpr double kFarOut = 21;

double hyperbolic_sine(double value) {
    if (std::fabs(value) > kFarOut) {
        return std::copysign(exponential(std::fabs(value)) * 0.5, value);
    }
    return std::sinh(value);
}

double hyperbolic_cosine(double value) {
    return std::fabs(value) > kFarOut ? exponential(std::fabs(value)) * 0.5 : std::cosh(value);
}

// Ties go up.
double round_to(double value, double nearest) {
    // The inverse causes fewer floating point inaccuracies.
    const double inverse = 1.0 / nearest;
    return std::floor(value * inverse + 0.5) / inverse;
}

template <class Change>
Result<SeriesSet> change_values(SeriesSet set, QueryContext& context, Change change) {
    set = map_columns(std::move(set), [change = std::move(change)](Column& column) {
        for (size_t step = 0; step < column.size(); ++step) {
            column[step] = is_absent(column[step]) ? column[step] : change(step, column[step]);
        }
    });
    return drop_names(std::move(set), DuplicateRule::PerStep, context);
}

}  // namespace

ValueFunction value_function(FunctionId id) {
    switch (id) {
        case FunctionId::Abs:
            return [](double v) { return std::fabs(v); };
        case FunctionId::Acos:
            return [](double v) { return std::acos(v); };
        case FunctionId::Acosh:
            return [](double v) { return std::acosh(v); };
        case FunctionId::Asin:
            return [](double v) { return std::asin(v); };
        case FunctionId::Asinh:
            return [](double v) { return std::asinh(v); };
        case FunctionId::Atan:
            return [](double v) { return std::atan(v); };
        case FunctionId::Atanh:
            return [](double v) { return std::atanh(v); };
        case FunctionId::Ceil:
            return [](double v) { return std::ceil(v); };
        case FunctionId::Cos:
            return [](double v) { return std::cos(v); };
        case FunctionId::Cosh:
            return hyperbolic_cosine;
        case FunctionId::Deg:
            return degrees;
        case FunctionId::Exp:
            return exponential;
        case FunctionId::Floor:
            return [](double v) { return std::floor(v); };
        case FunctionId::Ln:
            return [](double v) { return std::log(v); };
        case FunctionId::Log10:
            return [](double v) { return std::log10(v); };
        case FunctionId::Log2:
            return [](double v) { return std::log2(v); };
        case FunctionId::Rad:
            return radians;
        case FunctionId::Sgn:
            return sign;
        case FunctionId::Sin:
            return [](double v) { return std::sin(v); };
        case FunctionId::Sinh:
            return hyperbolic_sine;
        case FunctionId::Sqrt:
            return [](double v) { return std::sqrt(v); };
        case FunctionId::Tan:
            return [](double v) { return std::tan(v); };
        case FunctionId::Tanh:
            return [](double v) { return std::tanh(v); };
        default:
            return nullptr;
    }
}

Result<SeriesSet> apply_bounded_function(FunctionArguments arguments, QueryContext& context) {
    std::vector<Column> bounds = std::move(arguments.scalars);
    switch (arguments.node.function->id) {
        case FunctionId::ClampMin:
            return change_values(
                std::move(arguments.vector), context, [bounds](size_t step, double v) {
                    return larger(bounds[0][step], v);
                });
        case FunctionId::ClampMax:
            return change_values(
                std::move(arguments.vector), context, [bounds](size_t step, double v) {
                    return smaller(bounds[0][step], v);
                });
        case FunctionId::Clamp:
            return change_values(
                std::move(arguments.vector), context, [bounds](size_t step, double v) {
                    const double least = bounds[0][step];
                    const double most = bounds[1][step];
                    return most < least ? absent() : larger(least, smaller(most, v));
                });
        default:
            break;
    }
    if (bounds.empty()) {
        bounds.emplace_back(arguments.grid.count, 1.0);
    }
    return change_values(std::move(arguments.vector), context, [bounds](size_t step, double v) {
        return round_to(v, bounds[0][step]);
    });
}

}  // namespace cistern::promql
