// SPDX-License-Identifier: MIT
// Publishes what real devices publish: for demos, tests and a look before the hardware is there.
#pragma once

#include "store/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cistern::app {

struct SimulatorOptions {
    std::string broker = "mqtt://localhost:1883";
    uint32_t devices = 60;  // spread evenly over the families
    double rate = 100;      // messages per second, all devices together
    double seconds = 0;     // 0 = until the process is stopped
    uint64_t seed = 1;
    bool hostile = false;  // one more publisher that sends what no device should
};

// The device families, by the names of their presets.
std::vector<std::string> simulated_families();

// Blocks. Every family has its own connection, with the last will of its first device, so that an
// interrupted simulator looks like a power cut. InvalidArgument: a bad option; Unavailable: the
// broker did not answer within ten seconds.
Status run_simulator(const SimulatorOptions& options);

}  // namespace cistern::app
