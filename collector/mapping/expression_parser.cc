// SPDX-License-Identifier: MIT
#include "collector/mapping/expression_cursor.h"
#include "collector/mapping/expression_functions.h"
#include "collector/mapping/expression_node.h"

#include <fmt/format.h>

namespace cistern::collector {
namespace {

using NodePtr = std::unique_ptr<ExprNode>;

NodePtr make(ExprOp op, NodePtr a = nullptr, NodePtr b = nullptr, NodePtr c = nullptr) {
    auto node = std::make_unique<ExprNode>();
    node->op = op;
    for (NodePtr* arg : {&a, &b, &c}) {
        if (*arg != nullptr) {
            node->args.push_back(std::move(*arg));
        }
    }
    return node;
}

NodePtr make_literal(ExprValue value) {
    auto node = std::make_unique<ExprNode>();
    node->literal = std::move(value);
    return node;
}

}  // namespace

class ExpressionParser : private ExpressionCursor {
  public:
    explicit ExpressionParser(std::string_view text) : ExpressionCursor(text) {}

    Result<Expression> run() {
        Expression out;
        out.root_ = TRY(conditional());
        skip();
        if (!rest_.empty()) {
            return wrong(fmt::format("'{}' is left over", rest_.substr(0, 20)));
        }
        return out;
    }

  private:
    using Parsed = Result<NodePtr>;
    static constexpr int kDepthMax = 60;

    Parsed conditional() {
        if (++depth_ > kDepthMax) {
            return wrong("nested too deeply");
        }
        NodePtr then = TRY(disjunction());
        while (take_word("if")) {
            NodePtr condition = TRY(disjunction());
            NodePtr other = take_word("else") ? TRY(conditional()) : make_literal(ExprValue::undefined());
            then =
                make(ExprOp::Conditional, std::move(condition), std::move(then), std::move(other));
        }
        --depth_;
        return then;
    }

    Parsed disjunction() {
        NodePtr left = TRY(conjunction());
        while (take_word("or")) {
            left = make(ExprOp::Or, std::move(left), TRY(conjunction()));
        }
        return left;
    }
    Parsed conjunction() {
        NodePtr left = TRY(negation());
        while (take_word("and")) {
            left = make(ExprOp::And, std::move(left), TRY(negation()));
        }
        return left;
    }
    Parsed negation() {
        bool negate = false;
        while (take_word("not")) {
            negate = !negate;
        }
        NodePtr inner = TRY(comparison());
        return negate ? make(ExprOp::Not, std::move(inner)) : std::move(inner);
    }

    Parsed comparison() {
        NodePtr left = TRY(sum());
        for (;;) {
            ExprOp op = take_comparison();
            if (op == ExprOp::Literal && take_word("in")) {
                op = ExprOp::In;
            } else if (op == ExprOp::Literal && take_word("not")) {
                if (!take_word("in")) {
                    return wrong("expected `in` after `not`");
                }
                op = ExprOp::NotIn;
            } else if (op == ExprOp::Literal && take_word("is")) {
                left = TRY(test(std::move(left)));
                continue;
            } else if (op == ExprOp::Literal) {
                return left;
            }
            left = make(op, std::move(left), TRY(sum()));
        }
    }

    ExprOp take_comparison() {
        constexpr std::pair<std::string_view, ExprOp> kSymbols[] = {{"==", ExprOp::Equal},
                                                                    {"!=", ExprOp::NotEqual},
                                                                    {"<=", ExprOp::LessEqual},
                                                                    {">=", ExprOp::GreaterEqual},
                                                                    {"<", ExprOp::Less},
                                                                    {">", ExprOp::Greater}};
        for (const auto& [symbol, op] : kSymbols) {
            if (take(symbol)) {
                return op;
            }
        }
        return ExprOp::Literal;
    }

