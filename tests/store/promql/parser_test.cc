// SPDX-License-Identifier: MIT
#include "store/promql/parser.h"

#include "store/promql/printer.h"

#include <gtest/gtest.h>

#include <string>

namespace cistern::promql {
namespace {

std::string printed(std::string_view query) {
    auto expr = parse(query);
    return expr.has_value() ? to_string(**expr) : "ERROR " + expr.error().message;
}

TEST(Parser, PrintsAsPrometheusDoes) {
    EXPECT_EQ(
        printed("SUM(rate(http_requests_total{job=\"api\",code!~\"5..\"}[5m])) BY (job,code)"),
        "sum by (job, code) (rate(http_requests_total{code!~\"5..\",job=\"api\"}[5m]))");
    EXPECT_EQ(printed("a+b*c^-2"), "a + b * c ^ -2");
    EXPECT_EQ(printed("foo{} @ 1.5 offset -90m"), "foo @ 1.500 offset -1h30m");
    EXPECT_EQ(printed("max_over_time(x[1h:] @ end())"), "max_over_time(x[1h:] @ end())");
    EXPECT_EQ(printed("a / on(x) group_left(y) b"), "a / on (x) group_left (y) b");
    EXPECT_EQ(printed("a / ignoring() group_right() b"), "a / ignoring () group_right () b");
    EXPECT_EQ(printed("topk(3, a) > bool 1e-7"), "topk(3, a) > bool 1e-07");
    EXPECT_EQ(printed("{\"room.temp\", a=\"b\"}"), "{\"room.temp\",a=\"b\"}");
    EXPECT_EQ(printed("{__name__=\"up\"}"), "{__name__=\"up\"}");
}

TEST(Parser, BindsOperatorsAsPrometheusDoes) {
    const auto shape = [](std::string_view query) {
        auto expr = parse(query);
        EXPECT_TRUE(expr.has_value()) << query;
        const auto& top = as<BinaryExpr>(**expr);
        return to_string(*top.left) + " | " + to_string(*top.right);
    };
    EXPECT_EQ(shape("a ^ b ^ c"), "a | b ^ c");
    EXPECT_EQ(shape("a - b - c"), "a - b | c");
    EXPECT_EQ(shape("a or b and c"), "a | b and c");
    EXPECT_EQ(shape("a == b + c"), "a | b + c");
    EXPECT_EQ(shape("-a * b"), "-a | b");
    EXPECT_EQ(shape("2 ^ -a * b"), "2 ^ -a | b");
    EXPECT_EQ(parse("-a ^ b").value()->kind, ExprKind::Unary);
}

TEST(Parser, ReadsADatabaseAndADottedMetric) {
    auto expr = parse("rate(plant-1/room.temp.c{floor=\"2\"}[5m]) / 2");
    ASSERT_TRUE(expr.has_value()) << expr.error().message;
    const auto selectors = selectors_of(**expr);
    ASSERT_EQ(selectors.size(), 1U);
    EXPECT_EQ(selectors[0]->database, "plant-1");
    EXPECT_EQ(selectors[0]->name, "room.temp.c");
    EXPECT_EQ(to_string(**expr), "rate(plant-1/room.temp.c{floor=\"2\"}[5m]) / 2");
    EXPECT_EQ(parse("a/b").value()->kind, ExprKind::Binary);
    EXPECT_EQ(parse("a/b/2.5").value()->kind, ExprKind::Binary);
}

TEST(Parser, NamesPlaceAndReason) {
    EXPECT_EQ(printed("foo +\n  * 2"), "ERROR 2:3: parse error: unexpected <op:*>");
    EXPECT_EQ(printed("up{\"job\"=\"demo\"}"),
              "ERROR 1:4: parse error: unexpected string \"\\\"job\\\"\" in label matching, "
              "expected identifier or "
              "\"}\"");
    EXPECT_EQ(printed("rate(foo)"),
              "ERROR 1:6: parse error: expected type range vector in call to function \"rate\", "
              "got instant vector");
    EXPECT_EQ(printed("a{b=~\"(\"}"),
              "ERROR 1:3: parse error: error parsing regexp: missing closing ): `^(?:()$`");
    EXPECT_EQ(printed("a{b=~\"\\\\C\"}"),
              "ERROR 1:3: parse error: error parsing regexp: invalid escape sequence: `\\C`");
    EXPECT_EQ(printed("up)"), "ERROR 1:4: parse error: unexpected right parenthesis ')'");
    EXPECT_EQ(printed("up{a==~\"x\"}"),
              "ERROR 1:6: parse error: unexpected <op:=~> in label matching, expected string");
}

TEST(Parser, RefusesTooDeepTreesInsteadOfOverflowingTheStack) {
    EXPECT_FALSE(parse(std::string(100'000, '(')).has_value());
    EXPECT_FALSE(parse(std::string(100'000, '-') + "a").has_value());
    std::string chain = "a";
    for (int i = 0; i < 100'000; ++i) {
        chain += "+a";
    }
    EXPECT_FALSE(parse(chain).has_value());
    EXPECT_TRUE(parse(std::string(200, '(') + "a" + std::string(200, ')')).has_value());
}

TEST(Parser, ReadsTheConditionsOfABareSelector) {
    EXPECT_EQ(parse_selector("up{a=\"b\"}").value().size(), 2U);
    EXPECT_FALSE(parse_selector("up offset 5m").has_value());
    EXPECT_FALSE(parse_selector("rate(up[5m])").has_value());
}

TEST(Printer, BreaksLongQueriesOverLines) {
    const std::string inner(90, 'x');
    auto expr = parse("sum by (job) (rate(" + inner + "[5m])) + 1");
    EXPECT_EQ(pretty(**expr), "  sum by (job) (\n    rate(" + inner + "[5m])\n  )\n+\n  1");
}

}  // namespace
}  // namespace cistern::promql
