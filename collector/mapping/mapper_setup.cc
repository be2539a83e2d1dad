// SPDX-License-Identifier: MIT
// From options to compiled rules, with every problem found.
#include "collector/mapping/mapper_impl.h"
#include "collector/mapping/presets.h"
#include "collector/mapping/topic_filter.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::collector {
namespace {

DecodeLimits decode_limits(const MappingLimits& limits) {
    DecodeLimits out;
    out.depth = limits.depth;
    out.inflated_bytes = std::max(out.inflated_bytes, limits.payload_bytes);
    return out;
}

bool is_wanted(const std::vector<std::string>& presets, const std::string& family) {
    const auto has = [&](const std::string& name) {
        return std::find(presets.begin(), presets.end(), name) != presets.end();
    };
    return !has("-" + family) && (has("auto") || has(family));
}

}  // namespace

MapperImpl::MapperImpl(const MappingOptions& options)
    : options_(options),
      state_(options_.defaults),
      topics_(options.defaults.limits.known_topics),
      runner_(state_),
      discovery_(options_.ha_discovery, state_, kDiscoveryRule) {
    for (const IgnoreOptions& ignore : options_.ignores) {
        for (const std::string& topic : ignore.topics) {
            if (auto pattern = TopicPattern::parse(topic); pattern.has_value()) {
                ignores_.push_back(std::move(*pattern));
            } else {
                problems_.push_back("ignore: " + pattern.error().message);
            }
        }
    }
    for (size_t i = 0; i < options_.rules.size(); ++i) {
        if (options_.rules[i].name.empty()) {
            options_.rules[i].name = fmt::format("rule {}", i + 1);
        }
        check_name(options_.rules[i].name);
        add_rule(options_.rules[i]);
    }
    find_ignored();
    find_shadows();
    add_presets();
    if (options_.generic) {
        add_rule(generic_rule());
    }
    add_sparkplug();
}

void MapperImpl::add_sparkplug() {
    state_.rule_series.assign(size_t{kDiscoveryRule} + 1, {});
    for (const SparkplugOptions& section : options_.sparkplug) {
        const auto number = static_cast<uint16_t>(rules_.size() + sparkplug_.size());
        sparkplug_.push_back(
            std::make_unique<SparkplugMapping>(section, state_, number, problems_));
    }
}

size_t MapperImpl::decoder_of(const DecoderSpec& spec, const std::string& rule) {
    for (size_t i = 0; i < decoders_.size(); ++i) {
        if (decoders_[i].spec == spec) {
            return i;
        }
    }
    auto decoder = make_decoder(spec, decode_limits(options_.defaults.limits));
    if (!decoder.has_value()) {
        problems_.push_back(fmt::format("rule '{}': {}", rule, decoder.error().message));
        return 0;
    }
    DecodedPayload entry;
    entry.decoder = std::move(*decoder);
    entry.spec = spec;
    decoders_.push_back(std::move(entry));
    return decoders_.size() - 1;
}

// What an MQTT 5 publisher says about its payload decides where the rule leaves it open.
size_t MapperImpl::decoder_by_content_type(size_t decoder) {
    const std::string_view name = decoder_of_content_type(state_.message->content_type);
    if (name.empty() || name == "auto" || decoders_[decoder].spec.name != "auto") {
        return decoder;
    }
    DecoderSpec spec;
    spec.name = name;
    return decoder_of(spec, "content type");
}

void MapperImpl::add_rule(const RuleOptions& options) {
    auto rule = CompiledRule::compile(options, options_.defaults, problems_);
    rule->decoder = decoder_of(options.decode, options.name);
    rules_.push_back(std::move(rule));
}

void MapperImpl::add_presets() {
    std::vector<std::string> known = {"auto"};
    for (const Preset& preset : all_presets()) {
        known.push_back(preset.family);
        if (!is_wanted(options_.presets, preset.family)) {
            continue;
        }
        for (const IgnoreOptions& ignore : preset.ignores) {
            RuleOptions rule;
            rule.name = "preset:" + preset.family;
            rule.topics = ignore.topics;
            rule.drop = true;
            add_rule(rule);
        }
        for (const RuleOptions& rule : preset.rules) {
            add_rule(rule);
        }
    }
    for (const std::string& wanted : options_.presets) {
        const std::string name = wanted.rfind('-', 0) == 0 ? wanted.substr(1) : wanted;
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            problems_.push_back(fmt::format(
                "presets: '{}' is unknown; there are {}", wanted, fmt::join(known, ", ")));
        }
    }
}