    Parsed test(NodePtr subject) {
        const bool negated = take_word("not");
        skip();
        const std::string_view name = take_name();
        if (!is_expr_test(name)) {
            return unsupported(fmt::format("test `is {}`", name));
        }
        NodePtr node = make(ExprOp::Test, std::move(subject));
        if (expr_test_has_operand(name)) {
            node->args.push_back(TRY(unary()));
        }
        node->name = name;
        node->negated = negated;
        return node;
    }

    Parsed sum() {
        NodePtr left = TRY(product());
        for (;;) {
            const ExprOp op = take("+") ? ExprOp::Add : take("~") ? ExprOp::Concat : take_minus();
            if (op == ExprOp::Literal) {
                return left;
            }
            left = make(op, std::move(left), TRY(product()));
        }
    }
    ExprOp take_minus() { return take("-") ? ExprOp::Subtract : ExprOp::Literal; }

    Parsed product() {
        NodePtr left = TRY(unary());
        for (;;) {
            ExprOp op = ExprOp::Literal;
            if (take("//")) {
                op = ExprOp::FloorDivide;
            } else if (take("/")) {
                op = ExprOp::Divide;
            } else if (take("%")) {
                op = ExprOp::Modulo;
            } else if (rest_.substr(0, 2) != "**" && take("*")) {
                op = ExprOp::Multiply;
            } else {
                return left;
            }
            left = make(op, std::move(left), TRY(unary()));
        }
    }

    // Filters bind to what a sign made: -5 | abs is 5.
    Parsed unary(bool filters = true) {
        if (++depth_ > kDepthMax) {
            return wrong("nested too deeply");
        }
        NodePtr base;
        if (take("-")) {
            base = make(ExprOp::Negate, TRY(unary(false)));
        } else if (take("+")) {
            base = TRY(unary(false));
        } else {
            base = TRY(primary());
        }
        base = TRY(postfix(std::move(base), filters));
        --depth_;
        if (take("**")) {
            return make(ExprOp::Power, std::move(base), TRY(unary()));
        }
        return base;
    }

    Parsed postfix(NodePtr node, bool filters) {
        for (;;) {
            if (take(".")) {
                const std::string_view name = take_name();
                if (name.empty()) {
                    return wrong("a name is missing after the dot");
                }
                if (take("(")) {
                    node = TRY(call_of(name, std::move(node)));
                } else {
                    node = make(ExprOp::Member, std::move(node), make_literal(key_of(name)));
                }
            } else if (take("[")) {
                node = TRY(subscript(std::move(node)));
            } else if (filters && take("|")) {
                skip();
                const std::string_view name = take_name();
                const bool has_arguments = take("(");
                node = TRY(call_of(name, std::move(node), has_arguments));
            } else {
                return node;
            }
        }
    }

    static ExprValue key_of(std::string_view name) { return ExprValue::of_text(name); }

    Parsed subscript(NodePtr value) {
        NodePtr from = take(":") ? nullptr : TRY(conditional());
        if (from != nullptr && take("]")) {
            return make(ExprOp::Member, std::move(value), std::move(from));
        }
        if (from != nullptr && !take(":")) {
            return wrong("a [ lacks its ]");
        }
        if (from == nullptr) {
            from = make_literal(ExprValue::of_int(0));
        }
        NodePtr to = take("]") ? nullptr : TRY(conditional());
        if (to != nullptr && !take("]")) {
            return wrong("a [ lacks its ]");
        }
        if (to == nullptr) {
            to = make_literal(ExprValue::none());
        }
        return make(ExprOp::Slice, std::move(value), std::move(from), std::move(to));
    }

    Parsed call_of(std::string_view name, NodePtr subject, bool arguments = true) {
        if (!is_known_call(name)) {
            return unsupported(fmt::format("`{}`", name));
        }
        auto node = std::make_unique<ExprNode>();
        node->op = ExprOp::Call;
        node->name = name;
        if (subject != nullptr) {
            node->args.push_back(std::move(subject));
        }
        while (arguments && !take(")")) {
            const std::string_view given = take_argument_name();
            const size_t named = given.empty() ? 0 : argument_place(name, given);
            const size_t place = named > 0 ? named : node->args.size();
            while (node->args.size() < place) {
                node->args.push_back(make_literal(ExprValue::undefined()));
            }
            NodePtr argument = TRY(conditional());
            if (place < node->args.size()) {
                node->args[place] = std::move(argument);
            } else {
                node->args.push_back(std::move(argument));
            }
            if (!take(",") && (rest_.empty() || rest_[0] != ')')) {
                return wrong("a ( lacks its )");
            }
        }
        TRY(check_call(*node));
        if (node->name == "from_json") {
            return make(ExprOp::ValueJson);
        }
        return node;
    }

