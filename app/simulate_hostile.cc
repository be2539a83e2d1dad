// SPDX-License-Identifier: MIT
// A publisher that does everything wrong that a broker lets through. Nothing of it may stop a
// collector, or cost other devices a sample.
#include "app/simulate_device.h"
#include "collector/decode/sparkplug_payload.h"

#include <fmt/format.h>

#include <array>

namespace cistern::app {
namespace {

std::string bytes(std::mt19937_64& random, size_t size) {
    std::string out(size, '\0');
    for (char& c : out) {
        c = static_cast<char>(random() & 0xff);
    }
    return out;
}

std::string mac(std::mt19937_64& random) {
    return fmt::format("{:012X}", random() & 0xffff'ffff'ffffULL);
}

std::string repeated(std::string_view text, size_t times) {
    std::string out;
    out.reserve(text.size() * times);
    for (size_t i = 0; i < times; ++i) {
        out += text;
    }
    return out;
}

std::string truncated_birth(std::mt19937_64& random) {
    collector::SparkplugOutMetric metric;
    metric.name = "Motor/Speed";
    metric.type = collector::SparkplugType::Double;
    metric.value = 1.5;
    std::string whole = collector::encode_sparkplug(1, 0, {metric, metric});
    return whole.substr(0, random() % whole.size());
}

std::string many_fields() {
    std::string out = "{";
    for (int i = 0; i < 5'000; ++i) {
        out += fmt::format("{}\"k{}\":{}", i == 0 ? "" : ",", i, i);
    }
    return out + "}";
}

using Trick = SimulatedMessage (*)(std::mt19937_64& random);

constexpr std::array kTricks = {
    Trick{[](auto&) {
        return SimulatedMessage{"hostile/json/cut", R"({"temperature":21.5,"humi)"};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{"hostile/json/quotes", "{'temperature': 21.5}"};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{"hostile/json/nan", R"({"a":NaN,"b":1e999,"c":-Infinity})"};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{"hostile/json/names",
                                "{\"\":1,\" \":2,\"\\u0000\":3,\"__name__\":4,\"a\":{\"\":5}}"};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{"hostile/json/deep", repeated("[", 50'000) + repeated("]", 50'000)};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{"hostile/json/deep_object",
                                repeated("{\"a\":", 20'000) + "1" + repeated("}", 20'000)};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{"hostile/json/wide", many_fields()};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{"hostile/huge", std::string(300 << 10, '9')};
    }},
    Trick{[](auto& r) {
        return SimulatedMessage{"hostile/bytes", bytes(r, 1 + r() % 2'000)};
    }},
    Trick{[](auto& r) {
        return SimulatedMessage{"hostile/gzip", "\x1f\x8b\x08" + bytes(r, 100)};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{"hostile/utf8", "{\"t\":1,\"s\":\"\xff\xfe\xc0\xaf\"}"};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{"hostile/nul", std::string("21.5\0\0", 6)};
    }},
    Trick{[](auto& r) {
        return SimulatedMessage{"hostile/flip",
                                r() % 2 == 0   ? "21.5"
                                : r() % 2 == 0 ? R"({"v":1})"
                                               : "warm"};
    }},
    Trick{[](auto& r) {
        return SimulatedMessage{"hostile/random/" + mac(r), fmt::format("{}", r() % 100)};
    }},
    Trick{[](auto& r) {
        return SimulatedMessage{"home/hostile/BTtoMQTT/" + mac(r),
                                fmt::format(R"({{"id":"{}","rssi":-90}})", mac(r))};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{"hostile//empty///levels/", "1"};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{"hostile/ü n í/{}=\",'\\", "2"};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{"hostile/" + repeated("long/", 150) + "x", "3"};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{"hostile/" + std::string(60'000, 'x'), "4"};
    }},
    Trick{[](auto& r) {
        return SimulatedMessage{"spBv1.0/Hostile/NBIRTH/Edge", truncated_birth(r)};
    }},
    Trick{[](auto& r) {
        return SimulatedMessage{"spBv1.0/Hostile/DDATA/Edge/" + mac(r), bytes(r, 60)};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{"spBv1.0/STATE/x", "{\"online\":3}"};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{
            "homeassistant/sensor/hostile/config",
            R"({"state_topic":"hostile/flip","value_template":"{{ ((((((((value"}), )"
            "\"unit_of_measurement\":7}"};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{
            "tele/hostile/SENSOR",
            R"({"Time":"9999-99-99T99:99:99","":{"":[[],[{}]]},"ENERGY":[1,{"Power":"x"}]})"};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{
            "zigbee2mqtt/hostile",
            R"({"temperature":"","battery":[1,2],"voltage":{"a":null},"last_seen":-1})"};
    }},
    Trick{[](auto&) {
        return SimulatedMessage{"hostile/time", R"({"v":1,"timestamp":99999999999999999999})"};
    }},
};

class Hostile final : public SimulatedDevice {
  public:
    void announce(std::vector<SimulatedMessage>&) override {}
    void report(double, std::mt19937_64& random, std::vector<SimulatedMessage>& out) override {
        SimulatedMessage message = kTricks[turn_++ % kTricks.size()](random);
        message.qos = 1;
        out.push_back(std::move(message));
    }

  private:
    size_t turn_ = 0;
};

}  // namespace

std::unique_ptr<SimulatedDevice> make_hostile(uint32_t, std::mt19937_64&) {
    return std::make_unique<Hostile>();
}

}  // namespace cistern::app
