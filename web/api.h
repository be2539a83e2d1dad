// SPDX-License-Identifier: MIT
// The whole HTTP API over one store: its state, and its routes for a Server.
#pragma once

#include "store/base/clock.h"
#include "store/base/metrics.h"
#include "store/engine/store.h"
#include "web/options.h"
#include "web/router.h"

#include <memory>
#include <string>

namespace cistern::web {

struct ApiOptions {
    std::string root;  // the data folder; dashboards live in <root>/_dashboards
    std::string default_database = "main";
    std::string version = "0.1.0";
};

// Must outlive the Server that got its routes. Thread safe after construction.
class Api {
  public:
    // Everything given must outlive it. Takes the store's listener for the live stream and adds
    // the store's numbers to the registry.
    Api(store::Store& store,
        MetricsRegistry& registry,
        const WebOptions& web,
        ApiOptions options,
        Clock& clock = system_clock());
    // Gives the listener back.
    ~Api();
    Api(const Api&) = delete;
    Api& operator=(const Api&) = delete;

    // Every route of the API and, as the fallback, the dashboard's files. App adds its own.
    [[nodiscard]] Router routes() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace cistern::web
