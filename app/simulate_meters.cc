// SPDX-License-Identifier: MIT
// evcc with a loadpoint, and a DSMR reader behind a smart meter.
#include "app/simulate_device.h"

#include <fmt/format.h>

namespace cistern::app {
namespace {

// One site; further ones are further loadpoints of it, as evcc has one tree.
class Evcc final : public SimulatedDevice {
  public:
    explicit Evcc(uint32_t number) : loadpoint_(fmt::format("evcc/loadpoints/{}", number + 1)) {}

    void announce(std::vector<SimulatedMessage>& out) override {
        out.push_back({"evcc/status", "online", true, 1});
        out.push_back({"evcc/site/siteTitle", "Home", true, 0});
        out.push_back({loadpoint_ + "/mode", "pv", true, 0});
    }
    void report(double now_s,
                std::mt19937_64& random,
                std::vector<SimulatedMessage>& out) override {
        const auto tell = [&](const std::string& topic, std::string payload) {
            out.push_back({topic, std::move(payload), true, 0});
        };
        const double pv = std::max(0.0, pv_.at(now_s, random));
        const bool charging = pv > 1'400;
        tell("evcc/site/pvPower", fmt::format("{:.0f}", pv));
        tell("evcc/site/gridPower", fmt::format("{:.0f}", 400 - pv));
        tell("evcc/site/battery/1/soc", fmt::format("{:.0f}", soc_.at(now_s, random)));
        tell(loadpoint_ + "/charging", charging ? "true" : "false");
        tell(loadpoint_ + "/chargePower", charging ? fmt::format("{:.0f}", pv - 200) : "0");
        tell(loadpoint_ + "/chargeDuration",
             fmt::format("{}", static_cast<int64_t>(now_s * 1e9)));  // ns, as evcc has it
    }
    [[nodiscard]] std::optional<SimulatedWill> will() const override {
        return SimulatedWill{"evcc/status", "offline"};
    }

  private:
    const std::string loadpoint_;
    Wander pv_{2'000, 2'500, 43'200, 40};
    Wander soc_{60, 20, 43'200, 0.2};
};

// A house has one meter: further readers repeat it, as they would on one broker.
class Dsmr final : public SimulatedDevice {
  public:
    void announce(std::vector<SimulatedMessage>&) override {}
    void report(double now_s,
                std::mt19937_64& random,
                std::vector<SimulatedMessage>& out) override {
        const double power = std::max(0.05, power_.at(now_s, random));
        energy_ += power / 360;
        const auto tell = [&](std::string_view what, std::string payload) {
            out.push_back({fmt::format("dsmr/reading/{}", what), std::move(payload), false, 0});
        };
        tell("electricity_currently_delivered", fmt::format("{:.3f}", power));
        tell("electricity_delivered_1", fmt::format("{:010.3f}", energy_));  // leading zeros
        tell("phase_voltage_l1", fmt::format("{:.1f}", voltage_.at(now_s, random)));
        tell("phase_power_current_l2", "None");
        tell("timestamp", iso_time());
    }

  private:
    Wander power_{0.6, 0.4, 7'200, 0.05};
    Wander voltage_{231, 2, 3'600, 0.3};
    double energy_ = 12'345.678;
};

}  // namespace

std::unique_ptr<SimulatedDevice> make_evcc(uint32_t number, std::mt19937_64&) {
    return std::make_unique<Evcc>(number);
}
std::unique_ptr<SimulatedDevice> make_dsmr(uint32_t, std::mt19937_64&) {
    return std::make_unique<Dsmr>();
}

}  // namespace cistern::app
