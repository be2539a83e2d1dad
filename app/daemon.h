// SPDX-License-Identifier: MIT
// The running process: store, collectors, HTTP server and own statistics, started and stopped in
// order.
#pragma once

#include "config/engine_config.h"
#include "store/base/clock.h"
#include "store/base/result.h"

#include <memory>
#include <string>

namespace cistern::app {

// start and stop from one thread, reload from the same.
class Daemon {
  public:
    // Opens the store (Unavailable names the process that has the root), serves HTTP, connects the
    // brokers. On an error everything that was started is stopped again.
    static Result<std::unique_ptr<Daemon>> start(config::EngineConfig config, Clock& clock);
    // Stops.
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    // Takes new settings over: brokers, rules and users at once. Settings of the store, the
    // addresses and limits need a restart; their change is logged.
    Status reload(config::EngineConfig config);
    // Disconnects the brokers with their sessions kept, ends HTTP, flushes and closes the store.
    Status stop();

    // Where HTTP answers.
    [[nodiscard]] std::string url() const;

  private:
    struct Parts;
    explicit Daemon(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace cistern::app
