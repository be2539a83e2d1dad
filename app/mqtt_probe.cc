// SPDX-License-Identifier: MIT
#include "app/mqtt_probe.h"

namespace cistern::app {
namespace {

constexpr int kAnswerMs = 5'000;
constexpr size_t kPacketMax = 1 << 20;
enum PacketType : uint8_t {
    kConnack = 2,
    kPublish = 3,
    kPuback = 4,
    kSuback = 9,
};

std::string number16(uint16_t value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}
std::string text(std::string_view value) {
    return number16(static_cast<uint16_t>(value.size())) + std::string(value);
}
std::string varint(size_t value) {
    std::string out;
    do {
        auto byte = static_cast<uint8_t>(value & 0x7f);
        value >>= 7;
        out += static_cast<char>(byte | (value > 0 ? 0x80 : 0));
    } while (value > 0);
    return out;
}

// Reads within a packet's body; past the end it gives zeros and is not ok.
class Body {
  public:
    explicit Body(std::string_view bytes) : bytes_(bytes) {}
    uint32_t number(size_t size) {
        uint32_t value = 0;
        for (size_t i = 0; i < size; ++i) {
            value = value << 8 | take();
        }
        return value;
    }
    uint32_t varint() {
        uint32_t value = 0;
        for (unsigned shift = 0; shift < 28; shift += 7) {
            const uint8_t byte = take();
            value |= static_cast<uint32_t>(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0) {
                break;
            }
        }
        return value;
    }
    std::string_view bytes(size_t size) {
        ok_ &= size <= bytes_.size();
        const std::string_view out = bytes_.substr(0, size);
        bytes_.remove_prefix(out.size());
        return out;
    }
    [[nodiscard]] std::string_view rest() const { return bytes_; }
    [[nodiscard]] bool ok() const { return ok_; }

