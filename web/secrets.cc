// SPDX-License-Identifier: MIT
#include "web/secrets.h"

#include "store/base/assert.h"

#include <crypt.h>
#include <openssl/evp.h>
#include <sys/random.h>

#include <array>
#include <memory>

namespace cistern::web {
std::string sha256_hex(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    CISTERN_ASSERT(
        EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += kHex[digest[i] >> 4];
        text += kHex[digest[i] & 15];
    }
    return text;
}

bool password_matches(const std::string& password, const std::string& hash) {
    const auto state = std::make_unique<crypt_data>();  // 32 KiB
    const char* computed = crypt_r(password.c_str(), hash.c_str(), state.get());
    return computed != nullptr && computed[0] != '*' && equal_in_constant_time(computed, hash);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    unsigned difference = 0;
    for (size_t i = 0; i < a.size(); ++i)
        difference |= static_cast<unsigned>(a[i] ^ b[i]);
    return difference == 0;
}

std::string random_bytes(size_t count) {
    std::string bytes(count, '\0');
    CISTERN_ASSERT(count <= 256 &&
                   getrandom(bytes.data(), count, 0) == static_cast<ssize_t>(count));
    return bytes;
}

}  // namespace cistern::web
