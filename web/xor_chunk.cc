// SPDX-License-Identifier: MIT
#include "web/xor_chunk.h"

#include "store/base/bytes.h"

#include <array>
#include <bit>

namespace cistern::web {
namespace {

// Prefix bits and width of a delta of deltas; the last takes all 64.
struct Bucket {
    uint64_t prefix;
    int prefix_bits;
    int value_bits;
};
constexpr std::array<Bucket, 3> kBuckets = {{{0b10, 2, 14}, {0b110, 3, 17}, {0b1110, 4, 20}}};

bool fits(int64_t value, int bits) {
    return value >= -((int64_t{1} << (bits - 1)) - 1) && value <= (int64_t{1} << (bits - 1));
}

class BitReader {
  public:
    explicit BitReader(std::string_view bytes) : bytes_(bytes) {}
    uint64_t bits(int count) {
        uint64_t value = 0;
        while (count-- > 0) {
            if (at_ >= bytes_.size() * 8) {
                ok_ = false;
                return 0;
            }
            const auto byte = static_cast<uint8_t>(bytes_[at_ / 8]);
            value = (value << 1) | ((byte >> (7 - at_ % 8)) & 1U);
            ++at_;
        }
        return value;
    }
    uint64_t uvarint() {
        uint64_t value = 0;
        for (int shift = 0; shift < 64 && ok_; shift += 7) {
            const uint64_t byte = bits(8);
            value |= (byte & 0x7f) << shift;
            if ((byte & 0x80) == 0) return value;
        }
        ok_ = false;
        return 0;
    }
    [[nodiscard]] bool ok() const { return ok_; }

  private:
    std::string_view bytes_;
    size_t at_ = 0;
    bool ok_ = true;
};

int64_t read_delta_of_delta(BitReader& reader) {
    if (reader.bits(1) == 0) return 0;
    for (const Bucket& bucket : kBuckets) {
        if (reader.bits(1) == 0) {
            const auto raw = static_cast<int64_t>(reader.bits(bucket.value_bits));
            return raw > int64_t{1} << (bucket.value_bits - 1)
                       ? raw - (int64_t{1} << bucket.value_bits)
                       : raw;
        }
    }
    return static_cast<int64_t>(reader.bits(64));
}

struct ValueReader {
    uint64_t last = 0;
    int leading = 0;
    int trailing = 0;

    double next(BitReader& reader) {
        if (reader.bits(1) == 0) return std::bit_cast<double>(last);
        if (reader.bits(1) == 1) {
            leading = static_cast<int>(reader.bits(5));
            int meaningful = static_cast<int>(reader.bits(6));
            if (meaningful == 0) meaningful = 64;
            trailing = 64 - leading - meaningful;
        }
        if (trailing < 0) return 0;
        last ^= reader.bits(64 - leading - trailing) << trailing;
        return std::bit_cast<double>(last);
    }
};

}  // namespace

void XorChunk::write_bits(uint64_t value, int bits) {
    while (bits > 0) {
        if (bits_free_ == 0) {
            stream_ += '\0';
            bits_free_ = 8;
        }
        const int taken = std::min(bits, bits_free_);
        const uint64_t piece = (value >> (bits - taken)) & ((uint64_t{1} << taken) - 1);
        stream_.back() = static_cast<char>(static_cast<uint8_t>(stream_.back()) |
                                           (piece << (bits_free_ - taken)));
        bits_free_ -= taken;
        bits -= taken;
    }
}

void XorChunk::write_uvarint(uint64_t value) {
    while (value >= 0x80) {
        write_bits((value & 0x7f) | 0x80, 8);
        value >>= 7;
    }
    write_bits(value, 8);
}

void XorChunk::write_varint(int64_t value) {
    write_uvarint(zigzag(value));
}

void XorChunk::write_delta_of_delta(int64_t value) {
    if (value == 0) {
        write_bits(0, 1);
        return;
    }
    for (const Bucket& bucket : kBuckets) {
        if (!fits(value, bucket.value_bits)) continue;
        write_bits(bucket.prefix, bucket.prefix_bits);
        write_bits(static_cast<uint64_t>(value), bucket.value_bits);
        return;
    }
    write_bits(0b1111, 4);
    write_bits(static_cast<uint64_t>(value), 64);
}

void XorChunk::write_value(double value) {
    const auto bits = std::bit_cast<uint64_t>(value);
    const uint64_t delta = bits ^ last_value_;
    last_value_ = bits;
    if (delta == 0) {
        write_bits(0, 1);
        return;
    }
    write_bits(1, 1);
    const int leading = std::min(std::countl_zero(delta), 31);
    const int trailing = std::countr_zero(delta);
    if (leading_ != 0xff && leading >= leading_ && trailing >= trailing_) {
        write_bits(0, 1);
        write_bits(delta >> trailing_, 64 - leading_ - trailing_);
        return;
    }
    leading_ = leading;
    trailing_ = trailing;
    const int meaningful = 64 - leading - trailing;
    write_bits(1, 1);
    write_bits(static_cast<uint64_t>(leading), 5);
    write_bits(static_cast<uint64_t>(meaningful) & 63, 6);  // 64 is written as 0
    write_bits(delta >> trailing, meaningful);
}

void XorChunk::append(int64_t timestamp_ms, double value) {
    if (count_ == 0) {
        first_ms_ = timestamp_ms;
        write_varint(timestamp_ms);
        last_value_ = std::bit_cast<uint64_t>(value);
        write_bits(last_value_, 64);
    } else {
        const int64_t delta = timestamp_ms - last_ms_;
        if (count_ == 1) {
            write_uvarint(static_cast<uint64_t>(delta));
        } else {
            write_delta_of_delta(delta - last_delta_);
        }
        last_delta_ = delta;
        write_value(value);
    }
    last_ms_ = timestamp_ms;
    ++count_;
}

std::string XorChunk::bytes() const {
    std::string chunk;
    chunk += static_cast<char>(count_ >> 8);
    chunk += static_cast<char>(count_ & 0xff);
    chunk += stream_;
    return chunk;
}

Result<store::SampleColumns> decode_xor_chunk(std::string_view chunk) {
    if (chunk.size() < 2)
        return fail(ErrorCode::InvalidArgument, "an XOR chunk has at least two bytes");
    const size_t count =
        static_cast<size_t>(static_cast<uint8_t>(chunk[0])) << 8 | static_cast<uint8_t>(chunk[1]);
    BitReader reader(chunk.substr(2));
    store::SampleColumns columns;
    ValueReader values;
    uint64_t time = 0;
    uint64_t delta = 0;
    for (size_t i = 0; i < count; ++i) {
        double value = 0;
        if (i == 0) {
            time = static_cast<uint64_t>(unzigzag(reader.uvarint()));
            values.last = reader.bits(64);
            value = std::bit_cast<double>(values.last);
        } else {
            delta = i == 1 ? reader.uvarint()
                           : delta + static_cast<uint64_t>(read_delta_of_delta(reader));
            time += delta;
            value = values.next(reader);
        }
        if (!reader.ok() || values.trailing < 0)
            return fail(ErrorCode::InvalidArgument, "the XOR chunk is damaged");
        columns.timestamps.push_back(static_cast<int64_t>(time));
        columns.values.push_back(value);
    }
    return columns;
}

}  // namespace cistern::web
