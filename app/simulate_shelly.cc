// SPDX-License-Identifier: MIT
// Shelly's first generation (a value per topic) and second (a JSON object per component).
#include "app/simulate_device.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::app {
namespace {

class ShellyGen1 final : public SimulatedDevice {
  public:
    explicit ShellyGen1(uint32_t number)
        : is_plug_(number % 2 == 0),
          id_(fmt::format("{}-{:06X}", is_plug_ ? "shellyplug-s" : "shellyht", 0xC45B00 + number)),
          topic_("shellies/" + id_) {}

    [[nodiscard]] std::optional<SimulatedWill> will() const override {
        return SimulatedWill{topic_ + "/online", "false"};
    }
    void announce(std::vector<SimulatedMessage>& out) override {
        out.push_back({topic_ + "/online", "true", true, 1});
        out.push_back(
            {"shellies/announce",
             fmt::format(R"({{"id":"{}","model":"{}","mac":"C45BBE000001","ip":"192.168.1.77",)"
                         R"("new_fw":false,)"
                         R"("fw_ver":"20230913-114150/v1.14.0-gcb84623"}})",
                         id_,
                         is_plug_ ? "SHPLG-S" : "SHHT-1"),
             false,
             0});
    }
    void report(double now_s,
                std::mt19937_64& random,
                std::vector<SimulatedMessage>& out) override {
        const double power = std::max(0.0, power_.at(now_s, random));
        energy_wmin_ += power * (now_s - last_s_) / 60;
        last_s_ = now_s;
        const double temperature = temperature_.at(now_s, random);
        const auto send = [&](std::string_view topic, std::string payload) {
            out.push_back({fmt::format("{}/{}", topic_, topic), std::move(payload), false, 0});
        };
        if (is_plug_) {
            send("relay/0", "on");
            send("relay/0/power", fmt::format("{:.2f}", power));
            send("relay/0/energy", fmt::format("{:.0f}", energy_wmin_));
            send("temperature", fmt::format("{:.2f}", temperature + 16));
            send("temperature_f", fmt::format("{:.2f}", (temperature + 16) * 1.8 + 32));
            send("overtemperature", "0");
            return;
        }
        send("sensor/temperature", fmt::format("{:.2f}", temperature));
        send("sensor/humidity", fmt::format("{:.1f}", humidity_.at(now_s, random)));
        send("sensor/battery", "99");
    }

  private:
    const bool is_plug_;
    const std::string id_;
    const std::string topic_;
    Wander power_{60, 40, 1'800, 2};
    Wander temperature_{22, 2, 86'400, 0.05};
    Wander humidity_{45, 8, 86'400, 0.3};
    double energy_wmin_ = 1'234'560;
    double last_s_ = 0;
};

class ShellyGen2 final : public SimulatedDevice {
  public:
    explicit ShellyGen2(uint32_t number)
        : is_meter_(number % 3 == 0),
          id_(fmt::format(
              "{}-a8032a{:06x}", is_meter_ ? "shellypro3em" : "shellyplus1pm", number)) {}

    [[nodiscard]] std::optional<SimulatedWill> will() const override {
        return SimulatedWill{id_ + "/online", "false"};
    }
    void announce(std::vector<SimulatedMessage>& out) override {
        out.push_back({id_ + "/online", "true", true, 1});
    }
    void report(double now_s,
                std::mt19937_64& random,
                std::vector<SimulatedMessage>& out) override {
        const double power = std::max(0.0, power_.at(now_s, random));
        energy_wh_ += power * (now_s - last_s_) / 3600;
        last_s_ = now_s;
        if (is_meter_) {
            out.push_back({id_ + "/status/em:0", phases(power, random), false, 0});
            return;
        }
        const double celsius = temperature_.at(now_s, random);
        out.push_back(
            {id_ + "/status/switch:0",
             fmt::format(R"({{"id":0,"source":"MQTT","output":true,"apower":{:.1f},)"
                         R"("voltage":{:.1f},"freq":50.0,"current":{:.3f},)"
                         R"("pf":0.92,"aenergy":{{"total":{:.3f},"by_minute":[871.2,860.1,0.0],)"
                         R"("minute_ts":{}}},)"
                         R"("temperature":{{"tC":{:.1f},"tF":{:.1f}}}}})",
                         power,
                         229.5 + static_cast<double>(random() % 30) / 10,
                         power / 212,
                         energy_wh_,
                         unix_seconds() / 60 * 60,
                         celsius,
                         celsius * 1.8 + 32),
             false,
             0});
        if (++reports_ % 6 == 0) {
            out.push_back(
                {id_ + "/events/rpc",
                 fmt::format(
                     R"({{"src":"{0}","dst":"{0}/events","method":"NotifyEvent",)"
                     R"("params":{{"ts":{1}.9,"events":)"
                     R"([{{"component":"input:0","id":0,"event":"single_push","ts":{1}.9}}]}}}})",
                     id_,
                     unix_seconds()),
                 false,
                 0});
        }
    }

  private:
    static std::string phases(double power, std::mt19937_64& random) {
        std::string json = R"({"id":0,)";
        for (const char phase : {'a', 'b', 'c'}) {
            const double share = power * (0.2 + static_cast<double>(random() % 20) / 100);
            json += fmt::format(
                R"("{0}_current":{1:.3f},"{0}_voltage":{2:.1f},"{0}_act_power":{3:.1f},)"
                R"("{0}_pf":0.97,)",
                phase,
                share / 230,
                229 + static_cast<double>(random() % 30) / 10,
                share);
        }
        return json +
               fmt::format(
                   R"("n_current":null,"total_act_power":{:.1f},"user_calibrated_phase":[]}})",
                   power);
    }

    const bool is_meter_;
    const std::string id_;
    Wander power_{420, 250, 7'200, 9};
    Wander temperature_{47, 3, 14'400, 0.1};
    double energy_wh_ = 14'506;
    double last_s_ = 0;
    uint32_t reports_ = 0;
};

}  // namespace

std::unique_ptr<SimulatedDevice> make_shelly_gen1(uint32_t number, std::mt19937_64&) {
    return std::make_unique<ShellyGen1>(number);
}
std::unique_ptr<SimulatedDevice> make_shelly_gen2(uint32_t number, std::mt19937_64&) {
    return std::make_unique<ShellyGen2>(number);
}

}  // namespace cistern::app
