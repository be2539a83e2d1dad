// SPDX-License-Identifier: MIT
#include "web/assets.h"

#include "store/base/crc32c.h"
#include "store/base/file_system.h"
#include "web/gzip.h"
#include "web/response_writer.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace cistern::web {
namespace {

constexpr std::string_view kIndex = "index.html";
constexpr std::string_view kPolicy =
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src "
    "'self'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'";

bool is_packable(std::string_view path) {
    const std::string_view type = content_type_of(path);
    return type.starts_with("text/") || type.find("json") != type.npos ||
           type.find("svg") != type.npos;
}

// Without dot segments and backslashes; empty when there are some.
std::optional<std::string> relative_path(std::string_view path) {
    while (path.starts_with('/'))
        path.remove_prefix(1);
    if (path.empty()) return std::string(kIndex);
    std::string_view left = path;
    while (true) {
        const size_t end = left.find('/');
        const std::string_view segment = left.substr(0, end);
        if (segment.empty() || segment.starts_with('.') || segment.find('\\') != segment.npos) {
            return std::nullopt;
        }
        if (end == std::string_view::npos) return std::string(path);
        left = left.substr(end + 1);
    }
}

// A page's address has no extension and is asked for by a browser.
bool is_page(const Request& request) {
    const std::string_view accept = request.headers.get("Accept");
    const size_t slash = request.path.rfind('/');
    const bool has_extension = request.path.find('.', slash) != std::string::npos;
    return !has_extension && (accept.empty() || accept.find("text/html") != accept.npos ||
                              accept.find("*/*") != accept.npos);
}

void add_headers(Response& response, const std::string& path) {
    response.headers.set("Content-Type", std::string(content_type_of(path)));
    // Names below assets/ hold a hash of their content.
    const bool immutable = path.starts_with("assets/");
    response.headers.set("Cache-Control",
                         immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (!content_type_of(path).starts_with("text/html")) return;
    response.headers.set("Content-Security-Policy", std::string(kPolicy));
    response.headers.set("Referrer-Policy", "no-referrer");
}

Response no_such_file() {
    return Response::text(404, "404 page not found\n");
}

Response no_dashboard() {
    return Response::text(404, "This build has no dashboard; the API is at /api/v1.\n");
}

}  // namespace

std::string_view content_type_of(std::string_view path) {
    struct Type {
        std::string_view extension;
        std::string_view type;
    };
    static constexpr std::array<Type, 11> kTypes = {{{".html", "text/html; charset=utf-8"},
                                                     {".js", "text/javascript; charset=utf-8"},
                                                     {".css", "text/css; charset=utf-8"},
                                                     {".json", "application/json"},
                                                     {".map", "application/json"},
                                                     {".svg", "image/svg+xml"},
                                                     {".png", "image/png"},
                                                     {".ico", "image/x-icon"},
                                                     {".woff2", "font/woff2"},
                                                     {".webmanifest", "application/manifest+json"},
                                                     {".txt", "text/plain; charset=utf-8"}}};
    for (const Type& known : kTypes) {
        if (path.ends_with(known.extension)) return known.type;
    }
    return "application/octet-stream";
}

AssetServer::AssetServer(std::span<const Asset> assets, std::string web_root)
    : web_root_(std::move(web_root)) {
    for (const Asset& asset : assets) {
        Packed packed;
        packed.plain = asset.bytes;
        packed.etag = fmt::format(
            "\"{:08x}-{:x}\"", crc32c(std::as_bytes(std::span(asset.bytes))), asset.bytes.size());
        if (is_packable(asset.path)) packed.gzipped = gzip(asset.bytes, 9);
        if (packed.gzipped.size() >= asset.bytes.size()) packed.gzipped.clear();
        files_.emplace(std::string(asset.path), std::move(packed));
    }
}

Response AssetServer::serve(const Request& request) const {
    auto path = relative_path(request.path);
    if (!path) return no_such_file();
    if (!web_root_.empty()) {
        Response found = serve_from_disk(*path);
        return found.status == 404 && is_page(request) ? serve_from_disk(std::string(kIndex))
                                                       : found;
    }
    if (files_.empty()) return no_dashboard();
    if (!files_.contains(*path) && is_page(request)) path = std::string(kIndex);
    return serve_embedded(request, *path);
}

Response AssetServer::serve_embedded(const Request& request, const std::string& path) const {
    const auto at = files_.find(path);
    if (at == files_.end()) return no_such_file();
    const Packed& file = at->second;
    Response response;
    add_headers(response, path);
    response.headers.set("ETag", file.etag);
    if (request.headers.get("If-None-Match").find(file.etag) != std::string_view::npos) {
        response.status = 304;
        return response;
    }
    const bool packed =
        !file.gzipped.empty() && accepts_gzip(request.headers.get("Accept-Encoding"));
    if (packed) response.headers.set("Content-Encoding", "gzip");
    response.body = packed ? std::string_view(file.gzipped) : file.plain;
    return response;
}

Response AssetServer::serve_from_disk(const std::string& path) const {
    auto content = read_file(posix_file_system(), web_root_ + "/" + path);
    if (!content) return no_such_file();
    Response response;
    add_headers(response, path);
    response.headers.set("Cache-Control", "no-store");
    response.body = *std::move(content);
    return response;
}

}  // namespace cistern::web
