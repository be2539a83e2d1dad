// SPDX-License-Identifier: MIT
#include "store/codec/residuals.h"

#include "store/codec/bit_packing.h"
#include "store/codec/zstd_frame.h"

#include <algorithm>
#include <bit>

namespace cistern::store::codec {
namespace {

// Below this a frame's own header outweighs what it saves.
constexpr size_t kFrameWorthBytes = 24;

std::vector<std::byte> split_planes(std::span<const uint32_t> residuals, size_t planes) {
    std::vector<std::byte> split(residuals.size() * planes);
    for (size_t plane = 0; plane < planes; ++plane) {
        std::byte* out = split.data() + plane * residuals.size();
        for (size_t i = 0; i < residuals.size(); ++i) {
            out[i] = static_cast<std::byte>(residuals[i] >> (8 * plane));
        }
    }
    return split;
}

std::vector<std::byte> join_symbols(std::span<const uint32_t> residuals, unsigned bits) {
    const unsigned per_byte = 8 / bits;
    std::vector<std::byte> joined((residuals.size() + per_byte - 1) / per_byte);
    for (size_t i = 0; i < residuals.size(); ++i) {
        joined[i / per_byte] |= static_cast<std::byte>(residuals[i] << (i % per_byte * bits));
    }
    return joined;
}

unsigned symbol_bits(unsigned bits) {
    if (bits <= 1) {
        return 1;
    }
    return bits == 2 ? 2 : 4;
}

}  // namespace

void encode_residuals(std::span<const uint32_t> residuals,
                      Effort effort,
                      std::vector<std::byte>& out) {
    using Stage = ResidualReader::Stage;
    uint32_t any = 0;
    for (const uint32_t residual : residuals) {
        any |= residual;
    }
    const size_t at = out.size();
    if (any == 0) {
        out.push_back(static_cast<std::byte>(Stage::Zero));
        return;
    }
    out.push_back(static_cast<std::byte>(Stage::Packed));
    pack_groups(residuals, out);
    size_t limit = (out.size() - at) * 95 / 100;
    if (effort == Effort::Fast || limit < kFrameWorthBytes) {
        return;
    }
    const auto bits = static_cast<unsigned>(std::bit_width(any));
    std::vector<std::byte> tried;
    const auto attempt =
        [&](Stage stage, unsigned parameter, Search search, std::span<const std::byte> plain) {
            tried.assign({static_cast<std::byte>(stage), static_cast<std::byte>(parameter)});
            if (compress_frame(plain, search, limit - 2, tried)) {
                out.resize(at);
                out.insert(out.end(), tried.begin(), tried.end());
                limit = tried.size();
            }
        };
    const unsigned planes = (bits + 7) / 8;
    const std::vector<std::byte> split = split_planes(residuals, planes);
    attempt(Stage::Planes, planes, Search::Entropy, split);
    attempt(Stage::Planes, planes, Search::Repeats, split);
    if (bits <= 4) {
        attempt(Stage::Symbols,
                symbol_bits(bits),
                Search::Entropy,
                join_symbols(residuals, symbol_bits(bits)));
    }
}

bool ResidualReader::open(std::span<const std::byte> bytes, size_t count) {
    count_ = count;
    at_ = 0;
    packed_ = ByteReader(bytes);
    const uint8_t stage = packed_.u8();
    if (!packed_.ok() || stage > static_cast<uint8_t>(Stage::Symbols)) {
        return false;
    }
    stage_ = static_cast<Stage>(stage);
    if (stage_ == Stage::Zero) {
        return packed_.at_end();
    }
    if (stage_ == Stage::Packed) {
        return true;
    }
    planes_ = packed_.u8();
    const auto frame = packed_.raw(packed_.left());
    if (!packed_.ok()) {
        return false;
    }
    if (stage_ == Stage::Planes) {
        return planes_ >= 1 && planes_ <= 4 && inflate(frame, count * planes_);
    }
    if (planes_ != 1 && planes_ != 2 && planes_ != 4) {
        return false;
    }
    const size_t per_byte = 8U / planes_;
    return inflate(frame, (count + per_byte - 1) / per_byte);
}

bool ResidualReader::inflate(std::span<const std::byte> frame, size_t size) {
    inflated_ = std::make_unique_for_overwrite<std::byte[]>(size);
    return decompress_frame(frame, {inflated_.get(), size});
}

const char* ResidualReader::stage_name() const {
    switch (stage_) {
        case Stage::Zero:
            return "nothing left";
        case Stage::Packed:
            return "packed";
        case Stage::Planes:
            return "zstd planes";
        case Stage::Symbols:
            return "zstd symbols";
    }
    return "";
}

bool ResidualReader::next(size_t count, uint32_t* out) {
    if (count > kGroupValues || count > count_ - at_) {
        return false;
    }
    // Models sum whole vectors: what lies behind a short group must be defined.
    std::fill(out + count, out + kGroupValues, 0);
    bool good = true;
    switch (stage_) {
        case Stage::Zero:
            std::fill_n(out, count, 0);
            break;
        case Stage::Packed:
            good = unpack_group(packed_, count, out);
            break;
        case Stage::Planes:
            next_planes(count, out);
            break;
        case Stage::Symbols:
            next_symbols(count, out);
            break;
    }
    at_ += count;
    return good && (at_ < count_ || packed_.at_end());
}

void ResidualReader::next_planes(size_t count, uint32_t* out) {
    const std::byte* plane = inflated_.get() + at_;
    for (size_t i = 0; i < count; ++i) {
        out[i] = static_cast<uint32_t>(plane[i]);
    }
    for (unsigned k = 1; k < planes_; ++k) {
        plane += count_;
        for (size_t i = 0; i < count; ++i) {
            out[i] |= static_cast<uint32_t>(plane[i]) << (8 * k);
        }
    }
}

void ResidualReader::next_symbols(size_t count, uint32_t* out) {
    const unsigned bits = planes_;
    const size_t per_byte = 8 / bits;
    const uint32_t mask = (1U << bits) - 1;
    const std::byte* joined = inflated_.get() + at_ / per_byte;  // at_ is a multiple of the group
    for (size_t i = 0; i < count; ++i) {
        out[i] = (static_cast<uint32_t>(joined[i / per_byte]) >> (i % per_byte * bits)) & mask;
    }
}

}  // namespace cistern::store::codec
