// SPDX-License-Identifier: MIT
#include "store/model/prometheus_text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cistern::store {
namespace {

using Step = PrometheusParser::Step;
using Kind = PrometheusMetadata::Kind;

TEST(PrometheusParser, ReadsTheExampleOfTheFormatsPage) {
    PrometheusParser parser(
        "# HELP http_requests_total The total number of HTTP requests.\n"
        "# TYPE http_requests_total counter\n"
        "http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000\n"
        "# a comment\n\n"
        "msdos_file_access_time_seconds{path=\"C:\\\\DIR\\\\FILE.TXT\",error=\"Cannot find "
        "file:\\n\\\"FILE.TXT\\\"\"} 1.458255915e9\n"
        "metric_without_timestamp_and_labels 12.47\n"
        "something_weird{problem=\"division by zero\"} +Inf -3982045\n");
    ASSERT_EQ(parser.next(), Step::Metadata);
    EXPECT_EQ(parser.metadata().kind, Kind::Help);
    EXPECT_EQ(parser.metadata().metric, "http_requests_total");
    EXPECT_EQ(parser.metadata().text, "The total number of HTTP requests.");
    ASSERT_EQ(parser.next(), Step::Metadata);
    EXPECT_EQ(parser.metadata().kind, Kind::Type);
    EXPECT_EQ(parser.metadata().text, "counter");
    ASSERT_EQ(parser.next(), Step::Sample);
    EXPECT_EQ(parser.sample().key, "http_requests_total{method=\"post\",code=\"200\"}");
    EXPECT_EQ(parser.sample().value, 1027);
    EXPECT_EQ(parser.sample().timestamp, 1'395'066'363'000'000'000);
    ASSERT_EQ(parser.next(), Step::Sample);
    EXPECT_EQ(parser.sample().value, 1458255915);
    EXPECT_FALSE(parser.sample().has_timestamp);
    ASSERT_EQ(parser.next(), Step::Sample);
    EXPECT_EQ(parser.sample().key, "metric_without_timestamp_and_labels");
    ASSERT_EQ(parser.next(), Step::Sample);
    EXPECT_TRUE(std::isinf(parser.sample().value));
    EXPECT_EQ(parser.sample().timestamp, -3'982'045'000'000);
    EXPECT_EQ(parser.line_number(), 8U);
    EXPECT_EQ(parser.next(), Step::End);
}

TEST(PrometheusParser, ReadsOpenMetricsSecondsUnitsAndExemplars) {
    PrometheusParser parser(
        "# TYPE foo_seconds counter\n# UNIT foo_seconds seconds\n"
        "foo_seconds_total{a=\"b\"} 17.0 1520879607.789 # {trace_id=\"x\"} 0.67 1520879607.7\n"
        "foo_seconds_total 1 # {trace_id=\"x\"} 0.67\n# EOF\n",
        PrometheusParser::Timestamps::Seconds);
    ASSERT_EQ(parser.next(), Step::Metadata);
    ASSERT_EQ(parser.next(), Step::Metadata);
    EXPECT_EQ(parser.metadata().kind, Kind::Unit);
    EXPECT_EQ(parser.metadata().text, "seconds");
    ASSERT_EQ(parser.next(), Step::Sample);
    EXPECT_EQ(parser.sample().timestamp, 1'520'879'607'789'000'000);
    ASSERT_EQ(parser.next(), Step::Sample);
    EXPECT_FALSE(parser.sample().has_timestamp);
    EXPECT_EQ(parser.next(), Step::End);
}

TEST(PrometheusParser, TakesBlanksTabsAndCrLf) {
    PrometheusParser parser("\t m {a=\"1\" , b=\"2\"}\t 5 \r\nn\t6\t7\r\n");
    ASSERT_EQ(parser.next(), Step::Sample);
    EXPECT_EQ(parser.sample().key, "m {a=\"1\" , b=\"2\"}");
    ASSERT_EQ(parser.next(), Step::Sample);
    EXPECT_EQ(parser.sample().timestamp, 7'000'000);
}

TEST(PrometheusParser, ReportsABadLineWithItsNumberAndGoesOn) {
    PrometheusParser parser(
        "a 1\nb\nc x\nd{e=\"f} 1\n# TYPE g bogus\nh 1 2 3\ni 1 9999999999999\nj 0x10\nk stale\nl 2\n");
    ASSERT_EQ(parser.next(), Step::Sample);
    const std::vector<std::pair<size_t, std::string>> expected = {
        {2, "the value is missing"},
        {3, "invalid numeric value \"x\""},
        {4, "the label braces or quotes are not closed"},
        {5, "invalid metric type \"bogus\""},
        {6, "unexpected text after the timestamp"},
        {7, "invalid timestamp \"9999999999999\""},
        {8, "invalid numeric value \"0x10\""},
        {9, "invalid numeric value \"stale\""}};
    for (const auto& [number, reason] : expected) {
        ASSERT_EQ(parser.next(), Step::BadLine) << reason;
        EXPECT_EQ(parser.line_number(), number);
        EXPECT_EQ(parser.reason(), reason);
    }
    ASSERT_EQ(parser.next(), Step::Sample);
    EXPECT_EQ(parser.sample().value, 2);
}

TEST(PrometheusParser, KeepsTheSignOfZero) {
    PrometheusParser parser("a -0\nb NaN\n");
    ASSERT_EQ(parser.next(), Step::Sample);
    EXPECT_TRUE(std::signbit(parser.sample().value));
    ASSERT_EQ(parser.next(), Step::Sample);
    EXPECT_TRUE(std::isnan(parser.sample().value));
}

TEST(PrometheusHelp, IsUnescaped) {
    EXPECT_EQ(unescape_help("a\\nb\\\\c\\d\\"), "a\nb\\c\\d\\");
}

}  // namespace
}  // namespace cistern::store
