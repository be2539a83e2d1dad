// SPDX-License-Identifier: MIT
#include "collector/mapping/sparkplug_host.h"

#include "collector/decode/json.h"
#include "collector/mapping/reasons.h"
#include "collector/mapping/sparkplug_time.h"
#include "store/base/time_units.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::collector {
namespace {

constexpr double kRebirthTokens = 20;  // at once, of all nodes
constexpr double kRebirthTokensPerSecond = 1;

const SparkplugMetric* find_metric(const SparkplugPayload& payload, std::string_view name) {
    for (const SparkplugMetric& metric : payload.metrics) {
        if (metric.name == name) {
            return &metric;
        }
    }
    return nullptr;
}

int64_t payload_time(const SparkplugPayload& payload, int64_t otherwise) {
    return sparkplug_time_ns(payload.timestamp_ms).value_or(otherwise);
}

}  // namespace

void SparkplugOutcome::clear() {
    samples.clear();
    texts.clear();
    stale.clear();
    dropped.clear();
    notes.clear();
    actions.clear();
}

std::unique_ptr<SparkplugSession> SparkplugSession::create(const SparkplugOptions& options,
                                                           const Limits& limits) {
    return std::make_unique<SparkplugHost>(options, limits);
}

SparkplugHost::SparkplugHost(SparkplugOptions options, const Limits& limits)
    : options_(std::move(options)),
      limits_(limits),
      json_(make_json_decoder({})),
      rebirth_tokens_(kRebirthTokens) {}

void SparkplugHost::drop(Step& step, std::string_view reason, std::string field) const {
    step.out.dropped.push_back({reason, std::move(field)});
}

SparkplugNode* SparkplugHost::find_node(std::string_view broker,
                                        std::string_view group,
                                        std::string_view name) {
    const auto found = nodes_.find(node_key(broker, group, name));
    return found == nodes_.end() ? nullptr : &found->second;
}

// Null above the limit.
SparkplugNode* SparkplugHost::make_node(Step& step) {
    const std::string_view broker = step.message.broker;
    if (SparkplugNode* node = find_node(broker, step.topic.group, step.topic.node)) {
        return node;
    }
    if (nodes_.size() >= limits_.nodes) {
        drop(step, reason::kSeriesLimit);
        return nullptr;
    }
    SparkplugNode& node = nodes_[node_key(broker, step.topic.group, step.topic.node)];
    node.broker = broker;
    node.group = step.topic.group;
    node.name = step.topic.node;
    return &node;
}

// Null above the limit.
SparkplugDevice* SparkplugHost::make_device(Step& step) {
    SparkplugNode& node = *step.node;
    if (SparkplugDevice* device = node.find(step.topic.device)) {
        return device;
    }
    if (node.devices.size() > limits_.devices_per_node) {
        drop(step, reason::kSeriesLimit);
        return nullptr;
    }
    return &node.add(step.topic.device);
}

void SparkplugHost::handle(const Message& message,
                           const SparkplugTopic& topic,
                           SparkplugOutcome& into) {
    into.clear();
    replayed_.clear();
    Step step{message, topic, into};
    switch (topic.kind) {
        case SparkplugKind::State:
            return handle_state(step);
        case SparkplugKind::NodeCommand:
        case SparkplugKind::DeviceCommand:
            return drop(step, reason::kControl);
        case SparkplugKind::NodeBirth:
            return handle_node_birth(step);
        case SparkplugKind::DeviceBirth:
            return handle_device_birth(step);
        case SparkplugKind::NodeData:
        case SparkplugKind::DeviceData:
            return handle_data(step);
        case SparkplugKind::NodeDeath:
            return handle_node_death(step);
        case SparkplugKind::DeviceDeath:
            return handle_device_death(step);
    }
}

bool SparkplugHost::parse(Step& step) {
    SparkplugLimits limits;
    limits.metrics = limits_.metrics_per_message;
    const auto status = parse_sparkplug(step.message.payload, limits, payload_);
    if (!status.has_value()) {
        const bool too_much = status.error().code == ErrorCode::ResourceExhausted;
        drop(step, too_much ? reason::kTooManyFields : reason::kDecodeError);
    }
    return status.has_value();
}

