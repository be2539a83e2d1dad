// SPDX-License-Identifier: MIT
#include "collector/mapping/mapper_impl.h"
#include "collector/mapping/naming.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::collector {
namespace {

// Random identifiers as topic levels: UUIDs, and long hexadecimal runs.
bool is_random_id(std::string_view level) {
    if (level.size() < 12) {
        return false;
    }
    size_t digits = 0;
    for (const char c : level) {
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (!hex && c != '-' && c != ':') {
            return false;
        }
        digits += c >= '0' && c <= '9' ? 1 : 0;
    }
    return digits > 0;
}

}  // namespace

bool MapperImpl::admit() {
    const Message& message = *state_.message;
    constexpr size_t kTopicMax = 4096;
    if (message.topic.size() > kTopicMax) {
        state_.drop(reason::kTopicTooLong);
    } else if (message.topic.empty() || !store::is_valid_utf8(message.topic) ||
               message.topic.find('\0') != std::string_view::npos) {
        state_.drop(reason::kBadTopic);
    } else if (message.payload.size() > options_.defaults.limits.payload_bytes) {
        state_.drop(reason::kOversize);
        state_.step(fmt::format("payload of {} bytes exceeds the limit of {}",
                                message.payload.size(),
                                options_.defaults.limits.payload_bytes));
    } else {
        return true;
    }
    return false;
}

void MapperImpl::forget_series(TopicPlan& plan) {
    for (const FieldMemo& memo : plan.fields) {
        state_.release(memo.slot);
    }
    plan.fields.clear();
}

TopicPlan& MapperImpl::plan_of(std::string_view topic) {
    TopicPlan* plan = topics_.find(topic);
    if (plan == nullptr) {
        plan = &topics_.add(topic, [this](TopicPlan& evicted) { forget_series(evicted); });
        compile_plan(*plan);
    } else if (plan->generation != state_.generation) {
        compile_plan(*plan);
    }
    return *plan;
}

// A place in the topic tree where ever new random names appear is not given series without end.
bool MapperImpl::looks_random(std::string_view topic) {
    constexpr uint32_t kNamesMax = 256;
    constexpr size_t kPlacesMax = 10000;
    const TopicLevels levels(topic);
    for (size_t i = 0; i < levels.count(); ++i) {
        if (!is_random_id(levels.level(i))) {
            continue;
        }
        std::string place(topic.substr(0, levels.start(i)));
        place += "*";
        place += topic.substr(levels.start(i) + levels.level(i).size());
        if (random_places_.size() >= kPlacesMax) {
            random_places_.clear();
        }
        return ++random_places_[place] > kNamesMax;
    }
    return false;
}

void MapperImpl::compile_plan(TopicPlan& plan) {
    const bool is_new = plan.generation == 0;
    forget_series(plan);
    plan.generation = state_.generation;
    plan.set_candidates({});
    plan.kind = TopicPlan::Kind::Ordinary;
    plan.entities = options_.ha_discovery.enabled ? discovery_.group(plan.topic()) : nullptr;
    const TopicLevels levels(plan.topic());
    if (discovery_.is_config(plan.topic())) {
        plan.kind = TopicPlan::Kind::Discovery;
    } else if (!sparkplug_.empty() && parse_sparkplug_topic(plan.topic()).has_value()) {
        plan.kind = TopicPlan::Kind::Sparkplug;
    }
    for (const TopicPattern& pattern : ignores_) {
        if (pattern.match(levels, captures_)) {
            plan.kind = TopicPlan::Kind::Ignored;
            return;
        }
    }
    candidates_.clear();
    all_captures_.clear();
    for (size_t i = 0; i < rules_.size(); ++i) {
        const CompiledRule& rule = *rules_[i];
        for (size_t p = 0; p < rule.patterns.size(); ++p) {
            if (!rule.patterns[p].match(levels, captures_)) {
                continue;
            }
            if (rule.is_generic && is_new && looks_random(plan.topic())) {
                plan.kind = TopicPlan::Kind::Random;
            }
            candidates_.push_back({static_cast<uint16_t>(i),
                                   static_cast<uint16_t>(all_captures_.size()),
                                   static_cast<uint16_t>(p)});
            all_captures_.insert(all_captures_.end(), captures_.begin(), captures_.end());
            break;
        }
        const bool last = !candidates_.empty() && candidates_.back().rule == i &&
                          rule.match.empty() && !rule.options.continue_after;
        if (last) {
            break;
        }
    }
    plan.set_candidates(topics_.keep(candidates_));
    plan.set_captures(all_captures_);
}

