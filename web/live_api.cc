// SPDX-License-Identifier: MIT
#include "web/live_api.h"

#include "web/live_hub.h"
#include "web/live_stream.h"
#include "web/selectors.h"

namespace cistern::web {
namespace {

// Also says NotFound for a database that is not there.
Result<std::shared_ptr<LiveSubscription>> subscribe(const Services& services,
                                                    const Request& request) {
    std::string database = TRY(database_name(services, request));
    TRY(open_querier(services, request, database));
    const Parameters parameters = TRY(request.parameters());
    auto selectors = TRY(parse_match_parameters(parameters));
    return std::make_shared<LiveSubscription>(
        services, std::move(database), std::move(selectors), services.options.limits.live_series);
}

Response live(const Services& services, const Request& request) {
    const LimitOptions& limits = services.options.limits;
    std::shared_ptr<LiveHub::Place> place =
        services.live.take_place(request.peer, limits.live_streams, limits.live_streams_per_peer);
    if (!place) {
        Response full = Response::error(
            503, "unavailable", "all live streams are taken: poll /api/v1/live/snapshot");
        full.headers.set("Retry-After", "5");
        return full;
    }
    auto subscription = subscribe(services, request);
    if (!subscription) return Response::error(subscription.error());
    Response response;
    response.headers.add("Content-Type", "text/event-stream");
    response.headers.add("Cache-Control", "no-cache");
    response.headers.add("X-Accel-Buffering", "no");  // nginx passes each event on at once
    response.endless = true;
    response.compressible = false;
    response.stream = [&services, place, subscription = *subscription](ResponseStream& out) {
        run_live_stream(*subscription, services.clock, out);
    };
    return response;
}

Response snapshot(const Services& services, const Request& request) {
    auto subscription = subscribe(services, request);
    if (!subscription) return Response::error(subscription.error());
    std::string items;
    (*subscription)->snapshot(items);
    return success("{\"series\":[" + items + "]}");
}

}  // namespace

void add_live_routes(Router& router, const Services& services) {
    router.get("/api/v1/live", Role::Read, [&services](const Request& request) {
        return live(services, request);
    });
    router.get("/api/v1/live/snapshot", Role::Read, [&services](const Request& request) {
        return snapshot(services, request);
    });
}

}  // namespace cistern::web
