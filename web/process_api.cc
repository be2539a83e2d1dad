// SPDX-License-Identifier: MIT
#include "web/process_api.h"

#include "web/json_writer.h"

namespace cistern::web {
namespace {

Response health(const Services& services) {
    JsonWriter json;
    json.begin_object();
    json.field("status", "ok");
    std::string refused;
    for (const std::string& name : services.store.database_names()) {
        const store::Database* database = services.store.find(name);
        if (database == nullptr) continue;
        const store::DatabaseStats stats = database->stats();
        if (stats.read_only && refused.empty()) refused = name + ": " + stats.read_only_reason;
    }
    if (!refused.empty()) {
        // Queries work and the disk may get room again: the process itself is well.
        json.field("read_only", true);
        json.field("reason", refused);
    }
    json.end_object();
    return Response::json(200, json.take());
}

Response metrics(const Services& services) {
    Response response = Response::text(200, services.registry.exposition());
    response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    return response;
}

}  // namespace

void add_process_routes(Router& router, const Services& services) {
    const auto add = [&router](std::string pattern, Role role, Handler handler) {
        router.add(
            {Method::Get, std::move(pattern), role, std::move(handler), BodyLimit::None, false});
    };
    add("/health", Role::Public, [&services](const Request&) { return health(services); });
    add("/-/healthy", Role::Public, [](const Request&) {
        return Response::text(200, "Cistern is healthy.\n");
    });
    add("/-/ready", Role::Public, [](const Request&) {
        return Response::text(200, "Cistern is ready.\n");
    });
    const Role metrics_role = services.options.auth.public_metrics ? Role::Public : Role::Read;
    add("/metrics", metrics_role, [&services](const Request&) { return metrics(services); });
}

}  // namespace cistern::web
