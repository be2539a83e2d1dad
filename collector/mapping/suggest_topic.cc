// SPDX-License-Identifier: MIT
#include "collector/mapping/suggest_topic.h"

#include "collector/mapping/naming.h"
#include "collector/mapping/topic_pattern.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::collector {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Levels that say what kind of message it is, not whose.
bool is_kind_of_message(std::string_view level) {
    constexpr std::string_view kWords[] = {
        "state",   "status", "value",   "data",     "telemetry",   "sensor",
        "sensors", "event",  "events",  "json",     "raw",         "up",
        "info",    "report", "reading", "readings", "measurement", "measurements",
        "values",  "update", "tele",    "stat",     "payload"};
    const std::string name = snake(level);
    return std::find(std::begin(kWords), std::end(kWords), name) != std::end(kWords);
}

// MAC addresses, UUIDs, serial numbers: more digits and hexadecimals than words.
bool is_identifier(std::string_view level) {
    const auto digits = static_cast<size_t>(std::count_if(level.begin(), level.end(), is_digit));
    const bool hex =
        level.find_first_not_of("0123456789abcdefABCDEF:-_.") == std::string_view::npos;
    constexpr size_t kLongHex = 6;
    return digits == level.size() || (hex && digits > 0 && level.size() >= kLongHex) ||
           digits * 2 > level.size();
}

// "line7" -> "line"; empty when the level is no numbered word.
std::string numbered_word(std::string_view level) {
    const size_t end = level.find_last_not_of("0123456789");
    if (end == std::string_view::npos || end + 1 == level.size()) {
        return {};
    }
    const std::string word = snake(level.substr(0, end + 1));
    return word.find_first_of("0123456789") == std::string::npos && word != "value" && word != "v"
               ? word
               : std::string();
}

// What a pattern cannot say literally is matched by place.
std::string literal(std::string_view level) {
    return level.find_first_of("{}+#") == std::string_view::npos ? std::string(level) : "+";
}

class TopicSuggestion {
  public:
    TopicSuggestion(std::string_view topic, bool plain) : levels_(topic) {
        const size_t count = levels_.count();
        captures_.resize(count);
        // The level that names the value, or the message, and the one that names the device.
        size_t last = count - 1;
        if (last > 0 && (is_kind_of_message(levels_.level(last)) || levels_.level(last).empty())) {
            --last;
        }
        const bool has_metric = plain && last > 0 && !is_identifier(levels_.level(last));
        if (has_metric) {
            captures_[last] = "metric";
        }
        const size_t end = has_metric ? last : last + 1;
        for (size_t i = 0; i < end; ++i) {
            name_level(i);
        }
        if (end > 1 && captures_[end - 1].empty() && !levels_.level(end - 1).empty()) {
            captures_[end - 1] = unused("device");
        }
        keep_one_literal();
        metric_ = snake(levels_.level(last));
        if (metric_.empty() || is_identifier(metric_)) {
            metric_ = "value";
        }
        needs_metric_ =
            plain && std::find(captures_.begin(), captures_.end(), "metric") == captures_.end();
    }

    void write(RuleOptions& rule) const {
        std::string pattern;
        for (size_t i = 0; i < levels_.count(); ++i) {
            const std::string& capture = captures_[i];
            pattern += i > 0 ? "/" : "";
            pattern += capture.empty() ? literal(levels_.level(i)) : "{" + capture + "}";
            if (capture == "metric") {
                rule.metric = "{metric}";
            } else if (!capture.empty()) {
                rule.labels.emplace_back(capture, "{" + capture + "}");
            }
        }
        if (needs_metric_) {
            rule.metric = metric_;
        }
        rule.topics = {pattern};
        rule.name = snake(levels_.level(0)).substr(0, 40);
        if (rule.name == "generic" || rule.name == "sparkplug" || rule.name == "ha_discovery") {
            rule.name += "_rule";
        }
    }

  private:
    // A pattern of captures alone would take the messages of everything else, too.
    void keep_one_literal() {
        const bool none = std::none_of(
            captures_.begin(), captures_.end(), [](const std::string& one) { return one.empty(); });
        if (none) {
            captures_.back().clear();
        }
    }

    void name_level(size_t i) {
        const std::string_view level = levels_.level(i);
        if (level.empty() || (i == 0 && levels_.count() > 1 && !is_identifier(level))) {
            return;
        }
        std::string name = is_identifier(level) ? "id" : numbered_word(level);
        if (name.empty() || name == "metric") {
            return;
        }
        // The level before an identifier often says of what it is: sensors/4711, room/3.
        const std::string before = i > 0 ? snake(levels_.level(i - 1)) : "";
        if (name == "id" && i > 1 && captures_[i - 1].empty() && !is_kind_of_message(before)) {
            name = before;
        }
        captures_[i] = unused(name);
    }

    [[nodiscard]] std::string unused(const std::string& word) const {
        std::string name = word;
        for (int n = 2; std::find(captures_.begin(), captures_.end(), name) != captures_.end();
             ++n) {
            name = fmt::format("{}{}", word, n);
        }
        return name;
    }

    TopicLevels levels_;
    std::vector<std::string> captures_;
    std::string metric_;
    bool needs_metric_ = false;
};

}  // namespace

void suggest_topic(std::string_view topic, bool plain, RuleOptions& rule) {
    TopicSuggestion(topic, plain).write(rule);
}

}  // namespace cistern::collector