    Parsed primary() {
        skip();
        if (rest_.empty()) {
            return wrong("something is missing at the end");
        }
        const char c = rest_[0];
        if (c == '\'' || c == '"') {
            return text_literal();
        }
        if (is_digit(c) || (c == '.' && rest_.size() > 1 && is_digit(rest_[1]))) {
            return make_literal(take_expression_number(rest_));
        }
        if (c == '(' || c == '[') {
            return group();
        }
        if (c == '{') {
            return map_literal();
        }
        if (c == '$') {
            return payload_path();
        }
        const std::string_view name = take_name();
        if (name.empty()) {
            return wrong(fmt::format("'{}' is unexpected", rest_.substr(0, 10)));
        }
        return named(name);
    }

    Parsed named(std::string_view name) {
        if (name == "true" || name == "True") {
            return make_literal(ExprValue::of_bool(true));
        }
        if (name == "false" || name == "False") {
            return make_literal(ExprValue::of_bool(false));
        }
        if (name == "none" || name == "None" || name == "null") {
            return make_literal(ExprValue::none());
        }
        if (take("(")) {
            return call_of(name, nullptr);
        }
        constexpr std::string_view kForeign[] = {
            "states", "state_attr", "this", "now", "entity_id", "namespace", "loop"};
        for (const std::string_view foreign : kForeign) {
            if (name == foreign) {
                return unsupported(fmt::format("`{}`", name));
            }
        }
        auto node = std::make_unique<ExprNode>();
        node->name = name;
        node->op = name == "value"        ? ExprOp::ValueText
                   : name == "value_json" ? ExprOp::ValueJson
                                          : ExprOp::Variable;
        return node;
    }

    Parsed text_literal() {
        ExprValue text;
        if (!take_expression_text(rest_, text)) {
            return wrong("a text lacks its closing quote");
        }
        return make_literal(std::move(text));
    }

    Parsed group() {
        const bool list = rest_[0] == '[';
        const std::string_view close = list ? "]" : ")";
        rest_.remove_prefix(1);
        auto node = std::make_unique<ExprNode>();
        node->op = ExprOp::List;
        bool comma = false;
        while (!take(close)) {
            node->args.push_back(TRY(conditional()));
            if (take(",")) {
                comma = true;
            } else if (rest_.empty() || rest_[0] != close[0]) {
                return wrong("a bracket is not closed");
            }
        }
        if (!list && !comma && node->args.size() == 1) {
            return std::move(node->args[0]);
        }
        return node;
    }

    // {'a': 1, 'b': 2}
    Parsed map_literal() {
        rest_.remove_prefix(1);
        NodePtr node = make(ExprOp::Map);
        while (!take("}")) {
            node->args.push_back(TRY(conditional()));
            if (!take(":")) {
                return wrong("a : is missing between a key and its value");
            }
            node->args.push_back(TRY(conditional()));
            if (!take(",") && (rest_.empty() || rest_[0] != '}')) {
                return wrong("a { lacks its }");
            }
        }
        return node;
    }

    Parsed payload_path() {
        auto node = std::make_unique<ExprNode>();
        node->op = ExprOp::Path;
        node->path = TRY(FieldPath::parse(take_expression_path(rest_)));
        return node;
    }

    int depth_ = 0;
};

Result<Expression> Expression::parse(std::string_view text) {
    return ExpressionParser(text).run();
}

Expression::Expression() = default;
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

}  // namespace cistern::collector
