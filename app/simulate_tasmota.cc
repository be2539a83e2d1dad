// SPDX-License-Identifier: MIT
#include "app/simulate_device.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::app {
namespace {

// A power meter with a relay, or a climate sensor.
class TasmotaDevice final : public SimulatedDevice {
  public:
    explicit TasmotaDevice(uint32_t number)
        : number_(number),
          is_meter_(number % 2 == 0),
          name_(fmt::format("tasmota_{:06X}", 0xA10000 + number)) {}

    [[nodiscard]] std::optional<SimulatedWill> will() const override {
        return SimulatedWill{"tele/" + name_ + "/LWT", "Offline"};
    }
    void announce(std::vector<SimulatedMessage>& out) override {
        out.push_back({"tele/" + name_ + "/LWT", "Online", true, 1});
        out.push_back(
            {fmt::format("tasmota/discovery/5CCF7F{:06X}/config", 0xA10000 + number_),
             fmt::format(R"({{"ip":"192.168.1.{}","dn":"{}","fn":["{}"],"hn":"{}",)"
                         R"("mac":"5CCF7F{:06X}","md":"Sonoff POW R2",)"
                         R"("ty":0,"if":0,"ofln":"Offline","onln":"Online","sw":"13.4.0","t":"{}",)"
                         R"("ft":"%prefix%/%topic%/",)"
                         R"("tp":["cmnd","stat","tele"],"rl":[1,0,0,0],"ver":1}})",
                         number_ % 250 + 2,
                         place_name(number_),
                         place_name(number_),
                         name_,
                         0xA10000 + number_,
                         name_),
             true,
             1});
        if (is_meter_) {
            out.push_back({fmt::format("homeassistant/sensor/{}/power/config", name_),
                           power_discovery(),
                           true,
                           1});
        }
    }
    void report(double now_s, std::mt19937_64& random, std::vector<SimulatedMessage>& out) override;

  private:
    [[nodiscard]] std::string power_discovery() const {
        return fmt::format(
            R"({{"~":"tele/{0}","name":"Power","stat_t":"~/SENSOR","avty_t":"~/LWT",)"
            R"("pl_avail":"Online","pl_not_avail":"Offline",)"
            R"("val_tpl":"{{{{ value_json['ENERGY']['Power'] }}}}","unit_of_meas":"W",)"
            R"("dev_cla":"power","stat_cla":"measurement",)"
            R"("uniq_id":"{0}_power","exp_aft":900,"dev":{{"ids":["{0}"],"name":"{1}",)"
            R"("mf":"Tasmota","mdl":"Sonoff POW R2"}}}})",
            name_,
            place_name(number_));
    }

    const uint32_t number_;
    const bool is_meter_;
    const std::string name_;
    Wander power_{180, 120, 3'600, 5};
    Wander temperature_{19, 3, 86'400, 0.05};
    Wander humidity_{52, 9, 86'400, 0.3};
    double total_kwh_ = 152.6;
    double today_kwh_ = 0.1;
    double last_s_ = 0;
    uint32_t reports_ = 0;
};

void TasmotaDevice::report(double now_s,
                           std::mt19937_64& random,
                           std::vector<SimulatedMessage>& out) {
    const double power = std::max(0.0, power_.at(now_s, random));
    const double kwh = power * (now_s - last_s_) / 3.6e6;
    total_kwh_ += kwh;
    today_kwh_ += kwh;
    last_s_ = now_s;
    if (++reports_ % 4 == 1) {
        out.push_back(
            {"tele/" + name_ + "/STATE",
             fmt::format(R"({{"Time":"{}","Uptime":"1T02:03:04","UptimeSec":{},"Heap":24,)"
                         R"("SleepMode":"Dynamic","Sleep":50,)"
                         R"("LoadAvg":19,"MqttCount":3,"POWER":"ON","Wifi":{{"AP":1,"SSId":"home",)"
                         R"("BSSId":"A0:AB:1B:7D:42:AC",)"
                         R"("Channel":6,"Mode":"11n","RSSI":{},"Signal":{},"LinkCount":1,)"
                         R"("Downtime":"0T00:00:04"}}}})",
                         local_time(),
                         93'784 + static_cast<int64_t>(now_s),
                         70 + random() % 15,
                         -55 - static_cast<int>(random() % 12)),
             false,
             0});
    }
    if (is_meter_) {
        out.push_back(
            {"tele/" + name_ + "/SENSOR",
             fmt::format(R"({{"Time":"{}","ENERGY":{{"TotalStartTime":"2023-10-30T21:25:56",)"
                         R"("Total":{:.3f},"Yesterday":1.758,)"
                         R"("Today":{:.3f},"Period":5,"Power":{:.0f},"ApparentPower":{:.0f},)"
                         R"("ReactivePower":{:.0f},)"
                         R"("Factor":0.77,"Voltage":{},"Current":{:.3f}}}}})",
                         local_time(),
                         total_kwh_,
                         today_kwh_,
                         power,
                         power / 0.77,
                         power * 0.64,
                         229 + random() % 4,
                         power / 177),
             false,
             0});
        return;
    }
    const double temperature = temperature_.at(now_s, random);
    out.push_back({"tele/" + name_ + "/SENSOR",
                   fmt::format(R"({{"Time":"{}","AM2301":{{"Temperature":{:.1f},"Humidity":{:.1f},)"
                               R"("DewPoint":{:.1f}}},"TempUnit":"C"}})",
                               local_time(),
                               temperature,
                               humidity_.at(now_s, random),
                               temperature - 9),
                   false,
                   0});
}

}  // namespace

std::unique_ptr<SimulatedDevice> make_tasmota(uint32_t number, std::mt19937_64&) {
    return std::make_unique<TasmotaDevice>(number);
}

}  // namespace cistern::app
