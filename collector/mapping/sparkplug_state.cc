// SPDX-License-Identifier: MIT
// What a session remembers over a restart, so that data resolves at once: magic, CRC, then nodes
// with their devices, metrics and aliases.
#include "collector/mapping/sparkplug_host.h"
#include "store/base/bytes.h"
#include "store/base/crc32c.h"

#include <fmt/format.h>

namespace cistern::collector {
namespace {

constexpr uint32_t kMagic = 0x31425053;  // "SPB1"
constexpr size_t kCrcAt = 4;
constexpr size_t kHeaderBytes = 8;

enum NodeFlag : uint8_t { kNodeBorn = 1, kHasBdSeq = 2, kHasSequence = 4 };
enum DeviceFlag : uint8_t { kDeviceBorn = 1, kHasOnline = 2 };
enum MetricFlag : uint8_t { kIsControl = 1, kHasDefinition = 2 };

unsigned flag(bool set, unsigned bit) {
    return set ? bit : 0;
}

class StateWriter {
  public:
    explicit StateWriter(const std::deque<SparkplugDefinition>& definitions)
        : definitions_(definitions) {
        out_.u32(kMagic);
        out_.u32(0);
    }

    void node(const SparkplugNode& node) {
        for (const std::string* text : {&node.broker, &node.group, &node.name}) {
            out_.text(*text);
        }
        out_.u8(static_cast<uint8_t>(flag(node.born, kNodeBorn) |
                                     flag(node.bd_seq.has_value(), kHasBdSeq) |
                                     flag(node.sequence.known(), kHasSequence)));
        out_.varint(node.bd_seq.value_or(0));
        out_.u8(node.sequence.next());
        out_.varint(node.devices.size());
        for (const SparkplugDevice& one : node.devices) {
            device(one);
        }
    }

    void count(size_t nodes) { out_.varint(nodes); }

    std::string finish() {
        out_.patch_u32(kCrcAt, crc32c(out_.bytes().subspan(kHeaderBytes)));
        return {reinterpret_cast<const char*>(out_.bytes().data()), out_.size()};
    }

  private:
    void device(const SparkplugDevice& device) {
        out_.text(device.name);
        out_.u8(static_cast<uint8_t>(flag(device.born, kDeviceBorn) |
                                     flag(device.online != kNoDefinition, kHasOnline)));
        size_t born = 0;
        for (const auto& [name, metric] : device.metrics) {
            born += metric.born && !metric.is_row ? 1 : 0;
        }
        out_.varint(born);
        for (const auto& [name, known] : device.metrics) {
            if (known.born && !known.is_row) {
                metric(name, known);
            }
        }
        out_.varint(device.aliases.size());
        for (const auto& [alias, target] : device.aliases) {
            out_.varint(alias);
            out_.text(*target.first);
        }
    }

    void metric(const std::string& name, const SparkplugNodeMetric& metric) {
        const bool scalar = metric.definition != kNoDefinition;
        const uint32_t number =
            scalar || metric.elements.empty() ? metric.definition : metric.elements[0];
        out_.text(name);
        out_.varint(metric.datatype);
        out_.u8(static_cast<uint8_t>(flag(metric.is_control, kIsControl) |
                                     flag(scalar, kHasDefinition)));
        out_.varint(metric.elements.size());
        out_.text(number == kNoDefinition ? std::string_view()
                                          : std::string_view(definitions_[number].unit));
    }

