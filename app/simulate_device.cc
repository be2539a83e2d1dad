// SPDX-License-Identifier: MIT
#include "app/simulate_device.h"

#include "store/base/clock.h"
#include "store/base/time_units.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <ctime>
#include <numbers>

namespace cistern::app {
namespace {

constexpr std::array kPlaces = {"kitchen",
                                "living_room",
                                "bedroom",
                                "bathroom",
                                "hallway",
                                "office",
                                "garage",
                                "garden",
                                "attic",
                                "cellar",
                                "nursery",
                                "laundry",
                                "workshop",
                                "terrace",
                                "pantry",
                                "studio"};

std::tm utc_now() {
    const std::time_t seconds = unix_seconds();
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return parts;
}

}  // namespace

double Wander::at(double now_s, std::mt19937_64& random) {
    std::normal_distribution<double> normal(0, 1);
    if (phase_ < 0) {
        phase_ = std::uniform_real_distribution<double>(0, 2 * std::numbers::pi)(random);
    }
    constexpr double kPull = 0.02;  // how strongly the walk is drawn back to zero
    walk_ += -kPull * walk_ + swing_ * kPull * normal(random);
    const double wave = swing_ * std::sin(2 * std::numbers::pi * now_s / period_s_ + phase_);
    return middle_ + wave + walk_ + noise_ * normal(random);
}

std::string place_name(uint32_t number) {
    const std::string place = kPlaces[number % kPlaces.size()];
    const size_t round = number / kPlaces.size();
    return round == 0 ? place : fmt::format("{}_{}", place, round + 1);
}

std::string iso_time() {
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                       utc_now(),
                       system_clock().now_ns() % kNsPerSecond / kNsPerMs);
}
std::string local_time() {
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}", utc_now());
}
int64_t unix_seconds() {
    return system_clock().now_ns() / kNsPerSecond;
}

}  // namespace cistern::app
