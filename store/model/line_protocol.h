// SPDX-License-Identifier: MIT
// Our line protocol, in and out:
//
//   [DB/]metric[{label="value",...}] value [time]
//   # a comment
//
//   value  42 -7 256i (Int); 3.14 1e-3 Inf NaN stale NaN(0x7ff0000000000002) (Float)
//   time   unix ns, "YYYY-MM-DD[ HH[:MM[:SS[.n]]]]" (UTC), RFC 3339, or -5m (before now)
//
// The first slash before the braces ends the database's name; later ones belong to the metric.
#pragma once

#include "store/model/labels.h"
#include "store/model/sample.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cistern::store {

// Views into the parsed buffer.
struct ParsedLine {
    size_t number = 0;          // 1-based
    std::string_view database;  // empty: none given
    // Metric and labels as written: what a SeriesCache is asked for; parse_series_key
    // (KeyDialect::LineProtocol) reads it on a miss. Its syntax is not checked before that.
    std::string_view key;
    ValueType type = ValueType::Float;
    ValueBits value;
    bool has_timestamp = false;
    TimestampNs timestamp = 0;
};

// Walks a buffer line by line, allocating nothing but the text of an error. A bad line is reported
// and the next one goes on.
class LineParser {
  public:
    // `now_ns` is what relative times count from. A buffer that continues an earlier one gives the
    // number of lines before.
    explicit LineParser(std::string_view text, TimestampNs now_ns, size_t lines_before = 0)
        : left_(text), now_ns_(now_ns), number_(lines_before) {}

    enum class Step : uint8_t { Line, BadLine, End };
    Step next();

    // After Step::Line.
    [[nodiscard]] const ParsedLine& line() const { return line_; }
    // After Step::BadLine: which line, and why.
    [[nodiscard]] size_t line_number() const { return number_; }
    [[nodiscard]] const std::string& reason() const { return reason_; }

  private:
    Step parse(std::string_view line);
    Step bad(std::string reason);

    std::string_view left_;
    TimestampNs now_ns_;
    size_t number_;
    ParsedLine line_;
    std::string reason_;
};

enum class TimeStyle : uint8_t { Text, UnixNs };

// Prints lines that parse back to the same series, type, bits and time. Set up once per series.
class LinePrinter {
  public:
    LinePrinter(std::string_view database,
                const Labels& labels,
                ValueType type,
                TimeStyle style = TimeStyle::Text);
    // One line with its newline.
    void append(std::string& out, TimestampNs timestamp, ValueBits value) const;

  private:
    std::string prefix_;  // database, slash, key, blank
    ValueType type_;
    TimeStyle style_;
};

}  // namespace cistern::store
