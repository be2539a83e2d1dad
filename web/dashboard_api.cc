// SPDX-License-Identifier: MIT
#include "web/dashboard_api.h"

#include "web/json_writer.h"
#include "web/services.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cistern::web {
namespace {

Response failed(const Error& error) {
    if (error.code == ErrorCode::Unavailable)
        return Response::error(412, "conflict", error.message);
    if (error.code == ErrorCode::ResourceExhausted)
        return Response::error(507, "unavailable", error.message);
    return Response::error(error);
}

Dashboards::Condition condition_of(const Request& request) {
    Dashboards::Condition condition;
    condition.if_match = request.headers.get("If-Match");
    condition.if_none_match = request.headers.get("If-None-Match") == "*";
    return condition;
}

Response list(const Dashboards& dashboards) {
    const auto all = dashboards.list();
    if (!all) return failed(all.error());
    JsonWriter json;
    json.begin_array();
    for (const DashboardSummary& one : *all) {
        json.begin_object();
        json.field("id", one.id);
        json.field("title", one.title);
        json.field("etag", one.etag);
        json.end_object();
    }
    json.end_array();
    return success(json.text());
}

Response read(const Dashboards& dashboards, const Request& request) {
    auto file = dashboards.read(request.path_value("id"));
    if (!file) return failed(file.error());
    Response response = Response::json(200, std::move(file->document));
    response.headers.set("ETag", file->etag);
    response.headers.set("Cache-Control", "no-cache");
    if (request.headers.get("If-None-Match").find(file->etag) != std::string_view::npos) {
        response.status = 304;
        response.body.clear();
    }
    return response;
}

Response kept(const DashboardFile& file, int status) {
    JsonWriter json;
    json.begin_object();
    json.field("status", "success");
    json.key("data");
    json.begin_object();
    json.field("id", file.id);
    json.field("etag", file.etag);
    json.end_object();
    json.end_object();
    Response response = Response::json(status, json.take());
    response.headers.set("ETag", file.etag);
    if (status == 201) response.headers.set("Location", "/api/v1/dashboards/" + file.id);
    return response;
}

Response put(Dashboards& dashboards, const Request& request) {
    const auto body = request.read_body(kDashboardBytesMax);
    if (!body) return Response::error(body.error());
    const std::string_view id = request.path_value("id");
    const bool is_new = !dashboards.read(id).has_value();
    const auto file = dashboards.write(id, *body, condition_of(request));
    return file ? kept(*file, is_new ? 201 : 200) : failed(file.error());
}

// "Boiler room" -> "boiler-room".
std::string id_of_title(std::string_view title) {
    std::string id;
    for (char c : title) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 0x20);
        const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (good) {
            id += c;
        } else if (!id.empty() && id.back() != '-') {
            id += '-';
        }
    }
    id = id.substr(0, 56);
    while (id.ends_with('-'))
        id.pop_back();
    return id.empty() ? "dashboard" : id;
}

// The id in the document, or one made of its title; never one that is taken.
Response create(Dashboards& dashboards, const Request& request) {
    const auto body = request.read_body(kDashboardBytesMax);
    if (!body) return Response::error(body.error());
    const auto document = nlohmann::json::parse(*body, nullptr, false);
    std::string wanted;
    if (document.is_object() && document.contains("id") && document["id"].is_string()) {
        wanted = document["id"].get<std::string>();
    } else if (document.is_object() && document.contains("title") &&
               document["title"].is_string()) {
        wanted = id_of_title(document["title"].get<std::string>());
    }
    if (wanted.empty()) wanted = "dashboard";
    std::string id = wanted;
    for (int i = 2; dashboards.read(id).has_value(); ++i)
        id = fmt::format("{}-{}", wanted, i);
    const auto file = dashboards.write(id, *body, {"", true});
    return file ? kept(*file, 201) : failed(file.error());
}

Response remove(Dashboards& dashboards, const Request& request) {
    const Status removed = dashboards.remove(request.path_value("id"), condition_of(request));
    return removed ? Response::no_content() : failed(removed.error());
}

Response validate(const Request& request) {
    const auto body = request.read_body(kDashboardBytesMax);
    if (!body) return Response::error(body.error());
    const auto faults = Dashboards::faults_of(*body);
    JsonWriter json;
    json.begin_object();
    json.field("ok", faults.empty());
    json.key("errors");
    json.begin_array();
    for (const std::string& fault : faults)
        json.string(fault);
    json.end_array();
    json.end_object();
    return success(json.text());
}

}  // namespace

void add_dashboard_routes(Router& router, Dashboards& dashboards) {
    const std::string all = "/api/v1/dashboards";
    const std::string one = all + "/{id}";
    const auto add = [&router](
                         Method method, const std::string& pattern, Role role, Handler handler) {
        const bool body = method == Method::Post || method == Method::Put;
        router.add({method,
                    pattern,
                    role,
                    std::move(handler),
                    body ? BodyLimit::Small : BodyLimit::None,
                    false});
    };
    add(Method::Get, all, Role::Read, [&dashboards](const Request&) { return list(dashboards); });
    add(Method::Get, one, Role::Read, [&dashboards](const Request& request) {
        return read(dashboards, request);
    });
    add(Method::Put, one, Role::Admin, [&dashboards](const Request& request) {
        return put(dashboards, request);
    });
    add(Method::Delete, one, Role::Admin, [&dashboards](const Request& request) {
        return remove(dashboards, request);
    });
    add(Method::Post, all, Role::Admin, [&dashboards](const Request& request) {
        return create(dashboards, request);
    });
    add(Method::Post, all + "/validate", Role::Read, validate);
}

}  // namespace cistern::web
