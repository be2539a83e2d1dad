// SPDX-License-Identifier: MIT
// A running server with the whole API over a store in memory.
#pragma once

#include "tests/support/temp_folder.h"
#include "tests/web/memory_store.h"
#include "tests/web/raw_client.h"
#include "web/api.h"
#include "web/server.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>

namespace cistern::test {

// 2026-01-15 12:00:00 UTC
inline constexpr int64_t kNowNs = 1'768'478'400'000'000'000;

class ApiTest : public ::testing::Test {
  protected:
    void SetUp() override { start(); }
    void start(web::WebOptions options = {}) {
        server_.reset();
        api_.reset();
        options.listen = "127.0.0.1:0";
        web::ApiOptions api_options;
        api_options.root = folder_.path();
        api_ = std::make_unique<web::Api>(store_, registry_, options, api_options, *api_clock_);
        auto started = web::Server::start(options, api_->routes(), registry_);
        ASSERT_TRUE(started.has_value()) << started.error().message;
        server_ = *std::move(started);
    }
    Answer get(std::string_view target, std::string_view headers = "") {
        return RawClient(server_->port()).exchange(get_request(target, headers));
    }
    Answer post(std::string_view target, std::string_view body, std::string_view headers = "") {
        return RawClient(server_->port()).exchange(post_request(target, body, headers));
    }
    // The answer's body, which must be JSON.
    static nlohmann::json document(const Answer& answer) {
        auto parsed = nlohmann::json::parse(answer.body, nullptr, false);
        EXPECT_FALSE(parsed.is_discarded()) << answer.status << ": " << answer.body;
        return parsed;
    }
    void import(std::string_view lines) {
        const Answer answer = post("/api/v1/import", lines);
        ASSERT_EQ(answer.status, 200) << answer.body;
    }

    TempFolder folder_;
    ManualClock clock_{kNowNs};
    Clock* api_clock_ = &clock_;
    MemoryStore store_;
    MetricsRegistry registry_;
    std::unique_ptr<web::Api> api_;
    std::unique_ptr<web::Server> server_;
};

}  // namespace cistern::test
