// SPDX-License-Identifier: MIT
#include "store/base/crc32c.h"

#include <array>
#include <cstring>

#if defined(__SSE4_2__)
#include <nmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace cistern {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // reflected

constexpr std::array<std::array<uint32_t, 256>, 8> make_tables() {
    std::array<std::array<uint32_t, 256>, 8> tables{};
    for (uint32_t i = 0; i < 256; ++i) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
        }
        tables[0][i] = crc;
    }
    for (size_t slice = 1; slice < 8; ++slice) {
        for (size_t i = 0; i < 256; ++i) {
            const uint32_t before = tables[slice - 1][i];
            tables[slice][i] = (before >> 8) ^ tables[0][before & 0xff];
        }
    }
    return tables;
}

constexpr auto kTables = make_tables();

uint64_t load_u64(const std::byte* from) {
    uint64_t value = 0;
    std::memcpy(&value, from, sizeof(value));
    return value;
}

}  // namespace

namespace detail {

uint32_t crc32c_portable(std::span<const std::byte> bytes, uint32_t seed) {
    uint32_t crc = ~seed;
    const std::byte* at = bytes.data();
    size_t left = bytes.size();
    for (; left >= 8; left -= 8, at += 8) {
        const uint64_t word = load_u64(at) ^ crc;
        crc = 0;
        for (size_t k = 0; k < 8; ++k) {
            crc ^= kTables[7 - k][(word >> (8 * k)) & 0xff];
        }
    }
    for (; left > 0; --left, ++at) {
        crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<uint32_t>(*at)) & 0xff];
    }
    return ~crc;
}

}  // namespace detail

uint32_t crc32c(std::span<const std::byte> bytes, uint32_t seed) {
#if defined(__SSE4_2__)
    uint64_t crc = static_cast<uint32_t>(~seed);
    const std::byte* at = bytes.data();
    size_t left = bytes.size();
    for (; left >= 8; left -= 8, at += 8) {
        crc = _mm_crc32_u64(crc, load_u64(at));
    }
    auto tail = static_cast<uint32_t>(crc);
    for (; left > 0; --left, ++at) {
        tail = _mm_crc32_u8(tail, static_cast<unsigned char>(*at));
    }
    return ~tail;
#elif defined(__ARM_FEATURE_CRC32)
    uint32_t crc = ~seed;
    const std::byte* at = bytes.data();
    size_t left = bytes.size();
    for (; left >= 8; left -= 8, at += 8) {
        crc = __crc32cd(crc, load_u64(at));
    }
    for (; left > 0; --left, ++at) {
        crc = __crc32cb(crc, static_cast<uint8_t>(*at));
    }
    return ~crc;
#else
    return detail::crc32c_portable(bytes, seed);
#endif
}

}  // namespace cistern
