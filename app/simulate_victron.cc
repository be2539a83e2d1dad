// SPDX-License-Identifier: MIT
#include "app/simulate_device.h"

#include <fmt/format.h>

namespace cistern::app {
namespace {

// A GX portal with a battery monitor, a solar charger and a grid meter: {"value":x} per path.
class VictronPortal final : public SimulatedDevice {
  public:
    explicit VictronPortal(uint32_t number)
        : topic_(fmt::format("N/c0619ab{:05x}", 0x12000 + number)) {}

    void announce(std::vector<SimulatedMessage>& out) override {
        const std::string portal = topic_.substr(2);
        out.push_back(
            {topic_ + "/system/0/Serial", fmt::format(R"({{"value":"{}"}})", portal), false, 0});
    }
    void report(double now_s,
                std::mt19937_64& random,
                std::vector<SimulatedMessage>& out) override {
        const auto send = [&](std::string_view path, double value) {
            out.push_back({fmt::format("{}/{}", topic_, path),
                           fmt::format(R"({{"value":{}}})", value),
                           false,
                           0});
        };
        const double solar = std::max(0.0, solar_.at(now_s, random));
        send("battery/512/Soc",
             static_cast<double>(static_cast<int>(soc_.at(now_s, random) * 10)) / 10);
        send("battery/512/Dc/0/Voltage", voltage_.at(now_s, random));
        send("battery/512/Dc/0/Power", solar - 300);
        send("solarcharger/258/Yield/Power", solar);
        send("solarcharger/258/Pv/V", solar > 0 ? 88.4 : 0);
        send("grid/30/Ac/L1/Power", 300 - solar / 2);
        send("system/0/Dc/Battery/Power", solar - 300);
        if (++reports_ % 10 == 0) {
            out.push_back({topic_ + "/tank/23/Level", R"({"value":null})", false, 0});
        }
    }

  private:
    const std::string topic_;
    Wander soc_{70, 15, 43'200, 0.1};
    Wander voltage_{52.4, 0.8, 43'200, 0.03};
    Wander solar_{900, 1'100, 86'400, 25};
    uint32_t reports_ = 0;
};

}  // namespace

std::unique_ptr<SimulatedDevice> make_victron(uint32_t number, std::mt19937_64&) {
    return std::make_unique<VictronPortal>(number);
}

}  // namespace cistern::app
