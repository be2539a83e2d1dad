// SPDX-License-Identifier: MIT
// The expression tree. Immutable once parsed; one struct per kind of node, told apart by `kind`.
#pragma once

#include "store/base/assert.h"
#include "store/model/matcher.h"
#include "store/promql/function.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cistern::promql {

enum class ExprKind : uint8_t {
    Number,
    String,
    Vector,
    Matrix,
    Subquery,
    Unary,
    Binary,
    Aggregate,
    Call,
    Paren,
};

enum class BinaryOp : uint8_t {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Atan2,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    Unless,
};

enum class AggregateOp : uint8_t {
    Sum,
    Avg,
    Count,
    Min,
    Max,
    Group,
    Stddev,
    Stdvar,
    TopK,
    BottomK,
    CountValues,
    Quantile,
    LimitK,
    LimitRatio,
};

inline bool is_comparison(BinaryOp op) {
    return op >= BinaryOp::Equal && op <= BinaryOp::GreaterEqual;
}
inline bool is_set_operation(BinaryOp op) {
    return op >= BinaryOp::And;
}
inline bool takes_parameter(AggregateOp op) {
    return op >= AggregateOp::TopK;
}
std::string_view name_of(BinaryOp op);
std::string_view name_of(AggregateOp op);

// Byte offsets in the query, [begin, end).
struct Position {
    size_t begin = 0;
    size_t end = 0;
};

struct Expr {
    ExprKind kind;
    Position position;
    int depth = 1;  // of the tree below, this node included

    Expr(ExprKind node_kind, Position where) : kind(node_kind), position(where) {}
    virtual ~Expr() = default;
    Expr(const Expr&) = delete;
    Expr& operator=(const Expr&) = delete;
};
using ExprPtr = std::unique_ptr<Expr>;

struct NumberLiteral final : Expr {
    static constexpr ExprKind kKind = ExprKind::Number;
    double value;
    NumberLiteral(Position where, double number) : Expr(kKind, where), value(number) {}
};

struct StringLiteral final : Expr {
    static constexpr ExprKind kKind = ExprKind::String;
    std::string value;
    StringLiteral(Position where, std::string text) : Expr(kKind, where), value(std::move(text)) {}
};

// Where in time a selector or subquery looks: offset and @.
struct TimeShift {
    enum class Anchor : uint8_t { None, Timestamp, Start, End };
    int64_t offset_ms = 0;
    Anchor anchor = Anchor::None;
    int64_t at_ms = 0;  // Anchor::Timestamp
};

struct VectorSelector final : Expr {
    static constexpr ExprKind kKind = ExprKind::Vector;
    std::string name;      // as written before or, quoted, in the braces; empty when there is none
    std::string database;  // of db/metric.name; empty = the query's own
    // All conditions, the one on the name too.
    std::vector<store::Matcher> matchers;
    TimeShift shift;
    explicit VectorSelector(Position where) : Expr(kKind, where) {}
};

struct MatrixSelector final : Expr {
    static constexpr ExprKind kKind = ExprKind::Matrix;
    std::unique_ptr<VectorSelector> selector;
    int64_t range_ms;
    MatrixSelector(Position where, std::unique_ptr<VectorSelector> vector, int64_t range)
        : Expr(kKind, where), selector(std::move(vector)), range_ms(range) {}
};

struct SubqueryExpr final : Expr {
    static constexpr ExprKind kKind = ExprKind::Subquery;
    ExprPtr expr;
    int64_t range_ms = 0;
    int64_t step_ms = 0;  // 0 = the engine's default
    TimeShift shift;
    SubqueryExpr(Position where, ExprPtr inner) : Expr(kKind, where), expr(std::move(inner)) {}
};

struct UnaryExpr final : Expr {
    static constexpr ExprKind kKind = ExprKind::Unary;
    bool negative;
    ExprPtr expr;
    UnaryExpr(Position where, bool minus, ExprPtr inner)
        : Expr(kKind, where), negative(minus), expr(std::move(inner)) {}
};

