// SPDX-License-Identifier: MIT
#include "collector/decode/decoder.h"
#include "collector/decode/text_scalar.h"
#include "collector/mapping/mapper.h"
#include "collector/mapping/naming.h"
#include "collector/mapping/rule_toml.h"
#include "collector/mapping/suggest_topic.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::collector {
namespace {

constexpr size_t kPayloadShown = 4096;

// What quantities are usually counted in; by the last word of a metric's name.
constexpr std::pair<std::string_view, std::string_view> kUsualUnits[] = {
    {"temperature", "°C"}, {"temp", "°C"},         {"dewpoint", "°C"},  {"humidity", "%"},
    {"hum", "%"},          {"moisture", "%"},      {"battery", "%"},    {"soc", "%"},
    {"pressure", "hPa"},   {"power", "W"},         {"voltage", "V"},    {"volt", "V"},
    {"current", "A"},      {"energy", "kWh"},      {"frequency", "Hz"}, {"rssi", "dBm"},
    {"illuminance", "lx"}, {"lux", "lx"},          {"co2", "ppm"},      {"pm25", "µg/m³"},
    {"pm10", "µg/m³"},     {"linkquality", "lqi"}, {"uptime", "s"},     {"speed_rpm", "rpm"}};

std::string_view usual_unit(std::string_view name) {
    for (const auto& [word, unit] : kUsualUnits) {
        const bool whole = name == word;
        const bool last = name.size() > word.size() && name.ends_with(word) &&
                          name[name.size() - word.size() - 1] == '_';
        if (whole || last) {
            return unit;
        }
    }
    return {};
}

// Identities that devices put into their payloads.
constexpr std::string_view kIdentities[] = {"id",
                                            "mac",
                                            "model",
                                            "device",
                                            "device_id",
                                            "deviceId",
                                            "dev",
                                            "serial",
                                            "sensor",
                                            "sensor_id",
                                            "channel",
                                            "node",
                                            "name"};

size_t numbers_in(const Node& node) {
    if (node.is_container()) {
        size_t count = 0;
        for (const Node& child : children(node)) {
            count += numbers_in(child);
        }
        return count;
    }
    const bool text_number =
        node.kind == NodeKind::String && parse_scalar(node.text()).kind == ScalarKind::Number;
    return text_number || (node.kind != NodeKind::String && node.kind != NodeKind::Null) ? 1 : 0;
}

// The formats that must be named to be read; the first that finds numbers.
DecoderSpec decoder_for(std::string_view payload, bool binary) {
    std::vector<DecoderSpec> candidates;
    const auto add = [&candidates](std::string_view name) -> DecoderSpec& {
        candidates.emplace_back().name = name;
        return candidates.back();
    };
    if (binary) {
        add("cbor");
        add("msgpack");
    } else {
        if (payload.find('#') == 0 || payload.find('{') != std::string_view::npos) {
            add("prometheus");
        }
        if (payload.find('=') != std::string_view::npos) {
            // A first word with = is no measurement.
            if (payload.substr(0, payload.find_first_of(", ")).find('=') ==
                std::string_view::npos) {
                add("influx");
            }
            for (const char* separator : {"&", ";", ",", " "}) {
                add("key_value").kv_pair_separator = separator;
            }
        }
        add("list");
    }
    NodeArena arena;
    for (const DecoderSpec& spec : candidates) {
        const auto decoder = make_decoder(spec, {});
        if (!decoder.has_value()) {
            continue;
        }
        arena.reset();
        const auto decoded = (*decoder)->decode(payload, arena);
        const bool good =
            decoded.has_value() && decoded->root->is_container() && numbers_in(*decoded->root) > 0;
        // `a=1,b=2` of one pair is one that another separator splits further.
        const bool partial = good && spec.name == "key_value" && decoded->root->size < 2 &&
                             payload.find_first_of("&;, ") != std::string_view::npos;
        if (good && !partial) {
            return spec;
        }
    }
    return {};
}

const Node* first_of(const Node& object, std::initializer_list<std::string_view> keys) {
    for (const std::string_view key : keys) {
        if (const Node* const found = object.find(key); found != nullptr) {
            return found;
        }
    }
    return nullptr;
}

// [{"id": …, "v": …, "t": …}]: each element is one value under its own name.
bool read_elements(RuleOptions& rule, const Node& array, std::string_view path) {
    const Node* const element = array.is_array() && array.size > 0 ? array.at(0) : nullptr;
    if (element == nullptr || !element->is_object()) {
        return false;
    }
    const Node* const name = first_of(*element, {"id", "name", "n", "key", "tag", "metric"});
    const Node* const value = first_of(*element, {"v", "value", "val"});
    const Node* const time = first_of(*element, {"t", "ts", "time", "timestamp"});
    if (name == nullptr || value == nullptr || name->kind != NodeKind::String) {
        return false;
    }
    rule.each = fmt::format("{}[*]", path);
    rule.metric = fmt::format("{{$.{}|snake}}", name->key);
    rule.value = fmt::format("$.{}", value->key);
    if (time != nullptr) {
        rule.timestamp = TimestampOptions{};
        rule.timestamp->field = fmt::format("$.{}", time->key);
    }
    return true;
}

// Top-level members that say which device this is become labels.
void read_object(RuleOptions& rule, const Node& object) {
    for (const std::string_view key : kIdentities) {
        const Node* const member = object.find(key);
        const bool good =
            member != nullptr && (member->kind == NodeKind::Int ||
                                  (member->kind == NodeKind::String && member->size > 0));
        const std::string label = snake(key);
        const bool known = std::any_of(rule.labels.begin(),
                                       rule.labels.end(),
                                       [&](const auto& one) { return one.first == label; });
        if (!good || known) {
            continue;
        }
        rule.labels.emplace_back(label, fmt::format("{{$.{}}}", key));
        if (member->kind == NodeKind::Int) {
            rule.flatten = rule.flatten.has_value() ? rule.flatten : FlattenOptions{};
            rule.flatten->exclude.emplace_back(key);
        }
    }
}

void read_json(RuleOptions& rule, std::string_view payload) {
    NodeArena arena;
    const auto decoder = make_auto_decoder({});
    const auto decoded = decoder->decode(payload, arena);
    if (!decoded.has_value() || !decoded->root->is_container() ||
        read_elements(rule, *decoded->root, "$")) {
        return;
    }
    for (const Node& member : children(*decoded->root)) {
        const bool plain_key = member.key.find_first_of(".[]'\" ") == std::string_view::npos;
        if (plain_key && read_elements(rule, member, fmt::format("$.{}", member.key))) {
            return;
        }
    }
    if (decoded->root->is_object()) {
        read_object(rule, *decoded->root);
    }
}

// "21,5" and "21,5 °C"
bool has_decimal_comma(std::string_view text) {
    ScalarSyntax syntax;
    syntax.decimal = ',';
    return std::count(text.begin(), text.end(), ',') == 1 &&
           parse_scalar(text, syntax).kind == ScalarKind::Number;
}

struct Mapped {
    std::unique_ptr<Mapper> mapper;
    MappedMessage message;
};

bool map_with(const RuleOptions& rule,
              std::string_view topic,
              std::string_view payload,
              Mapped& into) {
    MappingOptions options;
    options.rules = {rule};
    options.presets = {};
    options.generic = false;
    auto mapper = Mapper::create(options);
    if (!mapper.has_value()) {
        return false;
    }
    into.mapper = std::move(*mapper);
    Message message;
    message.topic = topic;
    message.payload = payload;
    constexpr int64_t kSomeTime = 1'800'000'000'000'000'000;
    message.received_ns = kSomeTime;
    into.mapper->map(message, false, into.message);
    return true;
}

// Units of the metrics that come without one.
bool add_units(RuleOptions& rule, const Mapped& mapped) {
    MappedSeries series;
    for (const MappedSample& sample : mapped.message.samples) {
        mapped.mapper->describe(sample.series, series);
        const std::string metric(series.labels.get(store::kMetricNameLabel));
        const std::string_view unit = series.unit.empty() ? usual_unit(metric) : "";
        const bool known = std::any_of(rule.unit.begin(), rule.unit.end(), [&](const auto& one) {
            return one.first == metric;
        });
        if (!unit.empty() && !known) {
            rule.unit.emplace_back(metric, unit);
        }
    }
    return !rule.unit.empty();
}

// A basic string, or a literal one where that is easier to read.
std::string toml_text(std::string_view text) {
    const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f || c == '\'';
    });
    return plain ? fmt::format("'{}'", text) : toml_quoted(text);
}