    const std::deque<SparkplugDefinition>& definitions_;
    ByteWriter out_;
};

}  // namespace

std::string SparkplugHost::save() const {
    StateWriter writer(definitions_);
    writer.count(nodes_.size());
    for (const auto& [key, node] : nodes_) {
        writer.node(node);
    }
    return writer.finish();
}

Status SparkplugHost::restore(std::string_view state) {
    nodes_.clear();
    hosts_.clear();
    definitions_.clear();
    metrics_ = 0;
    const auto bytes = std::as_bytes(std::span(state));
    ByteReader reader(bytes);
    const bool whole =
        reader.u32() == kMagic &&
        reader.u32() == crc32c(bytes.subspan(std::min(kHeaderBytes, bytes.size()))) && reader.ok();
    const uint64_t count = reader.varint();
    bool good = whole && count <= limits_.nodes;
    for (uint64_t i = 0; good && i < count; ++i) {
        good = restore_node(reader);
    }
    if (!good || !reader.ok() || !reader.at_end()) {
        nodes_.clear();
        definitions_.clear();
        return fail(ErrorCode::Corruption,
                    "the saved Sparkplug state is damaged; births will rebuild it");
    }
    return {};
}

bool SparkplugHost::restore_node(ByteReader& reader) {
    const std::string_view broker = reader.text();
    const std::string_view group = reader.text();
    const std::string_view name = reader.text();
    const uint8_t flags = reader.u8();
    const uint64_t bd_seq = reader.varint();
    const uint8_t next = reader.u8();
    const uint64_t devices = reader.varint();
    if (!reader.ok() || devices == 0) {
        return false;
    }
    SparkplugNode& node = nodes_[node_key(broker, group, name)];
    node.broker = broker;
    node.group = group;
    node.name = name;
    node.born = (flags & kNodeBorn) != 0;
    if ((flags & kHasBdSeq) != 0) {
        node.bd_seq = bd_seq;
    }
    if ((flags & kHasSequence) != 0) {
        node.sequence.begin(static_cast<uint8_t>(next - 1));
    }
    for (uint64_t i = 0; i < devices && reader.ok(); ++i) {
        const std::string_view device = reader.text();
        if ((i == 0) != device.empty() || (i > 0 && node.find(device) != nullptr) ||
            !restore_device(reader, node, i == 0 ? node.own() : node.add(device))) {
            return false;
        }
    }
    return reader.ok();
}

bool SparkplugHost::restore_device(ByteReader& reader,
                                   const SparkplugNode& node,
                                   SparkplugDevice& device) {
    const uint8_t flags = reader.u8();
    device.born = (flags & kDeviceBorn) != 0;
    SparkplugDefinition definition;
    definition.group = node.group;
    definition.node = node.name;
    definition.device = device.name;
    if ((flags & kHasOnline) != 0) {
        definition.name = device.name.empty() ? "node_online" : "device_online";
        definition.is_status = true;
        device.online = define(definition);
        definition.is_status = false;
    }
    const uint64_t metrics = reader.varint();
    for (uint64_t i = 0; i < metrics && reader.ok(); ++i) {
        definition.name = reader.text();
        SparkplugNodeMetric& metric = device.metrics[definition.name];
        ++metrics_;
        metric.born = true;
        metric.datatype = static_cast<uint32_t>(reader.varint());
        const uint8_t metric_flags = reader.u8();
        const uint64_t elements = reader.varint();
        definition.unit = reader.text();
        metric.is_control = (metric_flags & kIsControl) != 0;
        if (elements > limits_.array_elements) {
            return false;
        }
        definition.index = -1;
        metric.definition =
            (metric_flags & kHasDefinition) != 0 ? define(definition) : kNoDefinition;
        for (uint64_t element = 0; element < elements; ++element) {
            definition.index = static_cast<int32_t>(element);
            const uint32_t number = define(definition);
            if (number == kNoDefinition) {
                break;
            }
            metric.elements.push_back(number);
        }
    }
    const uint64_t aliases = reader.varint();
    for (uint64_t i = 0; i < aliases && reader.ok(); ++i) {
        const uint64_t alias = reader.varint();
        const auto target = device.metrics.find(std::string(reader.text()));
        if (target == device.metrics.end()) {
            return false;
        }
        device.aliases[alias] = {&target->first, &target->second};
    }
    return reader.ok();
}

size_t SparkplugHost::memory_bytes() const {
    size_t bytes = 0;
    for (const SparkplugDefinition& definition : definitions_) {
        bytes += sizeof(definition) + definition.group.size() + definition.node.size() +
                 definition.device.size() + definition.name.size() + definition.unit.size() +
                 definition.description.size();
    }
    constexpr size_t kHashNode = 32;
    for (const auto& [key, node] : nodes_) {
        bytes += sizeof(node) + key.size() * 2;
        for (const SparkplugDevice& device : node.devices) {
            bytes += sizeof(device) +
                     device.metrics.size() *
                         (sizeof(std::string) + sizeof(SparkplugNodeMetric) + kHashNode) +
                     device.aliases.size() * (24 + kHashNode);
        }
    }
    return bytes;
}

}  // namespace cistern::collector