const Result<Decoded>& MapperImpl::decoded(size_t decoder) {
    if (!state_.message->content_type.empty()) [[unlikely]] {
        decoder = decoder_by_content_type(decoder);
    }
    DecodedPayload& entry = decoders_[decoder];
    if (entry.message != state_.message_number || !entry.result.has_value()) {
        entry.message = state_.message_number;
        entry.result.emplace(entry.decoder->decode(state_.message->payload, arena_));
        if (entry.result->has_value() && (*entry.result)->duplicate_keys) {
            state_.note(reason::kDuplicateKey);
        }
        if (entry.result->has_value() && (*entry.result)->repaired) {
            state_.note(reason::kRepaired);
        }
    }
    return *entry.result;
}

void MapperImpl::drop_undecodable(const Error& error) {
    const bool deep = error.message.find("deep") != std::string::npos;
    state_.drop(error.code == ErrorCode::Unsupported         ? reason::kBinary
                : error.code != ErrorCode::ResourceExhausted ? reason::kDecodeError
                : deep                                       ? reason::kTooDeep
                                                             : reason::kTooManyFields);
    state_.step(error.message);
}

bool MapperImpl::run_rule(CompiledRule& rule, const RuleCandidate& candidate) {
    if (rule.options.drop && rule.match.empty()) {
        state_.drop(reason::kIgnored);
        return true;
    }
    if (rule.is_raw_only) {
        state_.out->keep_raw = true;
        if (!rule.options.continue_after) {
            state_.drop(reason::kIgnored);
        }
        return true;
    }
    const Result<Decoded>& payload = decoded(rule.decoder);
    if (!payload.has_value()) {
        if (!rule.match.empty()) {
            return false;
        }
        drop_undecodable(payload.error());
        return true;
    }
    const bool matched = runner_.run(rule, candidate, *payload->root);
    state_.out->keep_raw |= matched && rule.options.raw.has_value();
    return matched;
}

void MapperImpl::learn_discovery() {
    state_.out->rule = "ha_discovery";
    const bool ours = options_.ha_discovery.enabled &&
                      (options_.ha_discovery.broker.empty() || state_.message->broker.empty() ||
                       options_.ha_discovery.broker == state_.message->broker);
    if (!ours) {
        state_.drop(reason::kIgnored);
        return;
    }
    std::vector<std::string> changed;
    const Status status = discovery_.learn(*state_.message, changed);
    if (status.has_value()) {
        state_.drop(reason::kMetadata);
        state_.step(fmt::format("discovery: {} topics have other entities now", changed.size()));
    } else {
        state_.drop(reason::kDecodeError);
        state_.step(status.error().message);
    }
    for (const std::string& topic : changed) {
        if (TopicPlan* plan = topics_.find(topic); plan != nullptr) {
            compile_plan(*plan);
        }
    }
}

void MapperImpl::run_entities() {
    state_.out->rule = "ha_discovery";
    if (auto_decoder_ == SIZE_MAX) {
        auto_decoder_ = decoder_of({}, "ha_discovery");
    }
    const Result<Decoded>& payload = decoded(auto_decoder_);
    discovery_.map(*state_.plan->entities, payload.has_value() ? payload->root : nullptr);
    const bool gone = !state_.plan->entities->availability.empty() && !state_.out->stale.empty();
    if (gone) {
        take_stale_of_presets();
    }
}

// A device known both to discovery and to a preset is gone for both: fields that only the preset
// names end, too.
void MapperImpl::take_stale_of_presets() {
    MappedMessage* const out = state_.out;
    const EntityGroup* const entities = state_.plan->entities;
    const bool explain = state_.explain;
    scratch_.clear();
    state_.out = &scratch_;
    state_.plan->entities = nullptr;
    state_.explain = false;
    SmallArray<FieldMemo> fields = std::move(state_.plan->fields);
    run_rules();
    forget_series(*state_.plan);
    state_.plan->fields = std::move(fields);
    state_.out = out;
    state_.plan->entities = entities;
    state_.explain = explain;
    for (StaleSeries& stale : scratch_.stale) {
        const bool known =
            std::any_of(out->stale.begin(), out->stale.end(), [&](const StaleSeries& one) {
                return one.db == stale.db && one.labels == stale.labels;
            });
        if (!known) {
            out->stale.push_back(std::move(stale));
        }
    }
}