  private:
    uint8_t take() {
        const std::string_view one = bytes(1);
        return one.empty() ? 0 : static_cast<uint8_t>(one[0]);
    }
    std::string_view bytes_;
    bool ok_ = true;
};

// MQTT 5, section 2.2.2.2.
enum class PropertyType : uint8_t { Byte, TwoBytes, FourBytes, Varint, Text, TextPair };

PropertyType property_type(uint32_t id) {
    switch (id) {
        case 0x01:
        case 0x17:
        case 0x19:
        case 0x24:
        case 0x25:
        case 0x28:
        case 0x29:
        case 0x2a:
            return PropertyType::Byte;
        case 0x13:
        case 0x21:
        case 0x22:
        case 0x23:
            return PropertyType::TwoBytes;
        case 0x02:
        case 0x11:
        case 0x18:
        case 0x27:
            return PropertyType::FourBytes;
        case 0x26:
            return PropertyType::TextPair;
        case 0x0b:
            return PropertyType::Varint;
        default:
            return PropertyType::Text;
    }
}

void read_properties(Body& body, std::map<uint8_t, uint32_t>& into) {
    Body list(body.bytes(body.varint()));
    while (!list.rest().empty() && list.ok()) {
        const uint32_t id = list.varint();
        const auto put = [&](uint32_t number) { into[static_cast<uint8_t>(id)] = number; };
        switch (property_type(id)) {
            case PropertyType::Byte:
                put(list.number(1));
                break;
            case PropertyType::TwoBytes:
                put(list.number(2));
                break;
            case PropertyType::FourBytes:
                put(list.number(4));
                break;
            case PropertyType::Varint:
                put(list.varint());
                break;
            case PropertyType::TextPair:
                list.bytes(list.number(2));
                [[fallthrough]];
            case PropertyType::Text:
                list.bytes(list.number(2));
                break;
        }
    }
}

}  // namespace

Result<std::unique_ptr<MqttProbe>> MqttProbe::connect(std::unique_ptr<mqtt::Stream> stream,
                                                      const ProbeConnect& how) {
    std::unique_ptr<MqttProbe> probe(new MqttProbe(std::move(stream)));
    const auto flags =
        static_cast<char>((how.user.empty() ? 0 : 0x80) | (how.password.empty() ? 0 : 0x40) |
                          (how.clean_start ? 0x02 : 0));
    const std::string properties =
        std::string("\x11") + number16(static_cast<uint16_t>(how.session_expiry_s >> 16)) +
        number16(static_cast<uint16_t>(how.session_expiry_s & 0xffff)) + "\x21" + number16(65'535);
    std::string body = text("MQTT") + "\x05" + flags + number16(60) + varint(properties.size()) +
                       properties + text(how.client_id);
    body += how.user.empty() ? "" : text(how.user);
    body += how.password.empty() ? "" : text(how.password);
    TRY(probe->send(0x10, body));
    const Packet answer = TRY(probe->wait_for(kConnack));
    Body read(answer.body);
    probe->connack_.session_present = (read.number(1) & 1) != 0;
    probe->connack_.reason = static_cast<uint8_t>(read.number(1));
    read_properties(read, probe->connack_.properties);
    return probe;
}

Status MqttProbe::send(uint8_t head, std::string_view body) {
    const std::string packet =
        std::string(1, static_cast<char>(head)) + varint(body.size()) + std::string(body);
    return stream_->send(packet);
}

// One packet off the wire; none within the time.
Result<std::optional<MqttProbe::Packet>> MqttProbe::next(int timeout_ms) {
    for (;;) {
        Body read(buffer_);
        Packet packet;
        packet.head = static_cast<uint8_t>(read.number(1));
        const size_t size = read.varint();
        if (size > kPacketMax) {
            return fail(ErrorCode::Unavailable, "the broker sent no MQTT");
        }
        packet.body = read.bytes(size);
        if (read.ok()) {
            buffer_.erase(0, buffer_.size() - read.rest().size());
            return packet;
        }
        const auto bytes = TRY(stream_->receive(timeout_ms));
        if (!bytes.has_value()) {
            return std::optional<Packet>();
        }
        buffer_ += *bytes;
    }
}

Result<MqttProbe::Packet> MqttProbe::wait_for(uint8_t type) {
    for (;;) {
        auto packet = TRY(next(kAnswerMs));
        if (!packet.has_value()) {
            return fail(ErrorCode::Unavailable, "the broker does not answer");
        }
        if (packet->head >> 4 == type) {
            return std::move(*packet);
        }
        if (packet->head >> 4 == kPublish) {
            waiting_.push_back(std::move(*packet));
        }
    }
}

Result<uint8_t> MqttProbe::subscribe(std::string_view filter, uint8_t qos) {
    TRY(send(0x82, number16(++packet_id_) + varint(0) + text(filter) + static_cast<char>(qos)));
    const Packet answer = TRY(wait_for(kSuback));
    return answer.body.empty() ? uint8_t{0x80} : static_cast<uint8_t>(answer.body.back());
}

Result<uint8_t> MqttProbe::publish(std::string_view topic,
                                   std::string_view payload,
                                   uint8_t qos,
                                   bool retain) {
    const auto head = static_cast<uint8_t>(0x30 | qos << 1 | (retain ? 1 : 0));
    const std::string id = qos > 0 ? number16(++packet_id_) : "";
    TRY(send(head, text(topic) + id + varint(0) + std::string(payload)));
    if (qos == 0) {
        return uint8_t{0};
    }
    const Packet answer = TRY(wait_for(kPuback));
    return answer.body.size() > 2 ? static_cast<uint8_t>(answer.body[2]) : uint8_t{0};
}

Result<std::optional<ProbeMessage>> MqttProbe::receive(int timeout_ms) {
    for (;;) {
        Packet packet;
        if (!waiting_.empty()) {
            packet = std::move(waiting_.front());
            waiting_.pop_front();
        } else {
            auto found = TRY(next(timeout_ms));
            if (!found.has_value()) {
                return std::optional<ProbeMessage>();
            }
            packet = std::move(*found);
        }
        if (packet.head >> 4 != kPublish) {
            continue;
        }
        Body read(packet.body);
        ProbeMessage message;
        message.retain = (packet.head & 1) != 0;
        message.topic = read.bytes(read.number(2));
        message.packet_id =
            (packet.head & 0x06) != 0 ? static_cast<uint16_t>(read.number(2)) : uint16_t{0};
        read.bytes(read.varint());
        message.payload = read.rest();
        return message;
    }
}

Status MqttProbe::acknowledge(uint16_t packet_id) {
    return send(0x40, number16(packet_id));
}

void MqttProbe::disconnect() {
    static_cast<void>(send(0xe0, ""));
}

}  // namespace cistern::app
