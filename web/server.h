// SPDX-License-Identifier: MIT
// The HTTP server: sockets, threads, limits, who may call what. The only place that knows CivetWeb.
#pragma once

#include "store/base/clock.h"
#include "store/base/metrics.h"
#include "store/base/result.h"
#include "web/options.h"
#include "web/router.h"

#include <memory>

namespace cistern::web {

class Authenticator;

class Server {
  public:
    // Binds and serves at once. InvalidArgument: a bad address, or one beyond loopback without
    // auth (the message says what to add); Io: the port is taken. `registry` and `clock` must
    // outlive the server.
    static Result<std::unique_ptr<Server>> start(const WebOptions& options,
                                                 Router router,
                                                 MetricsRegistry& registry,
                                                 Clock& clock = system_clock());
    // Stops.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Lets running requests finish, ends the streams, then returns. Idempotent.
    void stop();
    // Reads the users file again; the old users stay when it is bad.
    Status reload_users();

    // The bound port, also when 0 was asked for.
    [[nodiscard]] uint16_t port() const;
    // http://address:port
    [[nodiscard]] std::string url() const;

  private:
    struct State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// Whether `listen` may be bound under `auth`, and if not, what to write into the settings.
Status check_exposure(const std::string& listen, const AuthOptions& auth);

}  // namespace cistern::web
