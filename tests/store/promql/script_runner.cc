// SPDX-License-Identifier: MIT
#include "tests/store/promql/script_runner.h"

#include "store/promql/format.h"
#include "store/promql/parser.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <regex>
#include <sstream>

namespace cistern::promql::test {
namespace {

constexpr int64_t kRangeStepMs = 60'000;

std::string trimmed(const std::string& text) {
    const size_t begin = text.find_first_not_of(" \t\r");
    return begin == std::string::npos
               ? ""
               : text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

int64_t duration_of(const std::string& text) {
    const auto duration = parse_duration(text);
    return duration.has_value() ? *duration : static_cast<int64_t>(std::stod(text) * 1000);
}

double number_of(const std::string& text) {
    const bool negative = text[0] == '-';
    const std::string digits = negative || text[0] == '+' ? text.substr(1) : text;
    const double value = parse_number(digits).value();
    return negative ? -value : value;
}

bool is_number(const std::string& text) {
    const std::string digits =
        !text.empty() && (text[0] == '-' || text[0] == '+') ? text.substr(1) : text;
    return parse_number(digits).has_value();
}

// metric{a="b"} rest -> labels, rest
std::pair<store::Labels, std::string> split_series(const std::string& line) {
    size_t end = 0;
    bool quoted = false;
    int braces = 0;
    for (; end < line.size(); ++end) {
        const char c = line[end];
        if (c == '"' && (end == 0 || line[end - 1] != '\\')) {
            quoted = !quoted;
        } else if (!quoted && (c == '{' || c == '}')) {
            braces += c == '{' ? 1 : -1;
        } else if (!quoted && braces == 0 && (c == ' ' || c == '\t')) {
            const size_t next = line.find_first_not_of(" \t", end);
            if (next == std::string::npos || line[next] != '{') {
                break;
            }
        }
    }
    const std::string selector = trimmed(line.substr(0, end));
    store::Labels labels;
    if (selector != "{}") {
        const std::vector<store::Matcher> matchers = parse_selector(selector).value();
        for (const store::Matcher& matcher : matchers) {
            labels.set(matcher.label(), matcher.value());
        }
    }
    return {labels, trimmed(line.substr(end))};
}

struct Item {
    bool gap = false;
    double value = 0;
};

// One word of a value sequence.
std::vector<Item> expand(const std::string& word) {
    static const std::regex kRepeat(R"((.+?)(?:([+-][^x+-]*(?:e[+-]?\d+)?))?x(\d+))");
    if (word == "stale") {
        return {{false, store::stale_marker()}};
    }
    if (word == "_") {
        return {{true, 0}};
    }
    std::smatch match;
    if (is_number(word) && word.find('x') == std::string::npos) {
        return {{false, number_of(word)}};
    }
    if (!std::regex_match(word, match, kRepeat)) {
        throw std::runtime_error("bad value " + word);
    }
    const auto count = static_cast<size_t>(std::stoul(match[3]));
    if (match[1] == "_") {
        return std::vector<Item>(count, Item{true, 0});
    }
    double value = match[1] == "stale" ? store::stale_marker() : number_of(match[1]);
    const double step = match[2].matched ? number_of(match[2]) : 0;
    std::vector<Item> items;
    for (size_t i = 0; i <= count; ++i) {
        items.push_back({false, value});
        value = match[1] == "stale" ? value : value + step;
    }
    return items;
}

bool nearly_equal(double a, double b) {
    constexpr double kTolerance = 1e-6;
    constexpr double kLeast = std::numeric_limits<double>::min();
    if (std::isnan(a) || std::isnan(b)) {
        return std::isnan(a) && std::isnan(b);
    }
    if (a == b) {
        return true;
    }
    const double difference = std::fabs(a - b);
    const double sum = std::fabs(a) + std::fabs(b);
    if (a == 0 || b == 0 || sum < kLeast) {
        return difference < kTolerance * kLeast;
    }
    return difference / std::min(sum, std::numeric_limits<double>::max()) < kTolerance;
}

}  // namespace

void ScriptRunner::failed(const std::string& what) {
    outcome_.failures.push_back("line " + std::to_string(eval_line_) + ": " + eval_text_ +
                                "\n    " + what);
}

// The indented lines that follow.
std::vector<std::string> ScriptRunner::take_block() {
    static const std::regex kCommand(R"((load|clear|eval)\b.*|eval_.*)");
    std::vector<std::string> block;
    while (at_ < lines_.size()) {
        const std::string line = trimmed(lines_[at_]);
        const bool indented =
            !lines_[at_].empty() && (lines_[at_][0] == ' ' || lines_[at_][0] == '\t');
        if (line.empty() || (!indented && std::regex_match(line, kCommand))) {
            break;
        }
        block.push_back(line);
        ++at_;
    }
    return block;
}

void ScriptRunner::load(const std::string& header) {
    std::istringstream head(header.substr(4));
    std::string step;
    std::string keyword;
    std::string stale_after;
    head >> step >> keyword >> stale_after;
    const int64_t step_ms = duration_of(step);
    for (const std::string& line : take_block()) {
        const auto [labels, values] = split_series(line);
        std::istringstream words(values);
        int64_t time_ms = 0;
        for (std::string word; words >> word;) {
            for (const Item& item : expand(word)) {
                if (!item.gap) {
                    querier_.add(labels, time_ms * 1'000'000, item.value);
                }
                time_ms += step_ms;
            }
        }
        if (keyword == "stale_after") {
            querier_.set_stale_after(
                labels,
                stale_after == "never" ? store::kNeverStale : duration_of(stale_after) * 1'000'000);
        }
    }
}

ScriptRunner::Expected ScriptRunner::read_expected() {
    Expected expected;
    const std::vector<std::string> block = take_block();
    if (block.size() == 1 && is_number(block[0])) {
        expected.is_scalar = true;
        expected.scalar = number_of(block[0]);
        return expected;
    }
    for (const std::string& line : block) {
        auto [labels, value] = split_series(line);
        expected.series.push_back({std::move(labels), {}, {number_of(value)}});
    }
    return expected;
}

void ScriptRunner::compare(const Expected& expected,
                           const std::vector<ResultSeries>& got,
                           bool ordered) {
    std::vector<ResultSeries> wanted = expected.series;
    std::vector<ResultSeries> present = got;
    const auto by_labels = [](const ResultSeries& a, const ResultSeries& b) {
        return a.labels < b.labels;
    };
    if (!ordered) {
        std::sort(wanted.begin(), wanted.end(), by_labels);
        std::sort(present.begin(), present.end(), by_labels);
    }
    std::string differences;
    for (size_t i = 0; i < std::max(wanted.size(), present.size()); ++i) {
        const auto text = [i](const std::vector<ResultSeries>& series) {
            return i < series.size()
                       ? series[i].labels.to_string() + " " + format_value(series[i].values[0])
                       : std::string("nothing");
        };
        const bool same = i < wanted.size() && i < present.size() &&
                          wanted[i].labels == present[i].labels &&
                          nearly_equal(wanted[i].values[0], present[i].values[0]);
        if (!same) {
            differences += "expected " + text(wanted) + ", got " + text(present) + "\n    ";
        }
    }
    if (!differences.empty()) {
        failed(differences);
    }
}

void ScriptRunner::check_range(const std::string& query,
                               int64_t time_ms,
                               const Expected& expected) {
    const auto result = engine_.range(
        querier_, query, time_ms - kRangeStepMs, time_ms + kRangeStepMs, kRangeStepMs);
    if (!result.has_value()) {
        return failed("as a range query: " + result.error().message);
    }
    std::vector<ResultSeries> middle;
    for (const ResultSeries& series : result->series) {
        for (size_t i = 0; i < series.values.size(); ++i) {
            if (series.timestamps_ms[i] == time_ms) {
                middle.push_back({series.labels, {time_ms}, {series.values[i]}});
            }
        }
    }
    Expected as_vector = expected;
    if (expected.is_scalar) {
        as_vector.series = {{store::Labels(), {}, {expected.scalar}}};
    }
    compare(as_vector, middle, false);
}

void ScriptRunner::evaluate(const std::string& header) {
    static const std::regex kEval(R"(eval(?:_(fail|ordered))?\s+instant\s+(?:at\s+(\S+)\s+)?(.+))");
    std::smatch match;
    eval_line_ = at_;
    eval_text_ = header;
    ++outcome_.evaluations;
    if (!std::regex_match(header, match, kEval)) {
        return failed("unknown command");
    }
    const std::string mode = match[1];
    const int64_t time_ms = match[2].matched ? duration_of(match[2]) : 0;
    const std::string query = match[3];
    const Expected expected = read_expected();
    const auto result = engine_.instant(querier_, query, time_ms);
    if (mode == "fail") {
        return result.has_value() ? failed("an error was expected") : void();
    }
    if (!result.has_value()) {
        return failed(result.error().message);
    }
    if (expected.is_scalar) {
        if (result->type != ValueType::Scalar || !nearly_equal(result->scalar, expected.scalar)) {
            failed("expected " + format_value(expected.scalar) + ", got " +
                   format_value(result->scalar));
        }
    } else {
        compare(expected, result->series, mode == "ordered");
    }
    if (mode != "ordered") {
        check_range(query, time_ms, expected);
    }
}

ScriptRunner::Outcome ScriptRunner::run(const std::string& script) {
    std::istringstream input(script);
    for (std::string line; std::getline(input, line);) {
        const std::string content = trimmed(line);
        lines_.push_back(!content.empty() && content[0] == '#' ? std::string() : line);
    }
    while (at_ < lines_.size()) {
        const std::string line = trimmed(lines_[at_++]);
        if (line.starts_with("load")) {
            load(line);
        } else if (line.starts_with("eval")) {
            evaluate(line);
        } else if (line == "clear") {
            querier_.clear();
        } else if (!line.empty()) {
            eval_line_ = at_;
            eval_text_ = line;
            failed("unknown command");
        }
    }
    return outcome_;
}

}  // namespace cistern::promql::test
