// SPDX-License-Identifier: MIT
// The functions of PromQL: names, argument types, result types. What they compute is in
// *_functions.cc.
// Source: Prometheus 2.42 promql/parser/functions.go; sort_by_label, double_exponential_smoothing
// and mad_over_time are from 3.x.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cistern::promql {

enum class ValueType : uint8_t { Scalar, Vector, Matrix, String };
// scalar, vector, matrix, string: as in API answers.
std::string_view name_of(ValueType type);
// scalar, instant vector, range vector, string: as in messages.
std::string_view documented_name(ValueType type);

enum class FunctionId : uint8_t {
    Abs,
    Absent,
    AbsentOverTime,
    Acos,
    Acosh,
    Asin,
    Asinh,
    Atan,
    Atanh,
    AvgOverTime,
    Ceil,
    Changes,
    Clamp,
    ClampMax,
    ClampMin,
    Cos,
    Cosh,
    CountOverTime,
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    DaysInMonth,
    Deg,
    Delta,
    Deriv,
    DoubleExponentialSmoothing,
    Exp,
    Floor,
    HistogramCount,
    HistogramFraction,
    HistogramQuantile,
    HistogramSum,
    HoltWinters,
    Hour,
    Idelta,
    Increase,
    Irate,
    LabelJoin,
    LabelReplace,
    LastOverTime,
    Ln,
    Log10,
    Log2,
    MadOverTime,
    MaxOverTime,
    MinOverTime,
    Minute,
    Month,
    Pi,
    PredictLinear,
    PresentOverTime,
    QuantileOverTime,
    Rad,
    Rate,
    Resets,
    Round,
    Scalar,
    Sgn,
    Sin,
    Sinh,
    Sort,
    SortByLabel,
    SortByLabelDesc,
    SortDesc,
    Sqrt,
    StddevOverTime,
    StdvarOverTime,
    SumOverTime,
    Tan,
    Tanh,
    Time,
    Timestamp,
    Vector,
    Year,
};

struct Function {
    std::string_view name;
    FunctionId id;
    std::span<const ValueType> arguments;
    // How many of the last argument may be left out or added: 0 none, n up to n, -1 any number.
    int variadic = 0;
    ValueType returns = ValueType::Vector;
};

// Null when there is none. Case matters.
const Function* find_function(std::string_view name);
std::span<const Function> all_functions();

}  // namespace cistern::promql
