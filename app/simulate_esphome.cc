// SPDX-License-Identifier: MIT
#include "app/simulate_device.h"

#include <fmt/format.h>

#include <array>

namespace cistern::app {
namespace {

// A weather node: a value per topic, units only in Home Assistant's discovery.
class EsphomeDevice final : public SimulatedDevice {
  public:
    explicit EsphomeDevice(uint32_t number)
        : node_(fmt::format("weather-{}", dashed(place_name(number)))) {}

    [[nodiscard]] std::optional<SimulatedWill> will() const override {
        return SimulatedWill{node_ + "/status", "offline"};
    }
    void announce(std::vector<SimulatedMessage>& out) override {
        struct Entity {
            const char* component;
            const char* object;
            const char* unit;
            const char* device_class;
        };
        constexpr std::array kEntities = {
            Entity{"sensor", "temperature", "°C", "temperature"},
            Entity{"sensor", "humidity", "%", "humidity"},
            Entity{"sensor", "illuminance", "lx", "illuminance"},
            Entity{"sensor", "wifi_signal", "dBm", "signal_strength"},
            Entity{"binary_sensor", "rain", "", "moisture"},
        };
        out.push_back({node_ + "/status", "online", true, 1});
        for (const Entity& entity : kEntities) {
            const std::string unit =
                *entity.unit == 0 ? "" : fmt::format(R"("unit_of_meas":"{}",)", entity.unit);
            out.push_back(
                {fmt::format(
                     "homeassistant/{}/{}/{}/config", entity.component, node_, entity.object),
                 fmt::format(R"({{"dev_cla":"{0}",{1}"stat_cla":"measurement","name":"{2}",)"
                             R"("stat_t":"{3}/{4}/{2}/state",)"
                             R"("avty_t":"{3}/status","uniq_id":"{3}{2}","dev":{{"ids":"{3}",)"
                             R"("name":"{3}","sw":"esphome v2024.6.0",)"
                             R"("mdl":"esp32dev","mf":"espressif"}}}})",
                             entity.device_class,
                             unit,
                             entity.object,
                             node_,
                             entity.component),
                 true,
                 1});
        }
    }
    void report(double now_s,
                std::mt19937_64& random,
                std::vector<SimulatedMessage>& out) override {
        const auto send =
            [&](std::string_view component, std::string_view object, std::string payload) {
                out.push_back({fmt::format("{}/{}/{}/state", node_, component, object),
                               std::move(payload),
                               false,
                               0});
            };
        send("sensor", "temperature", fmt::format("{:.1f}", temperature_.at(now_s, random)));
        send("sensor", "humidity", fmt::format("{:.1f}", humidity_.at(now_s, random)));
        send("sensor",
             "illuminance",
             ++reports_ % 20 == 0 ? "nan"
                                  : fmt::format("{:.0f}", std::max(0.0, light_.at(now_s, random))));
        send("sensor", "wifi_signal", fmt::format("{}", -50 - static_cast<int>(random() % 20)));
        send("sensor", "uptime_sensor", fmt::format("{:.0f}", 93'784 + now_s));
        send("binary_sensor", "rain", random() % 8 == 0 ? "ON" : "OFF");
        send("text_sensor", "wind_dir", random() % 2 == 0 ? "NNW" : "NW");
    }

  private:
    static std::string dashed(std::string name) {
        for (char& c : name) {
            c = c == '_' ? '-' : c;
        }
        return name;
    }

    const std::string node_;
    Wander temperature_{14, 7, 86'400, 0.05};
    Wander humidity_{65, 15, 86'400, 0.3};
    Wander light_{9'000, 9'000, 86'400, 60};
    uint32_t reports_ = 0;
};

}  // namespace

std::unique_ptr<SimulatedDevice> make_esphome(uint32_t number, std::mt19937_64&) {
    return std::make_unique<EsphomeDevice>(number);
}

}  // namespace cistern::app