void SparkplugHost::handle_node_birth(Step& step) {
    step.node = make_node(step);
    if (step.node == nullptr) {
        return;
    }
    SparkplugNode& node = *step.node;
    if (!parse(step)) {
        return ask_for_rebirth(node, step.message.received_ns, step.out);
    }
    const SparkplugMetric* bd_seq = find_metric(payload_, "bdSeq");
    const auto session = bd_seq != nullptr ? std::optional(bd_seq->value.bits) : std::nullopt;
    const bool same_session = node.born && session == node.bd_seq;
    // By the node's clock, as the births that follow: a marker of ours could lie after them.
    const int64_t birth_ns =
        std::min(payload_time(payload_, step.message.received_ns), step.message.received_ns);
    for (SparkplugDevice& device : node.devices) {
        // A rebirth of the same session is followed by its devices' births at once.
        if (!device.name.empty() && device.born && !same_session) {
            emit_stale(device, birth_ns, step.out);
            if (device.online != kNoDefinition) {  // unknown until its birth
                step.out.stale.push_back({device.online, birth_ns});
            }
        }
        device.born = false;
        device.aliases.clear();
    }
    node.born = true;
    node.bd_seq = session;
    node.last_rebirth_ns = 0;
    if (node.gap_due_ns != 0) {
        node.gap_due_ns = 0;
        step.out.actions.push_back(
            {MappedAction::Kind::CancelTimer, "cancel_timer", node.name, {}, 0});
    }
    node.sequence.begin(payload_.seq.value_or(0));
    step.device = &node.own();
    take_birth(step);
    emit_born(step);
    replay_held(step);
}

void SparkplugHost::emit_born(Step& step) {
    const int64_t told = payload_time(payload_, step.message.received_ns);
    const bool good = told > step.node->ended_ns;
    emit_online(step,
                *step.device,
                true,
                good ? told : step.message.received_ns,
                good && payload_.timestamp_ms.has_value());
}

// What a birth no longer names is gone.
void SparkplugHost::take_birth(Step& step) {
    step.device->begin_birth();
    step.is_birth = true;
    for (const SparkplugMetric& metric : payload_.metrics) {
        take_birth_metric(step, metric);
    }
    const int64_t birth_ns =
        std::min(payload_time(payload_, step.message.received_ns), step.message.received_ns);
    for (const auto& [name, metric] : step.device->metrics) {
        if (metric.was_born && !metric.born) {
            emit_stale(metric, birth_ns, step.out);
        }
    }
}

void SparkplugHost::handle_device_birth(Step& step) {
    step.node = make_node(step);
    if (step.node == nullptr) {
        return;
    }
    if (!parse(step)) {
        return ask_for_rebirth(*step.node, step.message.received_ns, step.out);
    }
    take_sequence(step);
    step.device = make_device(step);
    if (step.device == nullptr) {
        return;
    }
    take_birth(step);
    if (step.node->born) {
        emit_born(step);
        replay_held(step);
    } else {
        ask_for_rebirth(*step.node, step.message.received_ns, step.out);
    }
}

void SparkplugHost::handle_data(Step& step) {
    if (!parse(step)) {
        return;
    }
    step.node = make_node(step);
    if (step.node == nullptr) {
        return;
    }
    step.device = step.node->find(step.topic.device);
    if (!step.node->born || step.device == nullptr || !step.device->born) {
        hold(step);
        return ask_for_rebirth(*step.node, step.message.received_ns, step.out);
    }
    take_sequence(step);
    for (const SparkplugMetric& metric : payload_.metrics) {
        take_data_metric(step, metric);
    }
}

