// SPDX-License-Identifier: MIT
// Decides about a request before its body is read, then runs its route: guard, limits, routing,
// authentication, counting.
#pragma once

#include "store/base/clock.h"
#include "store/base/metrics.h"
#include "store/base/mutex.h"
#include "web/auth.h"
#include "web/civet_request.h"
#include "web/guard.h"
#include "web/router.h"

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace cistern::web {

// Where a request goes. Counts the peer's running request for as long as it lives.
struct Admission {
    std::optional<Response> refusal;
    const Route* route = nullptr;  // null: the fallback
    size_t route_index = 0;
    uint64_t body_bytes_max = 0;
    uint64_t decompressed_bytes_max = 0;
    bool body_is_gzip = false;
    std::shared_ptr<void> place;
};

// Thread safe.
class Dispatcher {
  public:
    Dispatcher(const WebOptions& options,
               Router router,
               std::string machine,
               MetricsRegistry& registry,
               Clock& clock);
    Status load_users();

    [[nodiscard]] Admission admit(IncomingRequest& incoming);
    [[nodiscard]] Response run(const Admission& admission, const Request& request);

  private:
    std::optional<Response> check(IncomingRequest& incoming, Admission& admission);
    std::optional<Response> route(IncomingRequest& incoming, Admission& admission);
    std::optional<Response> check_body(const IncomingRequest& incoming, Admission& admission) const;
    // Null when the peer has too many running requests.
    std::shared_ptr<void> take_place(const std::string& peer);
    void count(const Admission& admission, int status);

    static constexpr size_t kStatusClasses = 6;
    struct RouteCounters {
        std::array<std::atomic<Counter*>, kStatusClasses> by_class{};
    };

    // Constant after construction.
    const WebOptions& options_;
    const Router router_;
    const Guard guard_;
    MetricsRegistry& registry_;
    Authenticator authenticator_;
    std::vector<RouteCounters> counters_;  // by route index; the last is the fallback

    struct Places {
        Mutex mutex;
        std::unordered_map<std::string, uint32_t> by_peer CISTERN_GUARDED_BY(mutex);
    };
    std::shared_ptr<Places> places_ = std::make_shared<Places>();
};

}  // namespace cistern::web
