// SPDX-License-Identifier: MIT
#include "store/promql/binary_operation.h"

#include "store/promql/power.h"

#include <algorithm>
#include <cmath>

namespace cistern::promql {
namespace {

struct Add {
    double operator()(double a, double b) const { return a + b; }
};
struct Sub {
    double operator()(double a, double b) const { return a - b; }
};
struct Mul {
    double operator()(double a, double b) const { return a * b; }
};
struct Div {
    double operator()(double a, double b) const { return a / b; }
};
struct Mod {
    double operator()(double a, double b) const { return std::fmod(a, b); }
};
struct Pow {
    double operator()(double a, double b) const { return power(a, b); }
};
struct Atan2 {
    double operator()(double a, double b) const { return std::atan2(a, b); }
};

template <class Op>
void arithmetic(const Column& left, const Column& right, Column& out) {
    const Op op;
    for (size_t i = 0; i < out.size(); ++i) {
        out[i] = is_absent(left[i]) || is_absent(right[i]) ? absent() : op(left[i], right[i]);
    }
}

template <class Compare>
void filter(const Column& left, const Column& right, Column& out) {
    const Compare holds;
    for (size_t i = 0; i < out.size(); ++i) {
        const bool both = !is_absent(left[i]) && !is_absent(right[i]);
        out[i] = both && holds(left[i], right[i]) ? left[i] : absent();
    }
}

template <class Compare>
void compare(const Column& left, const Column& right, Column& out) {
    const Compare holds;
    for (size_t i = 0; i < out.size(); ++i) {
        const bool both = !is_absent(left[i]) && !is_absent(right[i]);
        out[i] = both ? (holds(left[i], right[i]) ? 1.0 : 0.0) : absent();
    }
}

template <class Compare>
ElementOp comparison(bool return_bool) {
    return return_bool ? compare<Compare> : filter<Compare>;
}

}  // namespace

ElementOp element_op(BinaryOp op, bool return_bool) {
    switch (op) {
        case BinaryOp::Add:
            return arithmetic<Add>;
        case BinaryOp::Sub:
            return arithmetic<Sub>;
        case BinaryOp::Mul:
            return arithmetic<Mul>;
        case BinaryOp::Div:
            return arithmetic<Div>;
        case BinaryOp::Mod:
            return arithmetic<Mod>;
        case BinaryOp::Pow:
            return arithmetic<Pow>;
        case BinaryOp::Atan2:
            return arithmetic<Atan2>;
        case BinaryOp::Equal:
            return comparison<std::equal_to<>>(return_bool);
        case BinaryOp::NotEqual:
            return comparison<std::not_equal_to<>>(return_bool);
        case BinaryOp::Less:
            return comparison<std::less<>>(return_bool);
        case BinaryOp::LessEqual:
            return comparison<std::less_equal<>>(return_bool);
        case BinaryOp::Greater:
            return comparison<std::greater<>>(return_bool);
        case BinaryOp::GreaterEqual:
            return comparison<std::greater_equal<>>(return_bool);
        case BinaryOp::And:
        case BinaryOp::Or:
        case BinaryOp::Unless:
            break;
    }
    return nullptr;
}

bool drops_name(BinaryOp op) {
    return op <= BinaryOp::Pow;
}

double apply_to_scalars(BinaryOp op, double left, double right) {
    Column out(1);
    element_op(op, true)({left}, {right}, out);
    return out[0];
}

Column scalars_with_scalars(BinaryOp op, Column left, const Column& right) {
    element_op(op, true)(left, right, left);
    return left;
}

Result<SeriesSet> vector_with_scalars(const BinaryExpr& node,
                                      SeriesSet vector,
                                      Column scalar,
                                      bool scalar_is_left,
                                      QueryContext& context) {
    const ElementOp op = element_op(node.op, node.return_bool);
    const bool filters = is_comparison(node.op) && !node.return_bool;
    SeriesSet result =
        map_columns(std::move(vector),
                    [op, filters, scalar_is_left, scalars = std::move(scalar)](Column& column) {
                        if (!scalar_is_left) {
                            op(column, scalars, column);
                        } else if (!filters) {
                            op(scalars, column, column);
                        } else {
                            // A filter keeps the vector's value wherever the vector stands.
                            const Column values = column;
                            op(scalars, values, column);
                            for (size_t i = 0; i < column.size(); ++i) {
                                column[i] = is_absent(column[i]) ? absent() : values[i];
                            }
                        }
                    });
    if (drops_name(node.op) || node.return_bool) {
        return drop_names(std::move(result), DuplicateRule::PerStep, context);
    }
    return result;
}

std::string match_key(const VectorMatching& matching, const SeriesLabels& series) {
    std::string key;
    if (matching.on) {
        for (const std::string& label : matching.labels) {
            SeriesLabels::append_to_key(key, {}, series.get(label));
        }
        return key;
    }
    series.for_each([&](std::string_view name, std::string_view value) {
        const auto& ignored = matching.labels;
        if (name != store::kMetricNameLabel &&
            std::find(ignored.begin(), ignored.end(), name) == ignored.end()) {
            SeriesLabels::append_to_key(key, name, value);
        }
    });
    return key;
}

}  // namespace cistern::promql
