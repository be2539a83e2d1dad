// SPDX-License-Identifier: MIT
#include "collector/decode/decoder.h"
#include "collector/decode/text_scalar.h"
#include "collector/mapping/mapper.h"
#include "collector/mapping/naming.h"
#include "collector/mapping/rule_toml.h"
#include "collector/mapping/topic_pattern.h"

#include <fmt/format.h>

namespace cistern::collector {
namespace {

bool has_digit(std::string_view text) {
    return text.find_first_of("0123456789") != std::string_view::npos;
}

// A level that tells one device from another, rather than what is measured.
std::string capture_name(std::string_view level, size_t at, size_t count) {
    if (at == 0 || at + 1 == count) {
        return {};
    }
    return has_digit(level) || at + 2 == count
               ? (at + 2 == count ? "device" : fmt::format("level{}", at))
               : std::string();
}

struct Suggestion {
    RuleOptions rule;
    std::string metric_level;
};

Suggestion suggest_topic(const TopicLevels& levels, bool plain) {
    Suggestion out;
    std::string pattern;
    const size_t count = levels.count();
    for (size_t i = 0; i < count; ++i) {
        pattern += i > 0 ? "/" : "";
        const std::string_view level = levels.level(i);
        const bool last = i + 1 == count;
        if (last && plain && count > 1) {
            pattern += "{metric}";
            out.rule.metric = "{metric}";
        } else if (last && !plain && count > 1) {
            pattern += "{device}";
            out.rule.labels.emplace_back("device", "{device}");
        } else if (const std::string name = plain ? capture_name(level, i, count) : std::string();
                   !name.empty()) {
            pattern += "{" + name + "}";
            out.rule.labels.emplace_back(name, "{" + name + "}");
        } else {
            // What a pattern cannot say literally is matched by place.
            pattern +=
                level.find_first_of("{}+#") == std::string_view::npos ? std::string(level) : "+";
        }
    }
    out.rule.topics = {pattern};
    return out;
}

std::string test_of(const RuleOptions& rule, std::string_view topic, std::string_view payload) {
    MappingOptions options;
    options.rules = {rule};
    const auto mapper = Mapper::create(options);
    if (!mapper.has_value() || payload.find("'''") != std::string_view::npos ||
        looks_binary(payload)) {
        return {};
    }
    Message message;
    message.topic = topic;
    message.payload = payload;
    constexpr int64_t kSomeTime = 1'800'000'000'000'000'000;
    message.received_ns = kSomeTime;
    MappedMessage mapped;
    (*mapper)->map(message, false, mapped);
    std::string out =
        fmt::format("\n[[test]]\nname = \"{}\"\ntopic = '{}'\npayload = '''{}'''\nexpect = [\n",
                    rule.name,
                    topic,
                    payload);
    MappedSeries series;
    for (const MappedSample& sample : mapped.samples) {
        (*mapper)->describe(sample.series, series);
        out += fmt::format("  '{} {}',\n", series.labels.to_string(), sample.value);
    }
    return out + "]\n";
}

}  // namespace

std::string suggest_rule(std::string_view topic, std::string_view payload) {
    constexpr size_t kPayloadShown = 4096;
    const TopicLevels levels(topic);
    const std::string_view text = trim_scalar(payload);
    const bool plain = text.empty() || (text[0] != '{' && text[0] != '[');
    Suggestion suggestion = suggest_topic(levels, plain);
    suggestion.rule.name = snake(levels.level(0)).substr(0, 40);
    const Scalar scalar = parse_scalar(text);
    std::string note;
    if (looks_binary(text)) {
        note =
            "# the payload is binary: say how to read it, for example\n"
            "# decode = { binary = [ { name = \"temperature\", type = \"i16be\", scale = 0.01 } ] "
            "}\n";
    } else if (plain && scalar.kind == ScalarKind::Text && !text.empty()) {
        suggestion.rule.map.emplace_back("*", ValueMap{{std::string(text.substr(0, 60)), 1}});
        note = "# give each word its number\n";
    }
    const std::string test =
        text.size() <= kPayloadShown && topic.find('\'') == std::string_view::npos
            ? test_of(suggestion.rule, topic, text)
            : std::string();
    return note + rule_to_toml(suggestion.rule) + test;
}

}  // namespace cistern::collector