std::string test_of(const RuleOptions& rule, std::string_view topic, std::string_view payload) {
    Mapped mapped;
    if (payload.size() > kPayloadShown || !store::is_valid_utf8(payload) ||
        payload.find('\0') != std::string_view::npos || !map_with(rule, topic, payload, mapped)) {
        return {};
    }
    std::string out = fmt::format("\n[[test]]\nname = {}\ntopic = {}\npayload = {}\nexpect = [\n",
                                  toml_quoted(rule.name),
                                  toml_text(topic),
                                  toml_text(payload));
    MappedSeries series;
    for (const MappedSample& sample : mapped.message.samples) {
        mapped.mapper->describe(sample.series, series);
        out += fmt::format(
            "  {},\n", toml_text(fmt::format("{} {}", series.labels.to_string(), sample.value)));
    }
    return out + "]\n";
}

}  // namespace

std::string suggest_rule(std::string_view topic, std::string_view payload) {
    const std::string_view text = trim_scalar(payload);
    const bool binary = looks_binary(text);
    const bool is_json = !binary && !text.empty() && (text[0] == '{' || text[0] == '[');
    const bool unread = binary || (!is_json && parse_scalar(text).kind == ScalarKind::Text);
    RuleOptions rule;
    if (unread && has_decimal_comma(text)) {
        rule.scalar.decimal = ',';
    } else if (unread) {
        rule.decode = decoder_for(binary ? payload : text, binary);
    }
    const bool plain = !is_json && rule.decode == DecoderSpec{};
    suggest_topic(topic, plain, rule);
    if (rule.decode.name == "list") {
        rule.metric = "value";  // by place: the fields have no names
    } else if (is_json) {
        read_json(rule, text);
    }
    std::string note;
    Mapped mapped;
    const bool works = map_with(rule, topic, payload, mapped);
    if (binary && plain) {
        note =
            "# the payload is binary: say how to read it, for example\n"
            "# decode = { binary = [ { name = \"temperature\", type = \"i16be\", scale = 0.01 } ] "
            "}\n";
    } else if (works && plain && unread && mapped.message.samples.empty()) {
        rule.map.emplace_back("*", ValueMap{{std::string(text.substr(0, 60)), 1}});
        note = "# give each word its number, or state = \"enum\" for a series per word\n";
    }
    if (works && add_units(rule, mapped)) {
        note += "# the units are the usual ones: check them\n";
    }
    return note + rule_to_toml(rule) + test_of(rule, topic, binary ? payload : text);
}

}  // namespace cistern::collector
