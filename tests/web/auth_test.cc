// SPDX-License-Identifier: MIT
#include "web/auth.h"

#include "tests/web/api_fixture.h"
#include "web/secrets.h"
#include "web/users_file.h"

#include <sys/stat.h>

#include <fstream>

namespace cistern::web {
namespace {

using test::Answer;

// "secret", bcrypt with the smallest cost.
constexpr const char* kSecretHash = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

std::string basic(const std::string& credentials) {
    static constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    uint32_t bits = 0;
    int count = 0;
    for (const char c : credentials) {
        bits = bits << 8 | static_cast<uint8_t>(c);
        for (count += 8; count >= 6;)
            out += kAlphabet[bits >> (count -= 6) & 63];
    }
    if (count > 0) out += kAlphabet[bits << (6 - count) & 63];
    return "Authorization: Basic " + out + "\r\n";
}

TEST(UsersFile, ReadsUsersAndTokens) {
    const auto users = parse_users(
        std::string("# people\nalice:") + kSecretHash + ":admin\n\ngrafana:" + kSecretHash +
        ":read,write:plant*,main\ntok:gw:sha256:" + sha256_hex("t") + ":write:plant1/*\n");
    ASSERT_TRUE(users.has_value()) << users.error().message;
    ASSERT_EQ(users->size(), 3u);
    EXPECT_TRUE((*users)[0].may(Role::Write) && (*users)[0].may_use("_all"));
    EXPECT_TRUE((*users)[1].may(Role::Write) && (*users)[1].may_use("plant7"));
    EXPECT_FALSE((*users)[1].may_use("other") || (*users)[1].may_use("_all") ||
                 (*users)[1].may(Role::Admin));
    EXPECT_TRUE((*users)[2].is_token && (*users)[2].may_use("plant1") &&
                !(*users)[2].may_use("plant12"));
    EXPECT_FALSE((*users)[2].may(Role::Read));
}

TEST(UsersFile, NamesTheBadLine) {
    const auto error = [](const std::string& line) {
        const auto users = parse_users("# first\n" + line + "\n");
        return users ? std::string("none") : users.error().message;
    };
    const std::string hash = kSecretHash;
    EXPECT_EQ(error("alice:" + hash).rfind("line 2: ", 0), 0u);
    EXPECT_NE(error("alice:plain:read").find("yescrypt or bcrypt"), std::string::npos);
    EXPECT_NE(error("alice:$6$x$y:read").find("yescrypt or bcrypt"), std::string::npos);
    EXPECT_NE(error("alice:" + hash + ":reader").find("unknown role"), std::string::npos);
    EXPECT_NE(error("alice:" + hash + ":read:A/B").find("no database"), std::string::npos);
    EXPECT_NE(error("tok:gw:sha256:abc:read").find("64"), std::string::npos);
    EXPECT_NE(error("tok:gw:md5:abc:read").find("tok:NAME"), std::string::npos);
    EXPECT_NE(error("a:" + hash + ":read\na:" + hash + ":read").find("twice"), std::string::npos);
}

TEST(Secrets, MatchesWhatCryptMade) {
    EXPECT_TRUE(password_matches("secret", kSecretHash));
    EXPECT_FALSE(password_matches("Secret", kSecretHash));
    EXPECT_FALSE(password_matches("secret", "$2b$nonsense"));
    EXPECT_EQ(sha256_hex("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

class Auth : public test::ApiTest {
  protected:
    void SetUp() override {
        path_ = folder_.file("users");
        write_users(std::string("alice:") + kSecretHash + ":admin\nreader:" + kSecretHash +
                    ":read:plant1\ntok:gateway:sha256:" + sha256_hex("edg_token") +
                    ":write:plant1\n");
        options_.auth.mode = AuthMode::Users;
        options_.auth.users_file = path_;
        start(options_);
    }
    void write_users(const std::string& text, mode_t mode = 0640) {
        std::ofstream(path_) << text;
        ::chmod(path_.c_str(), mode);
    }
    std::string path_;
    WebOptions options_;
    const std::string alice_ = basic("alice:secret");
    const std::string reader_ = basic("reader:secret");
    const std::string gateway_ = "Authorization: Bearer edg_token\r\n";
};

TEST_F(Auth, AsksForALoginExceptForProbes) {
    const Answer refused = get("/api/v1/labels");
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.header("WWW-Authenticate").rfind("Basic", 0), 0u);
    EXPECT_EQ(get("/").status, 401);
    EXPECT_EQ(get("/metrics").status, 401);
    for (const char* open : {"/health", "/-/healthy", "/-/ready"})
        EXPECT_EQ(get(open).status, 200) << open;
    EXPECT_EQ(get("/api/v1/labels", alice_).status, 200);
    EXPECT_EQ(get("/api/v1/labels", basic("alice:wrong")).status, 401);
    EXPECT_EQ(get("/api/v1/labels", basic("nobody:secret")).status, 401);
    EXPECT_EQ(get("/api/v1/labels", "Authorization: Bearer wrong\r\n").status, 401);
    EXPECT_EQ(get("/api/v1/labels", "Authorization: Basic !!\r\n").status, 401);
}

TEST_F(Auth, HoldsEachRoleToItsRoutesAndDatabases) {
    EXPECT_EQ(post("/api/v1/import", "plant1/a 1 1\nother/b 1 1", alice_).status, 200);
    EXPECT_EQ(post("/api/v1/import", "plant1/a 2 2", reader_).status, 403);
    EXPECT_EQ(get("/db/plant1/api/v1/labels", reader_).status, 200);
    EXPECT_EQ(get("/db/other/api/v1/labels", reader_).status, 404);
    EXPECT_EQ(get("/db/_all/api/v1/labels", reader_).status, 404);
    EXPECT_EQ(get("/api/v1/query?query=other/b&time=1", reader_).status, 404);
    EXPECT_EQ(document(get("/api/v1/databases", reader_))["data"]["result"],
              nlohmann::json::parse(R"(["plant1"])"));
    EXPECT_EQ(post("/api/v1/import", "plant1/a 3 3", gateway_).status, 200);
    EXPECT_EQ(post("/api/v1/import", "other/b 3 3", gateway_).status, 400);
    EXPECT_EQ(get("/db/plant1/api/v1/labels", gateway_).status, 403);
    // As a password, for clients that know nothing else.
    EXPECT_EQ(post("/api/v1/import", "plant1/a 4 4", basic("any:edg_token")).status, 200);
}

TEST_F(Auth, StopsGuessingAfterFiveFailures) {
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(get("/api/v1/labels", basic("alice:" + std::to_string(i))).status, 401);
    const Answer blocked = get("/api/v1/labels", alice_);
    EXPECT_EQ(blocked.status, 429);
    EXPECT_NE(blocked.header("Retry-After"), "");
    EXPECT_EQ(get("/health").status, 200);
}

TEST_F(Auth, LetsReadersInWithoutALoginWhenToldTo) {
    options_.auth.anonymous_read = true;
    options_.auth.public_metrics = true;
    start(options_);
    EXPECT_EQ(get("/api/v1/labels").status, 200);
    EXPECT_EQ(get("/metrics").status, 200);
    EXPECT_EQ(post("/api/v1/import", "a 1 1").status, 401);
    EXPECT_EQ(get("/api/v1/labels", basic("alice:wrong")).status, 401);
}

TEST_F(Auth, KeepsTheOldUsersWhenTheNewFileIsBad) {
    write_users("broken\n");
    EXPECT_FALSE(server_->reload_users().has_value());
    EXPECT_EQ(get("/api/v1/labels", alice_).status, 200);
    write_users(std::string("bob:") + kSecretHash + ":read\n");
    EXPECT_TRUE(server_->reload_users().has_value());
    EXPECT_EQ(get("/api/v1/labels", basic("bob:secret")).status, 200);
    EXPECT_EQ(get("/api/v1/labels", alice_).status, 401);
}

TEST_F(Auth, RefusesAFileThatEverybodyCanRead) {
    write_users(std::string("bob:") + kSecretHash + ":read\n", 0644);
    const Status reloaded = server_->reload_users();
    ASSERT_FALSE(reloaded.has_value());
    EXPECT_NE(reloaded.error().message.find("chmod"), std::string::npos);
}

}  // namespace
}  // namespace cistern::web
