// SPDX-License-Identifier: MIT
#include "web/dispatcher.h"

#include "web/openapi.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::web {
namespace {

constexpr uint64_t kNoBodyBytesMax = 64 << 10;  // of a route that takes none: read and ignored

Response not_found(std::string_view path) {
    return Response::error(404, "not_found", fmt::format("no such path: {}", path));
}

Router with_openapi(Router router) {
    add_openapi_route(router);
    return router;
}
}  // namespace

Dispatcher::Dispatcher(const WebOptions& options,
                       Router router,
                       std::string machine,
                       MetricsRegistry& registry,
                       Clock& clock)
    : options_(options),
      router_(with_openapi(std::move(router))),
      guard_(options, std::move(machine)),
      registry_(registry),
      authenticator_(options.auth, clock),
      counters_(router_.routes().size() + 1) {}

Status Dispatcher::load_users() {
    return authenticator_.load();
}

Admission Dispatcher::admit(IncomingRequest& incoming) {
    Admission admission;
    admission.route_index = router_.routes().size();
    admission.body_bytes_max = kNoBodyBytesMax;
    admission.refusal = check(incoming, admission);
    return admission;
}

std::optional<Response> Dispatcher::check(IncomingRequest& incoming, Admission& admission) {
    Request& request = incoming.request;
    if (incoming.raw_path.size() + incoming.raw_query.size() > options_.limits.uri_bytes) {
        return Response::error(
            414,
            "bad_data",
            fmt::format("the URL is longer than {} bytes: use POST", options_.limits.uri_bytes));
    }
    if (auto refusal = guard_.refuse(request, incoming.http_1_1)) return refusal;
    admission.place = take_place(request.peer);
    if (!admission.place) {
        Response busy =
            Response::error(429, "unavailable", "too many requests at once from this address");
        busy.headers.set("Retry-After", "1");
        return busy;
    }
    if (auto refusal = route(incoming, admission)) return refusal;
    const Role role = admission.route != nullptr ? admission.route->role : Role::Read;
    if (auto refusal = authenticator_.check(request, role)) return refusal;
    return check_body(incoming, admission);
}

std::optional<Response> Dispatcher::route(IncomingRequest& incoming, Admission& admission) {
    Request& request = incoming.request;
    const std::string_view raw_path = split_database(incoming.raw_path).path;
    Router::Match match = router_.match(request.method, raw_path);
    if (match.route != nullptr && (match.route->per_database || request.database.empty())) {
        admission.route = match.route;
        admission.route_index = match.index;
        request.path_values = std::move(match.path_values);
        return std::nullopt;
    }
    if (request.method == Method::Options) return guard_.preflight(match.allowed);
    if (!match.allowed.empty()) {
        Response wrong = Response::error(
            405, "bad_data", fmt::format("method {} is not allowed here", request.method_text));
        wrong.headers.set("Allow",
                          std::string(guard_.preflight(match.allowed).headers.get("Allow")));
        return wrong;
    }
    const bool reads = request.method == Method::Get || request.method == Method::Head;
    const bool api = request.path.starts_with("/api/") || !request.database.empty();
    if (!reads || api || !router_.fallback()) return not_found(request.path);
    return std::nullopt;
}

std::optional<Response> Dispatcher::check_body(const IncomingRequest& incoming,
                                               Admission& admission) const {
    const BodyLimit limit = admission.route != nullptr ? admission.route->body : BodyLimit::None;
    const LimitOptions& limits = options_.limits;
    if (limit == BodyLimit::Small) {
        admission.body_bytes_max = limits.body_bytes;
        admission.decompressed_bytes_max = limits.decompressed_bytes;
    } else if (limit == BodyLimit::Stream) {
        admission.body_bytes_max = limits.import_bytes;
        admission.decompressed_bytes_max = limits.import_bytes;
    }
    if (incoming.content_length > static_cast<int64_t>(admission.body_bytes_max)) {
        return Response::error(
            413,
            "bad_data",
            fmt::format("the request body is larger than {} bytes", admission.body_bytes_max));
    }
    const std::string_view coding = incoming.request.headers.get("Content-Encoding");
    admission.body_is_gzip = coding == "gzip" || coding == "x-gzip";
    const bool known =
        coding.empty() || coding == "identity" || coding == "snappy" || admission.body_is_gzip;
    if (!known) {
        return Response::error(
            415, "bad_data", fmt::format("Content-Encoding \"{}\" is not supported", coding));
    }
    const std::string_view expect = incoming.request.headers.get("Expect");
    if (!expect.empty() && expect != "100-continue") {
        return Response::error(417, "bad_data", "only Expect: 100-continue is understood");
    }
    return std::nullopt;
}

Response Dispatcher::run(const Admission& admission, const Request& request) {
    Response response;
    if (admission.refusal) {
        response = *admission.refusal;
    } else {
        response = admission.route != nullptr ? admission.route->handler(request)
                                              : router_.fallback()(request);
    }
    guard_.add_cors_headers(request, response);
    count(admission, response.status);
    return response;
}

std::shared_ptr<void> Dispatcher::take_place(const std::string& peer) {
    const MutexLock lock(places_->mutex);
    uint32_t& running = places_->by_peer[peer];
    if (running >= options_.limits.connections_per_peer) return nullptr;
    ++running;
    return {places_.get(), [places = places_, peer](void*) {
                const MutexLock inner(places->mutex);
                if (--places->by_peer[peer] == 0) places->by_peer.erase(peer);
            }};
}

void Dispatcher::count(const Admission& admission, int status) {
    const auto status_class =
        std::min<size_t>(static_cast<size_t>(status) / 100, kStatusClasses - 1);
    std::atomic<Counter*>& slot = counters_[admission.route_index].by_class[status_class];
    Counter* counter = slot.load(std::memory_order_acquire);
    if (counter == nullptr) {
        const std::string route = admission.route != nullptr ? admission.route->pattern : "other";
        counter =
            &registry_.counter("cistern_http_requests_total",
                               "HTTP requests answered.",
                               {{"route", route}, {"code", fmt::format("{}xx", status_class)}});
        slot.store(counter, std::memory_order_release);
    }
    counter->add();
}

}  // namespace cistern::web
