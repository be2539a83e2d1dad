// SPDX-License-Identifier: MIT
// rtl_433 and Homie: devices that others' gateways speak for.
#include "app/simulate_device.h"

#include <fmt/format.h>

namespace cistern::app {
namespace {

// A receiver that hears a thermometer and a weather station.
class Rtl433 final : public SimulatedDevice {
  public:
    explicit Rtl433(uint32_t number)
        : gateway_(fmt::format("rtl_433/pi{}", number)), id_(100 + number) {}

    void announce(std::vector<SimulatedMessage>&) override {}
    void report(double now_s,
                std::mt19937_64& random,
                std::vector<SimulatedMessage>& out) override {
        out.push_back({gateway_ + "/events",
                       fmt::format(R"({{"time":"{}","model":"Acurite-Tower","id":{},"channel":"A",)"
                                   R"("battery_ok":1,"temperature_C":{:.1f},"humidity":{:.0f},)"
                                   R"("mic":"CHECKSUM"}})",
                                   iso_time(),
                                   id_,
                                   temperature_.at(now_s, random),
                                   humidity_.at(now_s, random)),
                       false,
                       0});
        out.push_back(
            {gateway_ + "/events",
             fmt::format(R"({{"time":"{}","model":"Fineoffset-WHx080","subtype":0,"id":{},)"
                         R"("battery_ok":1,"wind_avg_km_h":{:.1f},"rain_mm":{:.1f}}})",
                         iso_time(),
                         id_,
                         std::max(0.0, wind_.at(now_s, random)),
                         0.3 * static_cast<double>(++reports_ / 50)),
             false,
             0});
    }

  private:
    const std::string gateway_;
    const uint32_t id_;
    Wander temperature_{9, 6, 86'400, 0.1};
    Wander humidity_{70, 15, 86'400, 1};
    Wander wind_{8, 6, 3'600, 1};
    uint32_t reports_ = 0;
};

class Homie final : public SimulatedDevice {
  public:
    explicit Homie(uint32_t number) : base_("homie/" + place_name(number)) {}

    void announce(std::vector<SimulatedMessage>& out) override {
        const auto tell = [&](std::string_view path, std::string payload) {
            out.push_back({fmt::format("{}/{}", base_, path), std::move(payload), true, 1});
        };
        tell("$homie", "4.0.0");
        tell("$state", "ready");
        tell("climate/$name", "Climate");
        tell("climate/temperature/$unit", "°C");
        tell("climate/pressure/$unit", "hPa");
    }
    void report(double now_s,
                std::mt19937_64& random,
                std::vector<SimulatedMessage>& out) override {
        const auto tell = [&](std::string_view path, std::string payload) {
            out.push_back({fmt::format("{}/{}", base_, path), std::move(payload), true, 1});
        };
        tell("climate/temperature", fmt::format("{:.2f}", temperature_.at(now_s, random)));
        tell("climate/pressure", fmt::format("{:.1f}", pressure_.at(now_s, random)));
        tell("lamp/power", ++reports_ % 20 < 10 ? "true" : "false");
    }
    [[nodiscard]] std::optional<SimulatedWill> will() const override {
        return SimulatedWill{base_ + "/$state", "lost"};
    }

  private:
    const std::string base_;
    Wander temperature_{21, 2, 43'200, 0.03};
    Wander pressure_{1013, 8, 172'800, 0.1};
    uint32_t reports_ = 0;
};

}  // namespace

std::unique_ptr<SimulatedDevice> make_rtl_433(uint32_t number, std::mt19937_64&) {
    return std::make_unique<Rtl433>(number);
}
std::unique_ptr<SimulatedDevice> make_homie(uint32_t number, std::mt19937_64&) {
    return std::make_unique<Homie>(number);
}

}  // namespace cistern::app
