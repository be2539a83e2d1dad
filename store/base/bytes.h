// SPDX-License-Identifier: MIT
// Little-endian and varint reading and writing. The reader is bounds-checked and sticky: after the
// first read past the end every read gives 0 and ok() is false, so a parser checks once per record.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cistern {

// ZigZag: small negative numbers become small unsigned ones (Protocol Buffers, "Encoding").
constexpr uint64_t zigzag(int64_t value) {
    return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
constexpr int64_t unzigzag(uint64_t value) {
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

class ByteWriter {
  public:
    void u8(uint8_t value) { bytes_.push_back(static_cast<std::byte>(value)); }
    void u16(uint16_t value) { fixed(value); }
    void u32(uint32_t value) { fixed(value); }
    void u64(uint64_t value) { fixed(value); }
    void i64(int64_t value) { fixed(value); }
    void f64(double value) { fixed(value); }
    void varint(uint64_t value) {
        while (value >= 0x80) {
            u8(static_cast<uint8_t>(value) | 0x80);
            value >>= 7;
        }
        u8(static_cast<uint8_t>(value));
    }
    void svarint(int64_t value) { varint(zigzag(value)); }
    void raw(std::span<const std::byte> bytes) {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    // Length as varint, then the bytes.
    void text(std::string_view text) {
        varint(text.size());
        raw(std::as_bytes(std::span(text)));
    }
    void pad_to(size_t alignment) {
        bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment);
    }
    void clear() { bytes_.clear(); }

    [[nodiscard]] size_t size() const { return bytes_.size(); }
    [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
    [[nodiscard]] std::vector<std::byte>& buffer() { return bytes_; }
    // Overwrites 4 bytes written before.
    void patch_u32(size_t at, uint32_t value) {
        std::memcpy(bytes_.data() + at, &value, sizeof(value));
    }

  private:
    template <class T>
    void fixed(T value) {
        const size_t at = bytes_.size();
        bytes_.resize(at + sizeof(T));
        std::memcpy(bytes_.data() + at, &value, sizeof(T));
    }

    std::vector<std::byte> bytes_;
};

class ByteReader {
  public:
    explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    uint8_t u8() { return fixed<uint8_t>(); }
    uint16_t u16() { return fixed<uint16_t>(); }
    uint32_t u32() { return fixed<uint32_t>(); }
    uint64_t u64() { return fixed<uint64_t>(); }
    int64_t i64() { return fixed<int64_t>(); }
    double f64() { return fixed<double>(); }
    uint64_t varint() {
        const size_t most = ok_ ? std::min(left(), kVarintBytesMax) : 0;
        uint64_t value = 0;
        for (size_t i = 0; i < most; ++i) {
            const auto byte = static_cast<uint8_t>(bytes_[at_ + i]);
            value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
            if (byte < 0x80) {
                at_ += i + 1;
                return value;
            }
        }
        ok_ = false;
        return 0;
    }
    int64_t svarint() { return unzigzag(varint()); }
    std::span<const std::byte> raw(size_t size) {
        if (!ok_ || size > left()) {
            ok_ = false;
            return {};
        }
        const auto found = bytes_.subspan(at_, size);
        at_ += size;
        return found;
    }
    std::string_view text() {
        const auto found = raw(varint());
        return {reinterpret_cast<const char*>(found.data()), found.size()};
    }

    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] size_t left() const { return bytes_.size() - at_; }
    [[nodiscard]] size_t position() const { return at_; }
    [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

  private:
    template <class T>
    T fixed() {
        T value{};
        if (!ok_ || left() < sizeof(T)) {
            ok_ = false;
            return value;
        }
        std::memcpy(&value, bytes_.data() + at_, sizeof(T));
        at_ += sizeof(T);
        return value;
    }

    static constexpr size_t kVarintBytesMax = 10;

    std::span<const std::byte> bytes_;
    size_t at_ = 0;
    bool ok_ = true;
};

}  // namespace cistern
