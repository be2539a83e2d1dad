// SPDX-License-Identifier: MIT
#include "store/codec/bit_packing.h"

#include "store/codec/lanes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace cistern::store::codec {
namespace {

constexpr size_t kLanes = 8;
constexpr size_t kRows = kGroupValues / kLanes;
constexpr uint8_t kHasExceptions = 0x80;
constexpr uint8_t kWidthMask = 0x3f;

struct GroupPlan {
    unsigned width = 0;
    unsigned exceptions = 0;
    uint32_t bytes = 0;  // of the whole group
};

uint32_t body_bytes(size_t count, unsigned width) {
    return static_cast<uint32_t>((count * width + 7) / 8);
}

uint32_t count_above(std::span<const uint32_t> values, unsigned width) {
    uint32_t count = 0;
    for (const uint32_t value : values) {
        count += (value >> width) != 0 ? 1 : 0;
    }
    return count;
}

// The width that gives the fewest bytes, exactly. An exception takes a byte for its position and
// one for each 7 bits above the width.
GroupPlan plan_group(std::span<const uint32_t> values) {
    uint32_t any = 0;
    for (const uint32_t value : values) {
        any |= value;
    }
    const auto highest = static_cast<unsigned>(std::bit_width(any));
    GroupPlan best{highest, 0, 1 + body_bytes(values.size(), highest)};
    std::array<uint32_t, 33> above{};  // by width, filled from the highest down
    for (unsigned width = highest; width-- > 0;) {
        above[width] = count_above(values, width);
        uint32_t exception_bytes = above[width];
        for (unsigned bits = width; bits < highest; bits += 7) {
            exception_bytes += above[bits];
        }
        if (2 + 2 * above[width] >= best.bytes || above[width] > 255) {
            break;
        }
        const uint32_t bytes = 2 + body_bytes(values.size(), width) + exception_bytes;
        if (bytes < best.bytes) {
            best = {width, above[width], bytes};
        }
    }
    return best;
}

template <unsigned Width, size_t Row>
inline Lanes unpack_row(const Lanes (&words)[Width == 0 ? 1 : Width]) {
    if constexpr (Width == 0) {
        return Lanes{};
    } else {
        constexpr size_t kWord = Row * Width / 32;
        constexpr unsigned kShift = Row * Width % 32;
        Lanes row = words[kWord] >> kShift;
        if constexpr (kShift + Width > 32) {
            row |= words[kWord + 1] << (32 - kShift);
        }
        if constexpr (Width < 32) {
            row &= (1U << Width) - 1;
        }
        return row;
    }
}

// Four of the eight lanes; `in` and `out` begin at the first of them.
template <unsigned Width, size_t... Rows>
inline void unpack_half(const std::byte* in, uint32_t* out, std::index_sequence<Rows...>) {
    Lanes words[Width == 0 ? 1 : Width];
    for (size_t word = 0; word < Width; ++word) {
        words[word] = load_lanes(in + word * kLanes * sizeof(uint32_t));
    }
    (store_lanes(out + Rows * kLanes, unpack_row<Width, Rows>(words)), ...);
}

template <unsigned Width>
void unpack_full(const std::byte* in, uint32_t* out) {
    unpack_half<Width>(in, out, std::make_index_sequence<kRows>{});
    unpack_half<Width>(in + 16, out + 4, std::make_index_sequence<kRows>{});
}

using Unpacker = void (*)(const std::byte*, uint32_t*);

template <size_t... Widths>
constexpr std::array<Unpacker, sizeof...(Widths)> make_unpackers(std::index_sequence<Widths...>) {
    return {&unpack_full<static_cast<unsigned>(Widths)>...};
}

constexpr auto kUnpackers = make_unpackers(std::make_index_sequence<33>{});

uint32_t mask_of(unsigned width) {
    return width == 32 ? ~0U : (1U << width) - 1;
}

void pack_full(std::span<const uint32_t> values, unsigned width, std::byte* out) {
    std::array<uint32_t, kLanes * 33> words{};
    const uint32_t mask = mask_of(width);
    for (size_t row = 0; row < kRows; ++row) {
        const size_t word = row * width / 32;
        const unsigned shift = static_cast<unsigned>(row * width % 32);
        for (size_t lane = 0; lane < kLanes; ++lane) {
            const uint64_t bits = static_cast<uint64_t>(values[row * kLanes + lane] & mask)
                                  << shift;
            words[word * kLanes + lane] |= static_cast<uint32_t>(bits);
            words[(word + 1) * kLanes + lane] |= static_cast<uint32_t>(bits >> 32);
        }
    }
    std::memcpy(out, words.data(), kRows * width);
}

void pack_short(std::span<const uint32_t> values, unsigned width, std::byte* out) {
    uint64_t pending = 0;
    unsigned held = 0;
    const uint32_t mask = mask_of(width);
    for (const uint32_t value : values) {
        pending |= static_cast<uint64_t>(value & mask) << held;
        for (held += width; held >= 8; held -= 8) {
            *out++ = static_cast<std::byte>(pending);
            pending >>= 8;
        }
    }
    if (held > 0) {
        *out = static_cast<std::byte>(pending);
    }
}

void unpack_short(std::span<const std::byte> in, unsigned width, size_t count, uint32_t* out) {
    uint64_t pending = 0;
    unsigned held = 0;
    size_t at = 0;
    const uint32_t mask = mask_of(width);
    for (size_t i = 0; i < count; ++i) {
        for (; held < width; held += 8) {
            pending |= static_cast<uint64_t>(in[at++]) << held;
        }
        out[i] = static_cast<uint32_t>(pending) & mask;
        pending >>= width;
        held -= width;
    }
}

void pack_group(std::span<const uint32_t> values, std::vector<std::byte>& out) {
    const GroupPlan plan = plan_group(values);
    const uint8_t mark = plan.exceptions > 0 ? kHasExceptions : 0;
    out.push_back(static_cast<std::byte>(plan.width | mark));
    const size_t at = out.size();
    out.resize(at + body_bytes(values.size(), plan.width));
    if (values.size() == kGroupValues) {
        pack_full(values, plan.width, out.data() + at);
    } else {
        pack_short(values, plan.width, out.data() + at);
    }
    if (plan.exceptions == 0) {
        return;
    }
    out.push_back(static_cast<std::byte>(plan.exceptions));
    for (size_t i = 0; i < values.size(); ++i) {
        uint32_t high = values[i] >> plan.width;
        if (high == 0) {
            continue;
        }
        out.push_back(static_cast<std::byte>(i));
        for (; high >= 0x80; high >>= 7) {
            out.push_back(static_cast<std::byte>(high | 0x80));
        }
        out.push_back(static_cast<std::byte>(high));
    }
}

}  // namespace

