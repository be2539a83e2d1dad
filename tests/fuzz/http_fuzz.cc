// SPDX-License-Identifier: MIT
// What of HTTP is ours: routing, hosts, encodings, gzip bodies, users files, dashboards, asset
// paths.
#include "store/base/assert.h"
#include "store/base/base64.h"
#include "web/assets.h"
#include "web/dashboards.h"
#include "web/guard.h"
#include "web/gzip.h"
#include "web/json_writer.h"
#include "web/listen_address.h"
#include "web/response_writer.h"
#include "web/router.h"
#include "web/secrets.h"
#include "web/users_file.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace cistern::web;

const Router& routes() {
    static const Router router = [] {
        Router made;
        const Handler handler = [](const Request&) { return Response::no_content(); };
        made.get("/api/v1/label/{name}/values", Role::Read, handler);
        made.get_or_post("/api/v1/query", Role::Read, handler);
        return made;
    }();
    return router;
}

void ask(std::string_view text) {
    static constexpr std::array<Asset, 1> kAssets = {{{"index.html", "x"}}};
    static const AssetServer assets(kAssets, "");
    static const Guard guard({}, "machine");
    const DatabasePath split = split_database(text);
    (void)routes().match(Method::Get, split.path);
    Request request;
    request.method = Method::Post;
    request.path = text;
    request.headers.add("Host", std::string(text));
    request.headers.add("Origin", std::string(text));
    (void)guard.refuse(request, true);
    CISTERN_ASSERT(assets.serve(request).body.size() <= 100);
    (void)accepts_gzip(text);
    (void)parse_listen_address(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    ask(text);
    const auto plain = gunzip(text, 1 << 20);
    if (plain) CISTERN_ASSERT(plain->size() <= 1 << 20);
    (void)parse_users(text);
    (void)decode_base64(text);
    (void)Dashboards::faults_of(text);
    JsonWriter json;
    json.string(text);
    CISTERN_ASSERT(json.size() >= 2);
    return 0;
}