void MapperImpl::run_rules() {
    const EntityGroup* const entities = state_.plan->entities;
    if (entities == nullptr || options_.ha_discovery.enrich) {
        run_candidates();
        return;
    }
    // enrich = false: discovery has only what no rule and no preset knows.
    state_.plan->entities = nullptr;
    const bool matched = run_candidates(true);
    state_.plan->entities = entities;
    if (!matched) {
        run_entities();
    }
}

// Tries the topic's rules in turn; true when one matched. With `known_only` the generic mapper is
// left out.
bool MapperImpl::run_candidates(bool known_only) {
    bool entities_done = state_.plan->entities == nullptr;
    bool any = false;
    // Rules of one family may share a topic: the first that matches names the message.
    for (const RuleCandidate& candidate : state_.plan->candidates()) {
        CompiledRule& rule = *rules_[candidate.rule];
        if (rule.is_preset && !entities_done) {
            entities_done = true;
            run_entities();
        }
        if (rule.is_generic && (known_only || state_.plan->entities != nullptr)) {
            return any;  // what its maker announced is what there is
        }
        const bool matched = run_rule(rule, candidate);
        any |= matched;
        if (state_.explain) {
            state_.step(fmt::format(
                "{} {}", rule.shown_name, matched ? "matches" : "does not match the payload"));
        }
        if (!matched) {
            continue;
        }
        if (state_.out->rule.empty()) {
            state_.out->rule = rule.shown_name;
        }
        if (!rule.options.continue_after) {
            return true;
        }
    }
    if (!entities_done) {
        run_entities();
    }
    return any;
}

void MapperImpl::finish() {
    if (state_.overflow) {
        state_.out->samples.clear();
        state_.out->texts.clear();
        state_.out->dropped.clear();
        state_.drop(reason::kTooManyFields);
        state_.step(fmt::format("more than {} samples in one message: none is taken",
                                options_.defaults.limits.samples));
    }
}

void MapperImpl::map(const Message& message, bool explain, MappedMessage& into) {
    into.clear();
    state_.message = &message;
    state_.out = &into;
    state_.explain = explain;
    state_.overflow = false;
    if (++state_.message_number == 0) {
        state_.message_number = 1;
    }
    if (!admit()) {
        return;
    }
    state_.plan = &plan_of(message.topic);
    state_.plan->cursor = 0;
    arena_.reset();
    switch (state_.plan->kind) {
        case TopicPlan::Kind::Ignored:
            into.rule = "ignore";
            state_.drop(reason::kIgnored);
            break;
        case TopicPlan::Kind::Random:
            into.rule = "generic";
            state_.drop(reason::kRandomTopic);
            break;
        case TopicPlan::Kind::Discovery:
            learn_discovery();
            break;
        case TopicPlan::Kind::Sparkplug:
            if (!run_sparkplug()) {
                run_rules();
            }
            break;
        default:
            run_rules();
            break;
    }
    if (into.rule.empty() && into.dropped.empty()) {
        state_.drop(reason::kUnmatched);
    }
    finish();
}

bool MapperImpl::run_sparkplug() {
    // User rules come first, here as everywhere.
    const auto topic = parse_sparkplug_topic(state_.message->topic);
    const bool user_rule =
        !state_.plan->candidates().empty() && !rules_[state_.plan->candidates()[0].rule]->is_preset;
    for (const auto& section : sparkplug_) {
        if (!user_rule && section->takes(*state_.message, *topic)) {
            state_.out->rule = "sparkplug";
            section->map(*state_.message, *topic);
            return true;
        }
    }
    return false;
}

void MapperImpl::tick(int64_t now_ns, MappedMessage& into) {
    into.clear();
    state_.out = &into;
    state_.explain = false;
    state_.overflow = false;
    for (const auto& section : sparkplug_) {
        section->tick(now_ns);
    }
}

bool MapperImpl::describe(SeriesKey key, MappedSeries& into) const {
    if (!state_.series.is_valid(key)) {
        return false;
    }
    state_.series.describe(key.slot(), into);
    const size_t rule = state_.series.about(key.slot()).rule;
    into.rule = rule == kDiscoveryRule ? "ha_discovery"
                : rule < rules_.size() ? rules_[rule]->shown_name
                                       : "sparkplug";
    return true;
}

Mapper::Usage MapperImpl::usage() const {
    return {topics_.size(),
            state_.series.size(),
            topics_.bytes() + state_.series.bytes() + discovery_.bytes()};
}

}  // namespace cistern::collector