uint64_t packed_bytes(std::span<const uint32_t> values, size_t every) {
    uint64_t bytes = 0;
    for (size_t at = 0; at < values.size(); at += kGroupValues * every) {
        bytes += plan_group(values.subspan(at, std::min(kGroupValues, values.size() - at))).bytes;
    }
    return bytes;
}

void pack_groups(std::span<const uint32_t> values, std::vector<std::byte>& out) {
    for (size_t at = 0; at < values.size(); at += kGroupValues) {
        pack_group(values.subspan(at, std::min(kGroupValues, values.size() - at)), out);
    }
}

bool unpack_group(ByteReader& in, size_t count, uint32_t* out) {
    const uint8_t head = in.u8();
    const unsigned width = head & kWidthMask;
    if (!in.ok() || width > 32 || count == 0 || count > kGroupValues) {
        return false;
    }
    const auto body = in.raw(body_bytes(count, width));
    if (!in.ok()) {
        return false;
    }
    if (count == kGroupValues) {
        kUnpackers[width](body.data(), out);
    } else {
        unpack_short(body, width, count, out);
    }
    if ((head & kHasExceptions) == 0) {
        return true;
    }
    const unsigned exceptions = in.u8();
    if (width == 32) {
        return false;
    }
    for (unsigned i = 0; i < exceptions; ++i) {
        const size_t position = in.u8();
        const uint64_t high = in.varint();
        if (position >= count) {
            return false;
        }
        out[position] |= static_cast<uint32_t>(high << width);
    }
    return in.ok();
}

}  // namespace cistern::store::codec