struct VectorMatching {
    enum class Cardinality : uint8_t { OneToOne, ManyToOne, OneToMany, ManyToMany };
    Cardinality cardinality = Cardinality::OneToOne;
    bool on = false;                   // else ignoring
    std::vector<std::string> labels;   // of on() or ignoring()
    std::vector<std::string> include;  // of group_left() or group_right()
};

struct BinaryExpr final : Expr {
    static constexpr ExprKind kKind = ExprKind::Binary;
    BinaryOp op;
    ExprPtr left;
    ExprPtr right;
    bool return_bool = false;
    VectorMatching matching;  // meaningful between two vectors only
    Position op_position;
    BinaryExpr(Position where, BinaryOp operation, ExprPtr lhs, ExprPtr rhs)
        : Expr(kKind, where), op(operation), left(std::move(lhs)), right(std::move(rhs)) {}
};

struct AggregateExpr final : Expr {
    static constexpr ExprKind kKind = ExprKind::Aggregate;
    AggregateOp op;
    ExprPtr expr;
    ExprPtr parameter;  // null when the operator takes none
    bool without = false;
    std::vector<std::string> grouping;
    AggregateExpr(Position where, AggregateOp operation) : Expr(kKind, where), op(operation) {}
};

struct Call final : Expr {
    static constexpr ExprKind kKind = ExprKind::Call;
    const Function* function;  // from the table: lives for ever
    std::vector<ExprPtr> arguments;
    Call(Position where, const Function* callee) : Expr(kKind, where), function(callee) {}
};

struct ParenExpr final : Expr {
    static constexpr ExprKind kKind = ExprKind::Paren;
    ExprPtr expr;
    ParenExpr(Position where, ExprPtr inner) : Expr(kKind, where), expr(std::move(inner)) {}
};

template <class Node>
const Node& as(const Expr& expr) {
    CISTERN_ASSERT(expr.kind == Node::kKind);
    return static_cast<const Node&>(expr);
}
template <class Node>
Node& as(Expr& expr) {
    CISTERN_ASSERT(expr.kind == Node::kKind);
    return static_cast<Node&>(expr);
}
template <class Node>
const Node* as_if(const Expr& expr) {
    return expr.kind == Node::kKind ? static_cast<const Node*>(&expr) : nullptr;
}

ValueType type_of(const Expr& expr);
// The expression inside any number of parentheses.
const Expr& without_parens(const Expr& expr);
// Calls visit for each direct child.
template <class Visit>
void for_each_child(const Expr& expr, const Visit& visit);
// Every selector of the tree, in the order of the text.
std::vector<const VectorSelector*> selectors_of(const Expr& expr);

template <class Visit>
void for_each_child(const Expr& expr, const Visit& visit) {
    switch (expr.kind) {
        case ExprKind::Number:
        case ExprKind::String:
        case ExprKind::Vector:
            return;
        case ExprKind::Matrix:
            visit(*as<MatrixSelector>(expr).selector);
            return;
        case ExprKind::Subquery:
            visit(*as<SubqueryExpr>(expr).expr);
            return;
        case ExprKind::Unary:
            visit(*as<UnaryExpr>(expr).expr);
            return;
        case ExprKind::Paren:
            visit(*as<ParenExpr>(expr).expr);
            return;
        case ExprKind::Binary:
            visit(*as<BinaryExpr>(expr).left);
            visit(*as<BinaryExpr>(expr).right);
            return;
        case ExprKind::Aggregate:
            if (as<AggregateExpr>(expr).parameter != nullptr) {
                visit(*as<AggregateExpr>(expr).parameter);
            }
            visit(*as<AggregateExpr>(expr).expr);
            return;
        case ExprKind::Call:
            for (const ExprPtr& argument : as<Call>(expr).arguments) {
                visit(*argument);
            }
            return;
    }
}

}  // namespace cistern::promql
