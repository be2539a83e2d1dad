// SPDX-License-Identifier: MIT
// The parser proper: a Pratt parser over the lexer's tokens. Used by parser*.cc only.
#pragma once

#include "store/promql/ast.h"
#include "store/promql/lexer.h"
#include "store/promql/parse_error.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cistern::promql {

class Parser {
  public:
    explicit Parser(std::string_view query) : query_(query), tokens_(tokenize(query)) {}

    Result<ExprPtr> parse_query();
    Result<ExprPtr> parse_bare_selector();

  private:
    // parser.cc
    Result<ExprPtr> parse_expression(int weakest);
    Result<ExprPtr> parse_binary(ExprPtr left);
    Status parse_binary_modifiers(BinaryExpr& node);
    Result<ExprPtr> parse_operand();
    Result<ExprPtr> parse_signed();
    Result<ExprPtr> parse_primary();
    Result<ExprPtr> parse_parens();
    Result<std::vector<ExprPtr>> parse_arguments();
    Result<ExprPtr> parse_call();
    Result<ExprPtr> parse_aggregation();
    Result<bool> parse_aggregation_modifier(AggregateExpr& node);
    static bool starts_aggregation(TokenKind following);
    static bool starts_expression(TokenKind kind);
    // Sets the node's depth from its children's.
    Status deepen(Expr& node);

    // parser_selector.cc
    Result<ExprPtr> parse_vector_selector();
    Status parse_matchers(VectorSelector& node);
    Status parse_matcher(VectorSelector& node);
    Status parse_quoted_name(VectorSelector& node, bool& was_name);
    Result<std::vector<std::string>> parse_grouping_labels();
    Result<ExprPtr> parse_postfix(ExprPtr expr);
    Result<ExprPtr> parse_range(ExprPtr expr);
    Result<ExprPtr> make_matrix(ExprPtr expr, int64_t range_ms, size_t bracket);
    Status parse_subquery_rest(SubqueryExpr& node);
    Status parse_offset(Expr& expr);
    Status parse_at(Expr& expr);
    Status set_timestamp(Expr& expr, double seconds);
    Result<TimeShift*> shift_of(Expr& expr, std::string_view modifier);
    Result<int64_t> take_duration();
    Result<std::string> unquoted(const Token& literal);

    [[nodiscard]] const Token& here() const { return tokens_[index_]; }
    [[nodiscard]] const Token& next() const {
        return tokens_[std::min(index_ + 1, tokens_.size() - 1)];
    }
    // The last token (end or error) is never passed.
    Token take() {
        Token token = here();
        last_end_ = token.begin + token.text.size();
        if (index_ + 1 < tokens_.size()) {
            ++index_;
        }
        return token;
    }
    bool take_if(TokenKind kind) {
        if (here().kind != kind) {
            return false;
        }
        take();
        return true;
    }
    static Position position_of(const Token& token) {
        return {token.begin, token.begin + token.text.size()};
    }
    [[nodiscard]] tl::unexpected<Error> error_at(size_t offset, std::string_view message) const {
        return parse_error(query_, offset, message);
    }
    // The current token is not what the grammar wants; of a token that the lexer refused, why.
    [[nodiscard]] tl::unexpected<Error> unexpected(std::string_view context,
                                                   std::string_view expected) const;

    std::string_view query_;
    std::vector<Token> tokens_;
    size_t index_ = 0;
    size_t last_end_ = 0;  // behind the last token taken
    std::string context_;  // for messages: the construct being read
    int nesting_ = 0;
};

}  // namespace cistern::promql
