// SPDX-License-Identifier: MIT
#include "web/auth.h"

namespace cistern::web {

struct Authenticator::State {
    AuthOptions options;
};

Authenticator::Authenticator(const AuthOptions& options, Clock&) : state_(new State{options}) {}
Authenticator::~Authenticator() = default;

Status Authenticator::load() {
    if (state_->options.mode != AuthMode::Users) return {};
    return fail(ErrorCode::Unsupported, "auth.mode = \"users\" is not in this build");
}

std::optional<Response> Authenticator::check(Request&, Role) {
    return std::nullopt;
}

}  // namespace cistern::web
