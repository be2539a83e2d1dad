// SPDX-License-Identifier: MIT
#include "web/http.h"

#include "web/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cistern::web {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return (x | (x >= 'A' && x <= 'Z' ? 0x20 : 0)) == (y | (y >= 'A' && y <= 'Z' ? 0x20 : 0));
    });
}

struct MethodName {
    Method method;
    std::string_view name;
};
constexpr std::array<MethodName, 7> kMethods = {{{Method::Get, "GET"},
                                                 {Method::Head, "HEAD"},
                                                 {Method::Post, "POST"},
                                                 {Method::Put, "PUT"},
                                                 {Method::Delete, "DELETE"},
                                                 {Method::Patch, "PATCH"},
                                                 {Method::Options, "OPTIONS"}}};

struct StatusOfCode {
    int status;
    std::string_view type;
};

StatusOfCode status_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::NotFound:
            return {404, "not_found"};
        case ErrorCode::InvalidArgument:
            return {400, "bad_data"};
        case ErrorCode::Corruption:
        case ErrorCode::Io:
            return {500, "internal"};
        case ErrorCode::ResourceExhausted:
            return {413, "bad_data"};
        case ErrorCode::Unavailable:
            return {503, "unavailable"};
        case ErrorCode::Unsupported:
            return {415, "bad_data"};
        case ErrorCode::Cancelled:
            return {408, "canceled"};
    }
    return {500, "internal"};
}

}  // namespace

Method parse_method(std::string_view name) {
    for (const auto& known : kMethods) {
        if (known.name == name) return known.method;
    }
    return Method::Other;
}

std::string_view method_name(Method method) {
    for (const auto& known : kMethods) {
        if (known.method == method) return known.name;
    }
    return "?";
}

void Headers::add(std::string name, std::string value) {
    all_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string_view name, std::string value) {
    std::erase_if(all_,
                  [&](const auto& header) { return equal_ignoring_case(header.first, name); });
    all_.emplace_back(std::string(name), std::move(value));
}

std::string_view Headers::get(std::string_view name) const {
    for (const auto& [key, value] : all_) {
        if (equal_ignoring_case(key, name)) return value;
    }
    return {};
}

bool Headers::has(std::string_view name) const {
    return count(name) > 0;
}

size_t Headers::count(std::string_view name) const {
    return static_cast<size_t>(std::count_if(all_.begin(), all_.end(), [&](const auto& header) {
        return equal_ignoring_case(header.first, name);
    }));
}

std::string_view Request::path_value(std::string_view name) const {
    for (const auto& [key, value] : path_values) {
        if (key == name) return value;
    }
    return {};
}

Result<std::string> Request::read_body(size_t bytes_max) const {
    std::string text;
    if (body == nullptr) return text;
    size_t used = 0;
    while (true) {
        text.resize(std::max<size_t>(used + 16384, used + used / 2));
        const size_t got = TRY(body->read(std::span(text.data() + used, text.size() - used)));
        if (got == 0) break;
        used += got;
        if (used > bytes_max) {
            return fail(ErrorCode::ResourceExhausted,
                        fmt::format("the request body is larger than {} bytes", bytes_max));
        }
    }
    text.resize(used);
    return text;
}

Result<Parameters> Request::parameters(size_t form_bytes_max) const {
    const std::string_view type = headers.get("Content-Type");
    if (body == nullptr || !type.starts_with("application/x-www-form-urlencoded")) return query;
    const std::string form = TRY(read_body(form_bytes_max));
    Parameters both = TRY(Parameters::parse(form));
    both.append(query);
    return both;
}

Response Response::text(int status, std::string body) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", "text/plain; charset=utf-8");
    response.body = std::move(body);
    return response;
}

Response Response::json(int status, std::string body) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

Response Response::no_content() {
    Response response;
    response.status = 204;
    return response;
}

Response Response::error(int status, std::string_view type, std::string_view message) {
    JsonWriter json;
    json.begin_object();
    json.field("status", "error");
    json.field("errorType", type);
    json.field("error", message);
    json.end_object();
    return Response::json(status, json.take());
}

Response Response::error(const Error& error) {
    const StatusOfCode known = status_of(error.code);
    return Response::error(known.status, known.type, error.message);
}

std::string_view status_text(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 204:
            return "No Content";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 421:
            return "Misdirected Request";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 499:
            return "Client Closed Request";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        case 507:
            return "Insufficient Storage";
        default:
            return "Status";
    }
}

}  // namespace cistern::web
