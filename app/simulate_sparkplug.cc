// SPDX-License-Identifier: MIT
// A Sparkplug B edge node with one device: births, data by alias, sequence numbers, its death as
// the connection's will.
#include "app/simulate_device.h"
#include "collector/decode/sparkplug_payload.h"
#include "store/base/clock.h"

#include <fmt/format.h>

namespace cistern::app {
namespace {

using collector::encode_sparkplug;
using collector::SparkplugOutMetric;
using collector::SparkplugType;

constexpr uint64_t kSession = 7;  // bdSeq
constexpr uint32_t kReportsPerBirth = 20;
constexpr uint64_t kTemperature = 1;
constexpr uint64_t kSpeed = 10;

uint64_t now_ms() {
    return static_cast<uint64_t>(system_clock().now_ns() / 1'000'000);
}

SparkplugOutMetric metric(std::string name,
                          std::optional<uint64_t> alias,
                          SparkplugType type,
                          decltype(SparkplugOutMetric::value) value) {
    SparkplugOutMetric made;
    made.name = std::move(name);
    made.alias = alias;
    made.timestamp_ms = now_ms();
    made.type = type;
    made.value = std::move(value);
    return made;
}

class EdgeNode final : public SimulatedDevice {
  public:
    explicit EdgeNode(uint32_t number) : node_(fmt::format("Edge{}", number + 1)) {}

    void announce(std::vector<SimulatedMessage>& out) override {
        seq_ = 0;
        auto temperature =
            metric("Ambient/Temperature", kTemperature, SparkplugType::Float, temperature_now_);
        temperature.unit = "°C";
        const auto rebirth =
            metric("Node Control/Rebirth", std::nullopt, SparkplugType::Boolean, false);
        send("NBIRTH", "", {bd_seq(), rebirth, temperature}, out);
        auto speed = metric("Motor/Speed", kSpeed, SparkplugType::Int32, speed_now_);
        speed.unit = "rpm";
        send("DBIRTH", "/Press", {speed}, out);
    }
    void report(double now_s,
                std::mt19937_64& random,
                std::vector<SimulatedMessage>& out) override {
        // Births are not retained: a host that comes later would have to ask for one.
        if (++reports_ % kReportsPerBirth == 0) {
            announce(out);
        }
        temperature_now_ = temperature_.at(now_s, random);
        speed_now_ = static_cast<int64_t>(speed_.at(now_s, random));
        send(
            "NDATA", "", {metric("", kTemperature, SparkplugType::Unknown, temperature_now_)}, out);
        send("DDATA", "/Press", {metric("", kSpeed, SparkplugType::Unknown, speed_now_)}, out);
    }
    [[nodiscard]] std::optional<SimulatedWill> will() const override {
        return SimulatedWill{"spBv1.0/Simulated/NDEATH/" + node_,
                             encode_sparkplug(now_ms(), std::nullopt, {bd_seq()}),
                             false};
    }

  private:
    static SparkplugOutMetric bd_seq() {
        return metric("bdSeq", std::nullopt, SparkplugType::Int64, kSession);
    }
    void send(std::string_view type,
              std::string_view device,
              const std::vector<SparkplugOutMetric>& metrics,
              std::vector<SimulatedMessage>& out) {
        out.push_back({fmt::format("spBv1.0/Simulated/{}/{}{}", type, node_, device),
                       encode_sparkplug(now_ms(), seq_, metrics),
                       false,
                       0});
        seq_ = (seq_ + 1) % 256;
    }

    const std::string node_;
    uint64_t seq_ = 0;
    uint32_t reports_ = 0;
    double temperature_now_ = 21;
    int64_t speed_now_ = 1'200;
    Wander temperature_{24, 3, 7'200, 0.05};
    Wander speed_{1'200, 150, 600, 5};
};

}  // namespace

std::unique_ptr<SimulatedDevice> make_sparkplug(uint32_t number, std::mt19937_64&) {
    return std::make_unique<EdgeNode>(number);
}

}  // namespace cistern::app
