// SPDX-License-Identifier: MIT
// Who may log in: one line per user or token.
//
//   # name:hash:roles[:databases]
//   alice:$y$j9T$...:admin
//   grafana:$2b$10$...:read:plant1,main
//   tok:gateway7:sha256:<64 hex digits>:write:plant*
#pragma once

#include "store/base/result.h"
#include "web/http.h"

#include <string>
#include <string_view>
#include <vector>

namespace cistern::web {

struct User {
    std::string name;
    bool is_token = false;
    // Of a user: crypt(5), yescrypt or bcrypt. Of a token: SHA-256 as 64 lower-case hex digits.
    std::string hash;
    bool reads = false, writes = false, administers = false;
    std::vector<std::string> databases;  // globs with *; empty: every one

    // Public, or one of the roles; admin may everything.
    [[nodiscard]] bool may(Role role) const;
    [[nodiscard]] bool may_use(std::string_view database) const;
};

// InvalidArgument names the first bad line and what is wrong with it.
Result<std::vector<User>> parse_users(std::string_view text);
// The same from a file, which others must not be able to read.
Result<std::vector<User>> read_users_file(const std::string& path);

}  // namespace cistern::web
