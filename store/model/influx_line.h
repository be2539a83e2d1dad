// SPDX-License-Identifier: MIT
// InfluxDB's line protocol: measurement[,tag=value...] field=value[,field=value...] [time]
// Source: InfluxDB v2 documentation, "Line protocol".
#pragma once

#include "store/base/result.h"
#include "store/model/labels.h"
#include "store/model/sample.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::store {

struct InfluxField {
    std::string_view name;  // as written: unescape_influx
    // Int for 1i and 1u (Float where int64 is too small); Float for the rest, booleans as 1 and 0.
    ValueType type = ValueType::Float;
    ValueBits value;
};

// Views into the parsed buffer.
struct InfluxLine {
    // Measurement and tags as written: with a field's name what a SeriesCache is asked for;
    // parse_influx_key reads it on a miss.
    std::string_view key;
    std::vector<InfluxField> fields;  // may be empty, when all were strings
    uint32_t strings_skipped = 0;     // text fields: not samples
    bool has_timestamp = false;
    TimestampNs timestamp = 0;
};

// Walks a buffer line by line; newlines inside quoted text fields belong to them. A bad line is
// reported whole (none of its fields counts) and the next one goes on.
class InfluxParser {
  public:
    // `precision_ns`: what one unit of the lines' timestamps is.
    explicit InfluxParser(std::string_view text, int64_t precision_ns = 1, size_t lines_before = 0)
        : left_(text), precision_ns_(precision_ns), number_(lines_before) {}

    enum class Step : uint8_t { Line, BadLine, End };
    Step next();

    [[nodiscard]] const InfluxLine& line() const { return line_; }
    // Where the line of the step before began, 1-based.
    [[nodiscard]] size_t line_number() const { return number_ + 1; }
    [[nodiscard]] const std::string& reason() const { return reason_; }

  private:
    Step parse(size_t& at);
    // Empty when all is well, else what is wrong.
    std::string parse_key(size_t& at);
    std::string parse_fields(size_t& at);
    std::string parse_value(size_t& at);
    std::string parse_string(size_t& at);
    std::string parse_timestamp(size_t& at);
    [[nodiscard]] bool at_line_end(size_t at) const;

    std::string_view left_;
    int64_t precision_ns_;
    size_t number_;        // lines before the one of the last step
    size_t newlines_ = 0;  // that this one took
    InfluxLine line_;
    std::string reason_;
};

// "n", "ns", "u", "us", "ms", "s", "m", "h" -> ns per unit; empty is ns.
Result<int64_t> parse_influx_precision(std::string_view text);

// Of measurement, tag keys, tag values and field keys: "\," "\=" "\ ".
std::string unescape_influx(std::string_view raw);

struct InfluxKey {
    std::string measurement;
    std::vector<Label> tags;  // in the order of the line
};
Result<InfluxKey> parse_influx_key(std::string_view key);

}  // namespace cistern::store