void SparkplugHost::handle_node_death(Step& step) {
    if (!parse(step)) {
        return;
    }
    step.node = make_node(step);
    if (step.node == nullptr) {
        return;
    }
    SparkplugNode& node = *step.node;
    forget_held(node);  // aliases of another session may mean other metrics
    const SparkplugMetric* bd_seq = find_metric(payload_, "bdSeq");
    if (bd_seq != nullptr && node.bd_seq && bd_seq->value.bits != *node.bd_seq) {
        return drop(step, reason::kOldSession);  // the will of an earlier connection
    }
    // The will was written at CONNECT: only the reception says when the node went away.
    const int64_t now_ns = step.message.received_ns;
    for (SparkplugDevice& device : node.devices) {
        emit_stale(device, now_ns, step.out);
        if (!device.name.empty() && device.born) {
            step.device = &device;
            emit_online(step, device, false, now_ns, false);
        }
        device.born = false;
    }
    step.device = &node.own();
    emit_online(step, node.own(), false, now_ns, false);
    node.born = false;
    node.ended_ns = now_ns;
    node.bd_seq.reset();
    node.sequence.forget();
    node.gap_due_ns = 0;
    node.last_rebirth_ns = 0;  // what comes next is another session
}

void SparkplugHost::handle_device_death(Step& step) {
    if (!parse(step)) {
        return;
    }
    step.node = make_node(step);
    if (step.node == nullptr) {
        return;
    }
    take_sequence(step);
    step.device = step.node->find(step.topic.device);
    if (!step.node->born || step.device == nullptr) {
        drop(step, reason::kBeforeBirth);
        return ask_for_rebirth(*step.node, step.message.received_ns, step.out);
    }
    const int64_t time = payload_time(payload_, step.message.received_ns);
    emit_stale(*step.device, time, step.out);
    emit_online(step, *step.device, false, time, payload_.timestamp_ms.has_value());
    step.device->born = false;
}

void SparkplugHost::take_sequence(Step& step) {
    SparkplugNode& node = *step.node;
    if (!payload_.seq || !node.born) {
        return;
    }
    switch (node.sequence.take(*payload_.seq)) {
        case SparkplugSequence::Step::InOrder:
        case SparkplugSequence::Step::Filled:
        case SparkplugSequence::Step::Repeated:
            return;
        case SparkplugSequence::Step::Complete:
            node.gap_due_ns = 0;
            step.out.actions.push_back(
                {MappedAction::Kind::CancelTimer, "cancel_timer", node.name, {}, 0});
            return;
        case SparkplugSequence::Step::Gap:
            break;
    }
    step.out.notes.push_back({reason::kSequenceGap, {}});
    if (options_.reorder_timeout_ns <= 0) {
        node.sequence.forget_missing();
        return ask_for_rebirth(node, step.message.received_ns, step.out);
    }
    if (node.gap_due_ns == 0) {
        node.gap_due_ns = step.message.received_ns + options_.reorder_timeout_ns;
        step.out.actions.push_back(
            {MappedAction::Kind::ReorderTimer, "reorder_timer", node.name, {}, node.gap_due_ns});
    }
}

void SparkplugHost::ask_for_rebirth(SparkplugNode& node, int64_t now_ns, SparkplugOutcome& out) {
    if (!options_.rebirth) {
        return;
    }
    if (node.last_rebirth_ns != 0 && now_ns - node.last_rebirth_ns < options_.rebirth_interval_ns) {
        return;
    }
    const double seconds =
        static_cast<double>(std::max<int64_t>(now_ns - tokens_at_ns_, 0)) / kNsPerSecond;
    rebirth_tokens_ = std::min(kRebirthTokens, rebirth_tokens_ + seconds * kRebirthTokensPerSecond);
    tokens_at_ns_ = now_ns;
    if (rebirth_tokens_ < 1) {
        return;  // the next message of the node asks again
    }
    rebirth_tokens_ -= 1;
    node.last_rebirth_ns = now_ns;
    out.actions.push_back({MappedAction::Kind::Publish,
                           "rebirth",
                           rebirth_topic(node.group, node.name),
                           encode_rebirth_command(static_cast<uint64_t>(now_ns / kNsPerMs)),
                           0,
                           0,
                           false,
                           node.broker});
}

void SparkplugHost::tick(int64_t now_ns, SparkplugOutcome& into) {
    into.clear();
    if (!options_.host_id.empty() && !state_told_) {
        publish_state(now_ns, into);
    }
    for (auto& [key, node] : nodes_) {
        if (node.gap_due_ns != 0 && node.gap_due_ns <= now_ns) {
            node.gap_due_ns = 0;
            node.sequence.forget_missing();
            ask_for_rebirth(node, now_ns, into);
        }
    }
}

}  // namespace cistern::collector
