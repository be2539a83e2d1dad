// SPDX-License-Identifier: MIT
// What Sparkplug asks of a host beyond listening: data that came before their birth are not lost,
// and others can see that we are there.
#include "collector/decode/json.h"
#include "collector/decode/text_scalar.h"
#include "collector/mapping/reasons.h"
#include "collector/mapping/sparkplug_host.h"
#include "collector/mapping/sparkplug_time.h"
#include "store/base/time_units.h"

#include <fmt/format.h>

namespace cistern::collector {
namespace {

constexpr size_t kHeldPerNode = 256;
constexpr size_t kHeldBytesPerNode = 256 << 10;
constexpr size_t kHeldBytesMax = 4 << 20;  // of all nodes

size_t bytes_of(const SparkplugHeld& held) {
    return sizeof(held) + held.device.size() + held.payload.size();
}

std::string state_payload(bool online, int64_t time_ms) {
    return fmt::format(R"({{"online":{},"timestamp":{}}})", online, time_ms);
}

}  // namespace

// The oldest go first where there is no room.
void SparkplugHost::hold(Step& step) {
    std::deque<SparkplugHeld>& held = step.node->held;
    held.push_back({std::string(step.topic.device),
                    std::string(step.message.payload),
                    step.message.received_ns});
    held_bytes_ += bytes_of(held.back());
    size_t bytes = 0;
    for (const SparkplugHeld& one : held) {
        bytes += bytes_of(one);
    }
    step.out.notes.push_back({reason::kHeld, {}});
    while (!held.empty() && (held.size() > kHeldPerNode || bytes > kHeldBytesPerNode ||
                             held_bytes_ > kHeldBytesMax)) {
        bytes -= bytes_of(held.front());
        held_bytes_ -= bytes_of(held.front());
        held.pop_front();
        drop(step, reason::kBeforeBirth);
    }
}

void SparkplugHost::forget_held(SparkplugNode& node) {
    for (const SparkplugHeld& one : node.held) {
        held_bytes_ -= bytes_of(one);
    }
    node.held.clear();
}

// What was held for the device just born goes in as history, at its own time.
void SparkplugHost::replay_held(Step& step) {
    std::deque<SparkplugHeld> others;
    std::deque<SparkplugHeld> held;
    held.swap(step.node->held);
    SparkplugDevice* const born = step.device;
    for (SparkplugHeld& one : held) {
        if (one.device != born->name) {
            others.push_back(std::move(one));
            continue;
        }
        held_bytes_ -= bytes_of(one);
        replayed_.push_back(std::move(one.payload));
        Message message = step.message;
        message.payload = replayed_.back();
        message.received_ns = one.received_ns;
        Step again{message, step.topic, step.out};
        again.node = step.node;
        again.device = born;
        again.is_held = true;
        if (parse(again)) {
            for (const SparkplugMetric& metric : payload_.metrics) {
                take_data_metric(again, metric);
            }
        }
    }
    step.node->held = std::move(others);
}

std::optional<MappedWill> SparkplugHost::will(int64_t now_ns) {
    if (options_.host_id.empty()) {
        return std::nullopt;
    }
    state_ms_ = now_ns / kNsPerMs;
    state_told_ = false;
    MappedWill will;
    will.topic = "spBv1.0/STATE/" + options_.host_id;
    will.payload = state_payload(false, state_ms_);
    return will;
}

void SparkplugHost::publish_state(int64_t now_ns, SparkplugOutcome& out) {
    state_told_ = true;
    state_ms_ = state_ms_ != 0 ? state_ms_ : now_ns / kNsPerMs;
    out.actions.push_back({MappedAction::Kind::Publish,
                           "host_state",
                           "spBv1.0/STATE/" + options_.host_id,
                           state_payload(true, state_ms_),
                           0,
                           1,
                           true,
                           options_.broker});
}

void SparkplugHost::disconnected(std::string_view broker, int64_t now_ns, SparkplugOutcome& into) {
    into.clear();
    state_told_ = false;
    for (auto& [key, node] : nodes_) {
        if (node.broker != broker || !node.born) {
            continue;
        }
        for (const SparkplugDevice& device : node.devices) {
            emit_stale(device, now_ns, into);
        }
    }
}

// {"online": true, "timestamp": ms}, before version 3 ONLINE or OFFLINE.
void SparkplugHost::handle_state(Step& step) {
    const std::string_view text = trim_scalar(step.message.payload);
    SparkplugSample sample;
    sample.timestamp_ns = step.message.received_ns;
    if (equals_ignoring_case(text, "ONLINE") || equals_ignoring_case(text, "OFFLINE")) {
        sample.value = equals_ignoring_case(text, "ONLINE") ? 1 : 0;
    } else {
        arena_.reset();
        const auto decoded = json_->decode(text, arena_);
        const Node* online = decoded.has_value() ? decoded->root->find("online") : nullptr;
        if (online == nullptr || online->kind != NodeKind::Bool) {
            return drop(step, reason::kDecodeError);
        }
        sample.value = online->boolean ? 1 : 0;
        const Node* time = decoded->root->find("timestamp");
        if (time != nullptr && time->kind == NodeKind::Int) {
            if (const auto ns = sparkplug_time_ns(static_cast<uint64_t>(time->integer))) {
                sample.timestamp_ns = *ns;
                sample.timestamp_from_payload = true;
            }
        }
    }
    if (step.topic.host == options_.host_id && sample.value == 0) {
        publish_state(step.message.received_ns, step.out);  // a will of a connection before
    }
    auto found = hosts_.find(step.topic.host);
    if (found == hosts_.end()) {
        SparkplugDefinition definition;
        definition.host = step.topic.host;
        definition.name = "host_online";
        definition.is_status = true;
        const uint32_t number = define(std::move(definition));
        if (number == kNoDefinition) {
            return drop(step, reason::kSeriesLimit);
        }
        found = hosts_.emplace(step.topic.host, number).first;
    }
    sample.definition = found->second;
    step.out.samples.push_back(sample);
}

}  // namespace cistern::collector
