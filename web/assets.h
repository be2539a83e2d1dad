// SPDX-License-Identifier: MIT
// The dashboard's files: built in, or from a folder while one works on them.
#pragma once

#include "web/http.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cistern::web {

// One file of web/ui/dist, as generated at build time.
struct Asset {
    std::string_view path;  // "assets/app-1A2B.js"
    std::string_view bytes;
};
// Empty when the program was built without a dashboard.
std::span<const Asset> embedded_assets();

// Thread safe.
class AssetServer {
  public:
    // `web_root`: when not empty, files are read from there at each request.
    AssetServer(std::span<const Asset> assets, std::string web_root);
    // The file, index.html for a page's address, or 404.
    [[nodiscard]] Response serve(const Request& request) const;

  private:
    struct Packed {
        std::string_view plain;
        std::string gzipped;  // empty when it would not be smaller
        std::string etag;
    };
    [[nodiscard]] Response serve_embedded(const Request& request, const std::string& path) const;
    [[nodiscard]] Response serve_from_disk(const std::string& path) const;

    std::unordered_map<std::string, Packed> files_;
    std::string web_root_;
};

std::string_view content_type_of(std::string_view path);

}  // namespace cistern::web
