// SPDX-License-Identifier: MIT
#include "store/codec/bit_packing.h"
#include "store/codec/integers.h"
#include "store/codec/lanes.h"

#include <algorithm>
#include <array>

namespace cistern::store::codec {
namespace {

constexpr uint8_t kWide = 0x10;

Lanes unzigzag(Lanes lanes) {
    return (lanes >> 1) ^ -(lanes & 1);
}

// In place; all groups have room for kGroupValues, so whole vectors are processed.
void sum_zigzag(uint32_t* w, uint32_t& before) {
    Lanes carry = in_every_lane(before);
    for (size_t i = 0; i < kGroupValues; i += 4) {
        const Lanes sums = running_sum(unzigzag(load_lanes(w + i)), carry);
        store_lanes(w + i, sums);
        carry = last_in_every_lane(sums);
    }
}

void sum_from_least(uint32_t* w, uint32_t least, uint32_t before) {
    Lanes carry = in_every_lane(before);
    const Lanes least_lanes = in_every_lane(least);
    for (size_t i = 0; i < kGroupValues; i += 4) {
        const Lanes sums = running_sum(load_lanes(w + i) + least_lanes, carry);
        store_lanes(w + i, sums);
        carry = last_in_every_lane(sums);
    }
}

}  // namespace

struct IntegerReader::Runs {
    std::vector<int64_t> values;
    std::vector<int64_t> lengths;
    size_t at = 0;     // the run in hand
    int64_t used = 0;  // values of it handed out
};

struct IntegerReader::Dictionary {
    std::vector<int64_t> values;
    std::vector<uint32_t>
        narrow;  // the same as w of the values' own base and step, when they allow
    IntegerReader indices;
};

IntegerReader::IntegerReader() = default;
IntegerReader::~IntegerReader() = default;
IntegerReader::IntegerReader(IntegerReader&&) noexcept = default;
IntegerReader& IntegerReader::operator=(IntegerReader&&) noexcept = default;

bool IntegerReader::open(std::span<const std::byte> bytes, size_t count, IntegerModel highest) {
    ByteReader in(bytes);
    const uint8_t head = in.u8();
    const uint8_t model = head & 0x0f;
    wide_ = (head & kWide) != 0;
    if (!in.ok() || model > static_cast<uint8_t>(highest) || (head & 0xe0) != 0 || count == 0) {
        return false;
    }
    model_ = static_cast<IntegerModel>(model);
    if (model_ == IntegerModel::Runs) {
        return open_runs(in, count);
    }
    if (model_ == IntegerModel::Dictionary) {
        return open_dictionary(in, count);
    }
    base_ = in.svarint();
    if (model_ == IntegerModel::Const) {
        return in.ok() && in.at_end();
    }
    step_ = in.varint();
    if (model_ == IntegerModel::DeltaMin || model_ == IntegerModel::Delta2) {
        start_ = static_cast<uint64_t>(in.svarint());
        d_ = start_;
        w_ = 0 - start_;
    }
    return in.ok() && open_residuals(in, count);
}

bool IntegerReader::open_residuals(ByteReader& in, size_t count) {
    if (wide_) {
        const auto high = in.raw(in.varint());
        if (!in.ok() || !high_.open(high, count)) {
            return false;
        }
    }
    return low_.open(in.raw(in.left()), count);
}

bool IntegerReader::open_runs(ByteReader& in, size_t count) {
    const uint64_t runs = in.varint();
    const auto values = in.raw(in.varint());
    if (!in.ok() || wide_ || runs == 0 || runs > count) {
        return false;
    }
    runs_ = std::make_unique<Runs>();
    runs_->values.resize(runs);
    runs_->lengths.resize(runs);
    IntegerReader plain_values;
    IntegerReader plain_lengths;
    if (!plain_values.open(values, runs, IntegerModel::Delta2) ||
        !plain_values.read_all(runs_->values) ||
        !plain_lengths.open(in.raw(in.left()), runs, IntegerModel::Delta2) ||
        !plain_lengths.read_all(runs_->lengths)) {
        return false;
    }
    uint64_t left = count;
    for (const int64_t length : runs_->lengths) {
        if (length <= 0 || static_cast<uint64_t>(length) > left) {
            return false;
        }
        left -= static_cast<uint64_t>(length);
    }
    return left == 0;
}

bool IntegerReader::open_dictionary(ByteReader& in, size_t count) {
    const uint64_t distinct = in.varint();
    const auto values = in.raw(in.varint());
    if (!in.ok() || wide_ || distinct == 0 || distinct > count) {
        return false;
    }
    dictionary_ = std::make_unique<Dictionary>();
    IntegerReader reader;
    if (!reader.open(values, distinct, IntegerModel::Delta2)) {
        return false;
    }
    base_ = reader.base_;
    step_ = reader.step_;
    if (reader.narrow()) {
        auto& narrow = dictionary_->narrow;
        narrow.resize(distinct + kGroupValues);
        for (size_t at = 0; at < distinct; at += kGroupValues) {
            if (!reader.next_narrow(std::min<size_t>(kGroupValues, distinct - at),
                                    narrow.data() + at)) {
                return false;
            }
        }
        narrow.resize(distinct);
    } else {
        dictionary_->values.resize(distinct);
        if (!reader.read_all(dictionary_->values)) {
            return false;
        }
    }
    IntegerReader& indices = dictionary_->indices;
    if (!indices.open(in.raw(in.left()), count, IntegerModel::Runs)) {
        return false;
    }
    // next_indices computes in 32 bits.
    return !indices.narrow() ||
           (indices.base_ >= 0 && static_cast<uint64_t>(indices.base_) < distinct &&
            indices.step_ <= distinct);
}

bool IntegerReader::next_indices(size_t count, uint32_t* indices) {
    IntegerReader& reader = dictionary_->indices;
    if (reader.narrow()) {
        if (!reader.next_narrow(count, indices)) {
            return false;
        }
        const auto base = static_cast<uint32_t>(reader.base_);
        const auto step = static_cast<uint32_t>(reader.step_);
        for (size_t i = 0; i < count; ++i) {
            indices[i] = base + step * indices[i];
        }
    } else {
        std::array<int64_t, kGroupValues> values;
        if (!reader.next(count, values.data())) {
            return false;
        }
        for (size_t i = 0; i < count; ++i) {
            const auto index = static_cast<uint64_t>(values[i]);
            indices[i] = static_cast<uint32_t>(std::min<uint64_t>(index, ~0U));
        }
    }
    uint32_t highest = 0;
    for (size_t i = 0; i < count; ++i) {
        highest = std::max(highest, indices[i]);
    }
    return highest < std::max(dictionary_->values.size(), dictionary_->narrow.size());
}

bool IntegerReader::narrow() const {
    if (model_ == IntegerModel::Dictionary) {
        return !dictionary_->narrow.empty();
    }
    return !wide_ && model_ != IntegerModel::Const && model_ != IntegerModel::Runs;
}

bool IntegerReader::next_narrow(size_t count, uint32_t* w) {
    if (model_ == IntegerModel::Dictionary) {
        std::array<uint32_t, kGroupValues> indices;
        if (!next_indices(count, indices.data())) {
            return false;
        }
        const uint32_t* from = dictionary_->narrow.data();
        for (size_t i = 0; i < count; ++i) {
            w[i] = from[indices[i]];
        }
        return true;
    }
    if (count == 0 || !low_.next(count, w)) {
        return false;
    }
    auto before = static_cast<uint32_t>(w_);
    switch (model_) {
        case IntegerModel::Delta:
            sum_zigzag(w, before);
            break;
        case IntegerModel::DeltaMin:
            sum_from_least(w, static_cast<uint32_t>(start_), before);
            break;
        case IntegerModel::Delta2: {
            auto difference = static_cast<uint32_t>(d_);
            sum_zigzag(w, difference);
            d_ = w[count - 1];
            sum_from_least(w, 0, before);
            break;
        }
        default:
            return true;
    }
    w_ = w[count - 1];
    return true;
}

bool IntegerReader::next_wide(size_t count, int64_t* values) {
    std::array<uint32_t, kGroupValues> low;
    std::array<uint32_t, kGroupValues> high;
    if (!high_.next(count, high.data()) || !low_.next(count, low.data())) {
        return false;
    }
    uint64_t w = w_;
    uint64_t d = d_;
    const auto base = static_cast<uint64_t>(base_);
    for (size_t i = 0; i < count; ++i) {
        const uint64_t residual = static_cast<uint64_t>(high[i]) << 32 | low[i];
        switch (model_) {
            case IntegerModel::Delta:
                w += static_cast<uint64_t>(cistern::unzigzag(residual));
                break;
            case IntegerModel::DeltaMin:
                w += start_ + residual;
                break;
            case IntegerModel::Delta2:
                d += static_cast<uint64_t>(cistern::unzigzag(residual));
                w += d;
                break;
            default:
                w = residual;
                break;
        }
        values[i] = static_cast<int64_t>(base + step_ * w);
    }
    w_ = w;
    d_ = d;
    return true;
}

bool IntegerReader::next_runs(size_t count, int64_t* values) {
    Runs& runs = *runs_;
    for (size_t filled = 0; filled < count;) {
        if (runs.at == runs.values.size()) {
            return false;
        }
        const auto take = std::min<int64_t>(runs.lengths[runs.at] - runs.used,
                                            static_cast<int64_t>(count - filled));
        std::fill_n(values + filled, take, runs.values[runs.at]);
        filled += static_cast<size_t>(take);
        runs.used += take;
        if (runs.used == runs.lengths[runs.at]) {
            ++runs.at;
            runs.used = 0;
        }
    }
    return true;
}

bool IntegerReader::next(size_t count, int64_t* values) {
    if (model_ == IntegerModel::Const) {
        std::fill_n(values, count, base_);
        return true;
    }
    if (model_ == IntegerModel::Runs) {
        return next_runs(count, values);
    }
    if (wide_) {
        return next_wide(count, values);
    }
    if (!narrow()) {
        std::array<uint32_t, kGroupValues> indices;
        if (!next_indices(count, indices.data())) {
            return false;
        }
        for (size_t i = 0; i < count; ++i) {
            values[i] = dictionary_->values[indices[i]];
        }
        return true;
    }
    std::array<uint32_t, kGroupValues> w;
    if (!next_narrow(count, w.data())) {
        return false;
    }
    for (size_t i = 0; i < count; ++i) {
        const auto signed_w =
            static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(w[i])));
        values[i] = static_cast<int64_t>(static_cast<uint64_t>(base_) + step_ * signed_w);
    }
    return true;
}

