// SPDX-License-Identifier: MIT
// Notices that a client closed its connection while its request is being worked on, so that nobody
// computes what nobody reads. Go's server does the same for Prometheus.
#pragma once

#include "store/base/mutex.h"

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>

namespace cistern::web {

// The two ends of a connection as the server library tells them; IPv4.
struct ConnectionEnds {
    std::string client_address;
    uint16_t client_port = 0;
    uint16_t server_port = 0;
};

// Thread safe. Its thread sleeps while nobody is watched, and costs fast requests nothing: it is woken
// ten times a second at most.
class ClientWatch {
  public:
    ClientWatch();
    ~ClientWatch();
    ClientWatch(const ClientWatch&) = delete;
    ClientWatch& operator=(const ClientWatch&) = delete;

    // Calls `gone` at most once, from the watching thread, within some tenths of a second. Never
    // after the returned guard is destroyed, which must be before this and the connection.
    [[nodiscard]] std::shared_ptr<void> watch(ConnectionEnds ends, std::function<void()> gone);

  private:
    struct Watched {
        ConnectionEnds ends;
        std::function<void()> gone;
        bool is_slow = false;  // was there at the last look too
        int socket = -1;       // found when the request turns out to be slow
    };
    void run();
    static void look_at(Watched& watched);

    Mutex mutex_;
    CondVar changed_;
    std::list<Watched> watched_ CISTERN_GUARDED_BY(mutex_);
    bool is_asleep_ CISTERN_GUARDED_BY(mutex_) = false;
    bool stopping_ CISTERN_GUARDED_BY(mutex_) = false;
    std::jthread thread_;
};

}  // namespace cistern::web
