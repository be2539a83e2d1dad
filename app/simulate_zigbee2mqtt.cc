// SPDX-License-Identifier: MIT
#include "app/simulate_device.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::app {
namespace {

enum class Kind : uint8_t { Climate, Plug, Contact, Radiator };

class Zigbee2mqttDevice final : public SimulatedDevice {
  public:
    explicit Zigbee2mqttDevice(uint32_t number)
        : number_(number),
          kind_(static_cast<Kind>(number % 4)),
          name_(fmt::format("{}_{}", place_name(number / 4), suffix())),
          topic_("zigbee2mqtt/" + name_) {}

    [[nodiscard]] std::optional<SimulatedWill> will() const override {
        return SimulatedWill{"zigbee2mqtt/bridge/state", R"({"state":"offline"})"};
    }
    void announce(std::vector<SimulatedMessage>& out) override;
    void report(double now_s, std::mt19937_64& random, std::vector<SimulatedMessage>& out) override;

  private:
    [[nodiscard]] std::string_view suffix() const {
        switch (kind_) {
            case Kind::Climate:
                return "climate";
            case Kind::Plug:
                return "plug";
            case Kind::Contact:
                return "door";
            case Kind::Radiator:
                return "radiator";
        }
        return "device";
    }
    [[nodiscard]] std::string discovery(std::string_view component,
                                        std::string_view field,
                                        std::string_view unit,
                                        std::string_view device_class) const;

    const uint32_t number_;
    const Kind kind_;
    const std::string name_;
    const std::string topic_;
    Wander temperature_{21, 2, 86'400, 0.03};
    Wander humidity_{48, 8, 86'400, 0.2};
    Wander pressure_{1013, 6, 400'000, 0.1};
    Wander power_{140, 90, 3'600, 4};
    Wander link_{120, 20, 7'200, 8};
    double energy_kwh_ = 120;
    double last_s_ = 0;
    bool open_ = false;
};

std::string Zigbee2mqttDevice::discovery(std::string_view component,
                                         std::string_view field,
                                         std::string_view unit,
                                         std::string_view device_class) const {
    const std::string unit_part =
        unit.empty() ? "" : fmt::format(R"("unit_of_measurement":"{}",)", unit);
    const std::string binary =
        component == "binary_sensor" ? R"("payload_off":true,"payload_on":false,)" : "";
    return fmt::format(
        R"({{"availability":[{{"topic":"zigbee2mqtt/bridge/state",)"
        R"("value_template":"{{{{ value_json.state }}}}"}},)"
        R"({{"topic":"{0}/availability","value_template":"{{{{ value_json.state }}}}"}}],)"
        R"("availability_mode":"all",)"
        R"("device":{{"identifiers":["zigbee2mqtt_0x{1:016x}"],"manufacturer":"Aqara",)"
        R"("model":"{2}","name":"{3}"}},)"
        R"("device_class":"{4}",{5}{6}"object_id":"{3}_{7}","state_topic":"{0}",)"
        R"("unique_id":"0x{1:016x}_{7}_zigbee2mqtt","value_template":"{{{{ value_json.{7} }}}}"}})",
        topic_,
        0x00158d0003000000ULL + number_,
        suffix(),
        name_,
        device_class,
        unit_part,
        binary,
        field);
}

void Zigbee2mqttDevice::announce(std::vector<SimulatedMessage>& out) {
    const auto config = [&](std::string_view component,
                            std::string_view field,
                            std::string_view unit,
                            std::string_view device_class) {
        out.push_back({fmt::format("homeassistant/{}/0x{:016x}/{}/config",
                                   component,
                                   0x00158d0003000000ULL + number_,
                                   field),
                       discovery(component, field, unit, device_class),
                       true,
                       1});
    };
    out.push_back({"zigbee2mqtt/bridge/state", R"({"state":"online"})", true, 1});
    out.push_back({topic_ + "/availability", R"({"state":"online"})", true, 1});
    switch (kind_) {
        case Kind::Climate:
            config("sensor", "temperature", "°C", "temperature");
            config("sensor", "humidity", "%", "humidity");
            config("sensor", "pressure", "hPa", "atmospheric_pressure");
            break;
        case Kind::Plug:
            config("sensor", "power", "W", "power");
            config("sensor", "energy", "kWh", "energy");
            break;
        case Kind::Contact:
            config("binary_sensor", "contact", "", "door");
            break;
        case Kind::Radiator:
            config("sensor", "local_temperature", "°C", "temperature");
            break;
    }
}

void Zigbee2mqttDevice::report(double now_s,
                               std::mt19937_64& random,
                               std::vector<SimulatedMessage>& out) {
    const int link = std::clamp(static_cast<int>(link_.at(now_s, random)), 10, 255);
    const double power = std::max(0.0, power_.at(now_s, random));
    energy_kwh_ += power * (now_s - last_s_) / 3.6e6;
    last_s_ = now_s;
    std::string payload;
    switch (kind_) {
        case Kind::Climate:
            payload = fmt::format(
                R"({{"battery":97,"humidity":{:.2f},"linkquality":{},"pressure":{:.1f},)"
                R"("temperature":{:.2f},"voltage":2985}})",
                humidity_.at(now_s, random),
                link,
                pressure_.at(now_s, random),
                temperature_.at(now_s, random));
            break;
        case Kind::Plug:
            payload = fmt::format(
                R"({{"current":{:.2f},"energy":{:.2f},"last_seen":"{}","linkquality":{},)"
                R"("power":{:.0f},"state":"ON","voltage":{}}})",
                power / 230,
                energy_kwh_,
                iso_time(),
                link,
                power,
                228 + random() % 5);
            break;
        case Kind::Contact:
            open_ = random() % 10 == 0 ? !open_ : open_;
            payload = fmt::format(
                R"({{"battery":88,"contact":{},"linkquality":{},"tamper":false,"voltage":3005}})",
                !open_,
                link);
            break;
        case Kind::Radiator:
            payload =
                fmt::format(R"({{"child_lock":"UNLOCK","current_heating_setpoint":20.5,)"
                            R"("local_temperature":{:.1f},"linkquality":{},"pi_heating_demand":{},)"
                            R"("running_state":"{}","system_mode":"auto","valve_alarm":null}})",
                            temperature_.at(now_s, random),
                            link,
                            random() % 100,
                            random() % 3 == 0 ? "heat" : "idle");
            break;
    }
    out.push_back({topic_, std::move(payload), false, 0});
}

}  // namespace

std::unique_ptr<SimulatedDevice> make_zigbee2mqtt(uint32_t number, std::mt19937_64&) {
    return std::make_unique<Zigbee2mqttDevice>(number);
}

}  // namespace cistern::app