bool IntegerReader::read_all(std::span<int64_t> values) {
    for (size_t at = 0; at < values.size(); at += kGroupValues) {
        if (!next(std::min(kGroupValues, values.size() - at), values.data() + at)) {
            return false;
        }
    }
    return true;
}

std::string IntegerReader::describe() const {
    static constexpr std::array<const char*, 5> kNames = {
        "constant", "frame", "delta", "delta from least", "delta2"};
    if (model_ == IntegerModel::Runs) {
        return "runs: " + std::to_string(runs_->values.size());
    }
    if (model_ == IntegerModel::Dictionary) {
        const size_t distinct = std::max(dictionary_->values.size(), dictionary_->narrow.size());
        return "dictionary of " + std::to_string(distinct) + ", " + dictionary_->indices.describe();
    }
    std::string text = kNames[static_cast<size_t>(model_)];
    if (model_ == IntegerModel::Const) {
        return text;
    }
    if (step_ > 1) {
        text += ", steps of " + std::to_string(step_);
    }
    return text + (wide_ ? ", wide, " : ", ") + low_.stage_name();
}

bool decode_integers(std::span<const std::byte> bytes, std::span<int64_t> values) {
    IntegerReader reader;
    return reader.open(bytes, values.size()) && reader.read_all(values);
}

}  // namespace cistern::store::codec
