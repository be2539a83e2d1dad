// SPDX-License-Identifier: MIT
// One simulated device and the words its family speaks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::app {

struct SimulatedMessage {
    std::string topic;
    std::string payload;
    bool retain = false;
    uint8_t qos = 0;
};

struct SimulatedWill {
    std::string topic;
    std::string payload;
    bool retain = true;
};

// A value that wanders the way a sensor's does: a slow wave, a walk that is drawn back, a little
// noise.
class Wander {
  public:
    // `swing`: of the wave around `middle` over `period_s`; `noise`: of each reading.
    Wander(double middle, double swing, double period_s, double noise)
        : middle_(middle), swing_(swing), period_s_(period_s), noise_(noise) {}
    double at(double now_s, std::mt19937_64& random);

  private:
    double middle_, swing_, period_s_, noise_;
    double walk_ = 0;
    double phase_ = -1;
};

// For one thread.
class SimulatedDevice {
  public:
    virtual ~SimulatedDevice() = default;
    // Sent once after connecting: birth, availability, discovery.
    virtual void announce(std::vector<SimulatedMessage>& out) = 0;
    // One report: one or more messages. `now_s`: seconds since the simulation began.
    virtual void report(double now_s,
                        std::mt19937_64& random,
                        std::vector<SimulatedMessage>& out) = 0;
    [[nodiscard]] virtual std::optional<SimulatedWill> will() const { return std::nullopt; }
};

using DeviceFactory = std::unique_ptr<SimulatedDevice> (*)(uint32_t number,
                                                           std::mt19937_64& random);

std::unique_ptr<SimulatedDevice> make_zigbee2mqtt(uint32_t number, std::mt19937_64& random);
std::unique_ptr<SimulatedDevice> make_tasmota(uint32_t number, std::mt19937_64& random);
std::unique_ptr<SimulatedDevice> make_shelly_gen1(uint32_t number, std::mt19937_64& random);
std::unique_ptr<SimulatedDevice> make_shelly_gen2(uint32_t number, std::mt19937_64& random);
std::unique_ptr<SimulatedDevice> make_esphome(uint32_t number, std::mt19937_64& random);
std::unique_ptr<SimulatedDevice> make_victron(uint32_t number, std::mt19937_64& random);
std::unique_ptr<SimulatedDevice> make_rtl_433(uint32_t number, std::mt19937_64& random);
std::unique_ptr<SimulatedDevice> make_homie(uint32_t number, std::mt19937_64& random);
std::unique_ptr<SimulatedDevice> make_evcc(uint32_t number, std::mt19937_64& random);
std::unique_ptr<SimulatedDevice> make_dsmr(uint32_t number, std::mt19937_64& random);
std::unique_ptr<SimulatedDevice> make_sparkplug(uint32_t number, std::mt19937_64& random);
// No device: malformed payloads, odd topics, random names.
std::unique_ptr<SimulatedDevice> make_hostile(uint32_t number, std::mt19937_64& random);

// A room or place by number; unique ("kitchen", …, "kitchen_2", …).
std::string place_name(uint32_t number);
// Wall clock as ISO 8601 with milliseconds in UTC, and without zone and milliseconds as Tasmota
// writes it.
std::string iso_time();
std::string local_time();
int64_t unix_seconds();

}  // namespace cistern::app
