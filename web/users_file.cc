// SPDX-License-Identifier: MIT
#include "web/users_file.h"

#include "store/base/file_system.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

namespace cistern::web {
namespace {

// What crypt(3) reads and what resists guessing. sha512crypt and older are too fast.
constexpr std::array<std::string_view, 6> kStrongHashes = {
    "$y$", "$gy$", "$2b$", "$2y$", "$2a$", "$7$"};

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
        text.remove_suffix(1);
    return text;
}

bool glob_matches(std::string_view glob, std::string_view text) {
    while (!glob.empty()) {
        if (glob.front() == '*') {
            const std::string_view rest = glob.substr(1);
            for (size_t i = 0; i <= text.size(); ++i) {
                if (glob_matches(rest, text.substr(i))) return true;
            }
            return false;
        }
        if (text.empty() || glob.front() != text.front()) return false;
        glob.remove_prefix(1);
        text.remove_prefix(1);
    }
    return text.empty();
}

Error bad(std::string message) {
    return {ErrorCode::InvalidArgument, std::move(message)};
}

Status take_roles(std::string_view roles, User& user) {
    for (const std::string_view part : split(roles, ',')) {
        const std::string_view role = trim(part);
        if (role == "read") {
            user.reads = true;
        } else if (role == "write") {
            user.writes = true;
        } else if (role == "admin") {
            user.administers = true;
        } else {
            return tl::unexpected(
                bad(fmt::format("unknown role \"{}\": read, write or admin", role)));
        }
    }
    return {};
}

Status take_databases(std::string_view databases, User& user) {
    for (const std::string_view part : split(databases, ',')) {
        std::string_view glob = trim(part);
        if (glob.ends_with("/*")) glob.remove_suffix(2);
        const bool good = !glob.empty() && std::all_of(glob.begin(), glob.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                   c == '*';
        });
        if (!good)
            return tl::unexpected(
                bad(fmt::format("\"{}\" is no database or pattern with *", part)));
        if (std::count(glob.begin(), glob.end(), '*') > 4) {
            return tl::unexpected(bad(fmt::format("\"{}\" has more than four *", part)));
        }
        user.databases.emplace_back(glob);
    }
    return {};
}

Status check_hash(const User& user) {
    if (user.is_token) {
        const bool hex =
            user.hash.size() == 64 && std::all_of(user.hash.begin(), user.hash.end(), [](char c) {
                return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
            });
        return hex ? Status{}
                   : tl::unexpected(bad("a token's hash is 64 lower-case hex digits of SHA-256"));
    }
    const bool strong =
        std::any_of(kStrongHashes.begin(), kStrongHashes.end(), [&](std::string_view prefix) {
            return user.hash.starts_with(prefix);
        });
    if (strong) return {};
    return tl::unexpected(
        bad("the hash must be yescrypt or bcrypt: make one with `mkpasswd -m yescrypt`"));
}

Result<User> parse_user(std::string_view line) {
    std::vector<std::string_view> parts = split(line, ':');
    User user;
    user.is_token = parts.size() > 2 && parts[0] == "tok";
    if (user.is_token) {
        parts.erase(parts.begin());
        if (parts.size() < 3 || parts[1] != "sha256")
            return tl::unexpected(bad("a token is tok:NAME:sha256:HEX:ROLES"));
        parts.erase(parts.begin() + 1);
    }
    if (parts.size() < 3 || parts.size() > 4) {
        return tl::unexpected(
            bad(fmt::format("{} fields, not name:hash:roles[:databases]", parts.size())));
    }
    user.name = trim(parts[0]);
    user.hash = trim(parts[1]);
    if (user.name.empty()) return tl::unexpected(bad("the name is empty"));
    TRY(check_hash(user));
    TRY(take_roles(parts[2], user));
    if (parts.size() == 4) TRY(take_databases(parts[3], user));
    return user;
}

}  // namespace

bool User::may(Role role) const {
    switch (role) {
        case Role::Public:
            return true;
        case Role::Read:
            return reads || administers;
        case Role::Write:
            return writes || administers;
        case Role::Admin:
            return administers;
    }
    return false;
}

bool User::may_use(std::string_view database) const {
    if (databases.empty()) return true;
    // The union of all is for those who may use every one.
    return std::any_of(databases.begin(), databases.end(), [&](const std::string& glob) {
        return glob == "*" || (database != "_all" && glob_matches(glob, database));
    });
}

Result<std::vector<User>> parse_users(std::string_view text) {
    std::vector<User> users;
    size_t number = 0;
    for (const std::string_view raw : split(text, '\n')) {
        ++number;
        const std::string_view line = trim(raw);
        if (line.empty() || line.front() == '#') continue;
        auto user = parse_user(line);
        if (!user) return tl::unexpected(user.error().with_context(fmt::format("line {}", number)));
        const auto same = [&](const User& other) {
            return other.name == user->name && other.is_token == user->is_token;
        };
        if (std::any_of(users.begin(), users.end(), same)) {
            return tl::unexpected(
                bad(fmt::format("line {}: \"{}\" is there twice", number, user->name)));
        }
        users.push_back(*std::move(user));
    }
    return users;
}

Result<std::vector<User>> read_users_file(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0) {
        return tl::unexpected(bad(fmt::format("{}: everybody can read it: chmod 640", path)));
    }
    const std::string text = TRY(read_file(posix_file_system(), path));
    return parse_users(text).with_context(path);
}

}  // namespace cistern::web
