// SPDX-License-Identifier: MIT
#include "web/assets.h"

#include "tests/support/temp_folder.h"
#include "web/gzip.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>

namespace cistern::web {
namespace {

const std::string kScript(5000, 's');
const std::array<Asset, 3> kAssets = {{{"index.html", "<!doctype html><title>x</title>"},
                                       {"assets/app-1A2B.js", kScript},
                                       {"logo.png", "\x89PNG"}}};

Request request(std::string path, std::string accept = "text/html,*/*") {
    Request made;
    made.path = std::move(path);
    made.headers.add("Accept", std::move(accept));
    return made;
}

TEST(Assets, ServesHashedFilesForEverAndPacked) {
    const AssetServer server(kAssets, "");
    Request wanted = request("/assets/app-1A2B.js");
    const Response plain = server.serve(wanted);
    EXPECT_EQ(plain.status, 200);
    EXPECT_EQ(plain.body, kScript);
    EXPECT_EQ(plain.headers.get("Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_NE(plain.headers.get("Cache-Control").find("immutable"), std::string_view::npos);
    wanted.headers.add("Accept-Encoding", "gzip");
    const Response packed = server.serve(wanted);
    EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
    EXPECT_EQ(gunzip(packed.body, 1 << 20).value_or(""), kScript);
}

TEST(Assets, AnswersPagesWithTheIndexAndAPolicy) {
    const AssetServer server(kAssets, "");
    for (const char* path : {"/", "/explore", "/d/my-board"}) {
        const Response page = server.serve(request(path));
        EXPECT_EQ(page.status, 200) << path;
        EXPECT_EQ(page.body, kAssets[0].bytes);
        EXPECT_EQ(page.headers.get("Cache-Control"), "no-cache");
        EXPECT_NE(page.headers.get("Content-Security-Policy").find("default-src 'self'"),
                  std::string_view::npos);
    }
    EXPECT_EQ(server.serve(request("/missing.js")).status, 404);
    EXPECT_EQ(server.serve(request("/explore", "application/json")).status, 404);
}

TEST(Assets, AnswersNotModified) {
    const AssetServer server(kAssets, "");
    Request wanted = request("/");
    wanted.headers.add("If-None-Match", std::string(server.serve(wanted).headers.get("ETag")));
    const Response answer = server.serve(wanted);
    EXPECT_EQ(answer.status, 304);
    EXPECT_EQ(answer.body, "");
}

TEST(Assets, WorksWithoutADashboard) {
    const AssetServer server({}, "");
    EXPECT_EQ(server.serve(request("/")).status, 404);
}

TEST(Assets, ReadsAFolderButNothingBesideIt) {
    const test::TempFolder folder;
    std::ofstream(folder.file("index.html")) << "from disk";
    std::ofstream(folder.file(".secret")) << "secret";
    const AssetServer server(kAssets, folder.path());
    EXPECT_EQ(server.serve(request("/")).body, "from disk");
    EXPECT_EQ(server.serve(request("/topics")).body, "from disk");
    for (const char* path :
         {"/../etc/passwd", "/.secret", "/a/../../x.js", "//etc/passwd.js", "/a\\..\\x.js"}) {
        EXPECT_EQ(server.serve(request(path)).status, 404) << path;
    }
}

}  // namespace
}  // namespace cistern::web