// Names under which presets and the generic mapper appear; and each name once, for the counters.
void MapperImpl::check_name(const std::string& name) {
    if (name == "generic" || name == "sparkplug" || name == "ha_discovery" ||
        name.rfind("preset:", 0) == 0) {
        problems_.push_back(
            fmt::format("rule '{}': this name is taken; call the rule something else", name));
    }
    const bool twice = std::any_of(
        rules_.begin(), rules_.end(), [&](const auto& one) { return one->options.name == name; });
    if (twice) {
        warnings_.push_back(fmt::format(
            "rule '{}': another rule has the same name: what they do is counted together", name));
    }
}

// Rules whose messages an [[ignore]] takes.
void MapperImpl::find_ignored() {
    for (const auto& rule : rules_) {
        const bool all =
            !rule->patterns.empty() &&
            std::all_of(rule->patterns.begin(), rule->patterns.end(), [&](const TopicPattern& p) {
                return std::any_of(ignores_.begin(), ignores_.end(), [&](const TopicPattern& q) {
                    return q.covers(p);
                });
            });
        if (all) {
            warnings_.push_back(
                fmt::format("rule '{}' can never match: [[ignore]] takes every such topic",
                            rule->options.name));
        }
    }
}

void MapperImpl::find_shadows() {
    for (const auto& rule : rules_) {
        if (rule->options.raw.has_value()) {
            warnings_.push_back(fmt::format(
                "rule '{}': raw payloads are not recorded: of each topic the last one is shown "
                "under topics, older ones are gone",
                rule->options.name));
        }
    }
    for (size_t later = 1; later < rules_.size(); ++later) {
        for (size_t earlier = 0; earlier < later; ++earlier) {
            const CompiledRule& first = *rules_[earlier];
            const CompiledRule& second = *rules_[later];
            if (first.options.continue_after || !first.match.empty() || second.patterns.empty()) {
                continue;
            }
            const bool all = std::all_of(
                second.patterns.begin(), second.patterns.end(), [&](const TopicPattern& p) {
                    return std::any_of(first.patterns.begin(),
                                       first.patterns.end(),
                                       [&](const TopicPattern& q) { return q.covers(p); });
                });
            if (all) {
                warnings_.push_back(fmt::format(
                    "rule '{}' can never match: rule '{}' before it takes every such topic; "
                    "move it up, or give '{}' continue = true",
                    second.options.name,
                    first.options.name,
                    first.options.name));
                break;
            }
        }
    }
}

Result<std::unique_ptr<Mapper>> Mapper::create(const MappingOptions& options) {
    auto mapper = std::make_unique<MapperImpl>(options);
    if (!mapper->problems().empty()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{}", fmt::join(mapper->problems(), "\n")));
    }
    return mapper;
}

// The first section with a host_id speaks for the connection: it has one will.
std::optional<MappedWill> MapperImpl::will(std::string_view broker, int64_t now_ns) {
    for (const auto& section : sparkplug_) {
        if (auto will = section->will(broker, now_ns); will.has_value()) {
            return will;
        }
    }
    return std::nullopt;
}

std::vector<TopicFilter> MapperImpl::topic_filters() const {
    std::vector<TopicFilter> all;
    if (options_.ha_discovery.enabled) {
        all = discovery_.topic_filters();
    }
    if (options_.generic) {
        all.push_back({"#", 1});
    }
    for (const auto& rule : rules_) {
        if (!rule->options.drop && !rule->is_generic) {
            for (const TopicPattern& pattern : rule->patterns) {
                all.push_back({pattern.filter(), rule->options.qos});
            }
        }
    }
    for (const auto& section : sparkplug_) {
        const std::vector<TopicFilter> filters = section->topic_filters();
        all.insert(all.end(), filters.begin(), filters.end());
    }
    std::vector<TopicFilter> kept;
    for (size_t i = 0; i < all.size(); ++i) {
        const bool covered = std::any_of(all.begin(), all.end(), [&](const TopicFilter& other) {
            const bool same = other.filter == all[i].filter;
            const bool earlier = &other < &all[i];
            return &other != &all[i] && other.qos >= all[i].qos &&
                   filter_covers(other.filter, all[i].filter) &&
                   (!same || other.qos > all[i].qos || earlier);
        });
        if (!covered) {
            kept.push_back(all[i]);
        }
    }
    return kept;
}

}  // namespace cistern::collector
