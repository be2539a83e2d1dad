// SPDX-License-Identifier: MIT
// The Prometheus text exposition format 0.0.4, and OpenMetrics 1.0 as far as samples and metadata
// go (exemplars are read over).
#pragma once

#include "store/model/sample.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cistern::store {

// Views into the parsed buffer.
struct PrometheusSample {
    // Name and labels as written: what a SeriesCache is asked for; parse_series_key
    // (KeyDialect::Prometheus) reads it on a miss. Its syntax is not checked before that.
    std::string_view key;
    double value = 0;
    bool has_timestamp = false;
    TimestampNs timestamp = 0;
};

struct PrometheusMetadata {
    enum class Kind : uint8_t { Type, Help, Unit };
    Kind kind = Kind::Type;
    std::string_view metric;  // OpenMetrics counters: without _total
    std::string_view text;    // Help is escaped: unescape_help
};

// Walks a buffer line by line, allocating nothing but the text of an error. A bad line is reported
// and the next one goes on.
class PrometheusParser {
  public:
    enum class Timestamps : uint8_t {
        Milliseconds,  // 0.0.4; a number with a fraction is taken as seconds all the same
        Seconds,       // OpenMetrics
    };
    explicit PrometheusParser(std::string_view text,
                              Timestamps timestamps = Timestamps::Milliseconds,
                              size_t lines_before = 0)
        : left_(text), timestamps_(timestamps), number_(lines_before) {}

    enum class Step : uint8_t { Sample, Metadata, BadLine, End };
    Step next();

    [[nodiscard]] const PrometheusSample& sample() const { return sample_; }
    [[nodiscard]] const PrometheusMetadata& metadata() const { return metadata_; }
    // Of the step before, 1-based.
    [[nodiscard]] size_t line_number() const { return number_; }
    [[nodiscard]] const std::string& reason() const { return reason_; }

  private:
    Step parse_sample(std::string_view line);
    // False: an ordinary comment.
    bool parse_comment(std::string_view line, Step& step);
    Step bad(std::string reason);

    std::string_view left_;
    Timestamps timestamps_;
    size_t number_;
    PrometheusSample sample_;
    PrometheusMetadata metadata_;
    std::string reason_;
};

// \\ and \n.
std::string unescape_help(std::string_view text);

}  // namespace cistern::store
