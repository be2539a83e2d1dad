// SPDX-License-Identifier: MIT
#include "web/auth.h"

#include "store/base/base64.h"
#include "store/base/mutex.h"
#include "store/base/time_units.h"
#include "web/secrets.h"
#include "web/users_file.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace cistern::web {
namespace {

constexpr int64_t kRememberNs = 300 * kNsPerSecond;
constexpr size_t kRememberedMax = 1000;
constexpr int64_t kFailureWindowNs = 60 * kNsPerSecond;
constexpr uint32_t kFailuresMax = 5;  // of one address within the window
constexpr size_t kPeersMax = 10'000;
constexpr uint32_t kHashesAtOnce = 2;  // they take all of a core for a tenth of a second
// A hash that no password has, so that an unknown name takes as long as a known one.
constexpr const char* kNobody = "$2b$10$abcdefghijklmnopqrstuuWq4Zy8mPqLxGd2mK1oD3vF5nT7sR9hC";

using Users = std::vector<User>;

const User* find(const Users& users, std::string_view name, bool token) {
    const auto at = std::find_if(users.begin(), users.end(), [&](const User& user) {
        return user.is_token == token && user.name == name;
    });
    return at == users.end() ? nullptr : &*at;
}

Response unauthorized(std::string_view message) {
    Response response = Response::error(401, "unauthorized", message);
    response.headers.set("WWW-Authenticate", R"(Basic realm="Cistern", charset="UTF-8")");
    return response;
}

}  // namespace

struct Authenticator::State {
    State(const AuthOptions& auth, Clock& time)
        : options(auth), clock(time), key(random_bytes(32)) {}

    std::shared_ptr<const User> identify(std::string_view authorization);
    std::shared_ptr<const User> by_password(std::string_view credentials);
    std::shared_ptr<const User> by_token(std::string_view token);
    bool verify(const std::string& password, const std::string& hash);
    bool is_blocked(const std::string& peer);
    void count_failure(const std::string& peer);
    std::shared_ptr<const Users> current() {
        const MutexLock lock(mutex);
        return users;
    }

    // Constant after construction.
    const AuthOptions options;
    Clock& clock;
    const std::string key;  // of the digests of remembered passwords; never leaves the process

    Mutex mutex;
    std::shared_ptr<const Users> users CISTERN_GUARDED_BY(mutex) = std::make_shared<Users>();
    // Digest of a password and its hash -> until when it counts as verified.
    std::unordered_map<std::string, int64_t> remembered CISTERN_GUARDED_BY(mutex);
    struct Failures {
        uint32_t count = 0;
        int64_t since_ns = 0;
    };
    std::unordered_map<std::string, Failures> failures CISTERN_GUARDED_BY(mutex);
    CondVar hash_done;
    uint32_t hashing CISTERN_GUARDED_BY(mutex) = 0;
};

bool Authenticator::State::verify(const std::string& password, const std::string& hash) {
    const std::string digest = sha256_hex(key + hash + '\0' + password);
    {
        const MutexLock lock(mutex);
        const auto known = remembered.find(digest);
        if (known != remembered.end() && clock.monotonic_ns() < known->second) return true;
        while (hashing >= kHashesAtOnce)
            hash_done.wait(mutex);
        ++hashing;
    }
    const bool matches = password_matches(password, hash);
    const MutexLock lock(mutex);
    --hashing;
    hash_done.notify_one();
    if (matches) {
        if (remembered.size() >= kRememberedMax) remembered.clear();
        remembered[digest] = clock.monotonic_ns() + kRememberNs;
    }
    return matches;
}

// The returned pointer keeps the whole list alive.
std::shared_ptr<const User> Authenticator::State::by_password(std::string_view credentials) {
    const auto decoded = decode_base64(credentials);
    const size_t colon = decoded ? decoded->find(':') : std::string::npos;
    if (colon == std::string::npos) return nullptr;
    const std::string name = decoded->substr(0, colon);
    const std::string password = decoded->substr(colon + 1);
    const auto all = current();
    // Clients that know only basic auth send a token as the password.
    if (auto token = by_token(password)) return token;
    const User* user = find(*all, name, false);
    const bool good = verify(password, user != nullptr ? user->hash : kNobody);
    return good && user != nullptr ? std::shared_ptr<const User>(all, user) : nullptr;
}

std::shared_ptr<const User> Authenticator::State::by_token(std::string_view token) {
    const auto all = current();
    const std::string digest = sha256_hex(token);
    const User* found = nullptr;
    for (const User& user : *all) {
        if (user.is_token && equal_in_constant_time(user.hash, digest)) found = &user;
    }
    return found != nullptr ? std::shared_ptr<const User>(all, found) : nullptr;
}

std::shared_ptr<const User> Authenticator::State::identify(std::string_view authorization) {
    constexpr std::string_view kBasic = "Basic ";
    if (authorization.starts_with(kBasic)) return by_password(authorization.substr(kBasic.size()));
    // InfluxDB 2 clients say Token.
    for (const std::string_view scheme : {"Bearer ", "Token "}) {
        if (authorization.starts_with(scheme)) return by_token(authorization.substr(scheme.size()));
    }
    return nullptr;
}

bool Authenticator::State::is_blocked(const std::string& peer) {
    const MutexLock lock(mutex);
    const auto at = failures.find(peer);
    if (at == failures.end()) return false;
    if (clock.monotonic_ns() - at->second.since_ns > kFailureWindowNs) {
        failures.erase(at);
        return false;
    }
    return at->second.count >= kFailuresMax;
}

void Authenticator::State::count_failure(const std::string& peer) {
    const MutexLock lock(mutex);
    if (failures.size() >= kPeersMax) failures.clear();
    Failures& entry = failures[peer];
    if (entry.count == 0) entry.since_ns = clock.monotonic_ns();
    ++entry.count;
}

Authenticator::Authenticator(const AuthOptions& options, Clock& clock)
    : state_(std::make_unique<State>(options, clock)) {}
Authenticator::~Authenticator() = default;

Status Authenticator::load() {
    if (state_->options.mode != AuthMode::Users) return {};
    auto users = std::make_shared<Users>(TRY(read_users_file(state_->options.users_file)));
    const MutexLock lock(state_->mutex);
    state_->users = std::move(users);
    state_->remembered.clear();
    return {};
}

std::optional<Response> Authenticator::check(Request& request, Role needed) {
    if (state_->options.mode != AuthMode::Users || needed == Role::Public) return std::nullopt;
    const std::string_view authorization = request.headers.get("Authorization");
    if (authorization.empty()) {
        if (state_->options.anonymous_read && needed == Role::Read) return std::nullopt;
        return unauthorized("log in, or send a token");
    }
    if (state_->is_blocked(request.peer)) {
        Response blocked =
            Response::error(429, "unauthorized", "too many failed logins from this address");
        blocked.headers.set("Retry-After", "60");
        return blocked;
    }
    const std::shared_ptr<const User> user = state_->identify(authorization);
    if (!user) {
        state_->count_failure(request.peer);
        return unauthorized("wrong name, password or token");
    }
    if (!user->may(needed))
        return Response::error(
            403, "forbidden", "the role of " + user->name + " does not allow this");
    request.user = user->name;
    request.may_use = [user](std::string_view database) { return user->may_use(database); };
    return std::nullopt;
}

}  // namespace cistern::web
