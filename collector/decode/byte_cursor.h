// SPDX-License-Identifier: MIT
// Bounds-checked reading of payload bytes in either byte order. Sticky: after the first read past
// the end every read gives 0 and ok() is false.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace cistern::collector {

class ByteCursor {
  public:
    explicit ByteCursor(std::string_view bytes) : bytes_(bytes) {}

    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }
    [[nodiscard]] size_t left() const { return bytes_.size() - at_; }
    [[nodiscard]] size_t position() const { return at_; }

    // Unsigned, of 1 to 8 bytes.
    uint64_t big_endian(size_t size) {
        uint64_t value = 0;
        for (const char c : take(size)) {
            value = value << 8 | static_cast<unsigned char>(c);
        }
        return value;
    }
    uint64_t little_endian(size_t size) {
        uint64_t value = 0;
        unsigned shift = 0;
        for (const char c : take(size)) {
            value |= uint64_t{static_cast<unsigned char>(c)} << shift;
            shift += 8;
        }
        return value;
    }
    uint8_t u8() { return static_cast<uint8_t>(big_endian(1)); }
    // Empty when there are fewer.
    std::string_view take(size_t size) {
        if (!ok_ || size > left()) {
            ok_ = false;
            return {};
        }
        const std::string_view taken = bytes_.substr(at_, size);
        at_ += size;
        return taken;
    }
    // 0 at the end.
    [[nodiscard]] uint8_t peek() const { return at_end() ? 0 : static_cast<uint8_t>(bytes_[at_]); }

  private:
    std::string_view bytes_;
    size_t at_ = 0;
    bool ok_ = true;
};

// The low `bytes` bytes as a two's complement number.
constexpr int64_t sign_extend(uint64_t value, size_t bytes) {
    const unsigned shift = 64 - static_cast<unsigned>(bytes) * 8;
    return static_cast<int64_t>(value << shift) >> shift;
}

inline double float_of_bits(uint64_t bits) {
    return static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits)));
}
inline double double_of_bits(uint64_t bits) {
    return std::bit_cast<double>(bits);
}
// IEEE 754 half precision.
double half_of_bits(uint64_t bits);

}  // namespace cistern::collector
