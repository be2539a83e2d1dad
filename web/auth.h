// SPDX-License-Identifier: MIT
// Who sends a request, and whether that user may do it: basic auth and bearer tokens of the users
// file (docs/http_api.md, "Users").
#pragma once

#include "store/base/clock.h"
#include "store/base/result.h"
#include "web/http.h"
#include "web/options.h"

#include <memory>
#include <optional>

namespace cistern::web {

// Thread safe.
class Authenticator {
  public:
    // `clock` must outlive it.
    Authenticator(const AuthOptions& options, Clock& clock);
    ~Authenticator();

    // Reads the users file (mode Users). On an error, which names the line, the users of before
    // stay.
    Status load();
    // The refusal (401, 403, 429), or nothing; then request.user and request.may_use are set.
    [[nodiscard]] std::optional<Response> check(Request& request, Role needed);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace cistern::web
