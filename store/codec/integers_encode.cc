// SPDX-License-Identifier: MIT
#include "store/base/assert.h"
#include "store/codec/bit_packing.h"
#include "store/codec/dictionary.h"
#include "store/codec/integers.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace cistern::store::codec {
namespace {

constexpr uint8_t kWide = 0x10;
// To choose a model, so many groups of a long column are measured.
constexpr size_t kGroupsMeasured = 5;
// A run costs about six times a packed number.
constexpr size_t kRunCost = 6;
// Below this a dictionary is not worth trying.
constexpr size_t kDictionaryWorthBytes = 64;
constexpr uint64_t kNarrowMax = std::numeric_limits<int32_t>::max();

struct Shape {
    int64_t least = 0;
    uint64_t range = 0;
    uint64_t step = 1;  // greatest common divisor of all differences; 0 when all are equal
    size_t runs = 1;
};

// The greatest common divisor of the offsets from the first value; 0 when all are equal.
uint64_t common_step(std::span<const int64_t> values) {
    uint64_t step = 0;
    for (size_t i = 1; i < values.size() && step != 1; ++i) {
        const auto difference =
            static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(values[i - 1]);
        const uint64_t size = values[i] < values[i - 1] ? 0 - difference : difference;
        if (size != 0 && (step == 0 || size % step != 0)) {
            step = std::gcd(step, size);
        }
    }
    return step;
}

Shape measure(std::span<const int64_t> values) {
    Shape shape;
    int64_t least = values[0];
    int64_t most = values[0];
    for (const int64_t value : values) {
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    for (size_t i = 1; i < values.size(); ++i) {
        shape.runs += values[i] != values[i - 1] ? 1 : 0;
    }
    shape.least = least;
    shape.range = static_cast<uint64_t>(most) - static_cast<uint64_t>(least);
    shape.step = common_step(values);
    return shape;
}

template <class U>
U zigzag_of(U difference) {
    using Signed = std::make_signed_t<U>;
    return (difference << 1) ^
           static_cast<U>(static_cast<Signed>(difference) >> (sizeof(U) * 8 - 1));
}

// w in the width of U and the residuals of every model, for one column.
template <class U>
class Candidates {
  public:
    Candidates(std::span<const int64_t> values, const Shape& shape)
        : shape_(shape), w_(values.size()) {
        const auto least = static_cast<uint64_t>(shape.least);
        for (size_t i = 0; i < values.size(); ++i) {
            const uint64_t offset = static_cast<uint64_t>(values[i]) - least;
            w_[i] = static_cast<U>(shape.step > 1 ? offset / shape.step : offset);
        }
        first_ = values[0];
    }

    // Of the model; start is set for those that have one.
    std::vector<U> residuals(IntegerModel model, U& start) const {
        using Signed = std::make_signed_t<U>;
        start = 0;
        std::vector<U> found(w_.size(), 0);
        if (model == IntegerModel::Frame) {
            return w_;
        }
        if (model == IntegerModel::Delta2) {
            start = w_[1] - w_[0];
            for (size_t i = 2; i < w_.size(); ++i) {
                found[i] = zigzag_of<U>(w_[i] - 2 * w_[i - 1] + w_[i - 2]);
            }
            return found;
        }
        for (size_t i = 1; i < w_.size(); ++i) {
            found[i] = w_[i] - w_[i - 1];
        }
        if (model == IntegerModel::Delta) {
            for (U& difference : found) {
                difference = zigzag_of<U>(difference);
            }
            return found;
        }
        Signed least = std::numeric_limits<Signed>::max();
        for (size_t i = 1; i < found.size(); ++i) {
            least = std::min(least, static_cast<Signed>(found[i]));
        }
        start = static_cast<U>(least);
        for (size_t i = 1; i < found.size(); ++i) {
            found[i] -= start;
        }
        return found;
    }

    static std::vector<uint32_t> low(const std::vector<U>& residuals) {
        return {residuals.begin(), residuals.end()};
    }
    static std::vector<uint32_t> high(const std::vector<U>& residuals) {
        std::vector<uint32_t> words(residuals.size());
        std::transform(residuals.begin(), residuals.end(), words.begin(), [](U value) {
            return static_cast<uint32_t>(static_cast<uint64_t>(value) >> 32);
        });
        return words;
    }

    static uint64_t cost(const std::vector<U>& residuals) {
        const size_t every =
            std::max<size_t>(1, residuals.size() / (kGroupValues * kGroupsMeasured));
        if constexpr (sizeof(U) == sizeof(uint32_t)) {
            return packed_bytes(residuals, every);
        } else {
            return packed_bytes(low(residuals), every) + packed_bytes(high(residuals), every);
        }
    }

    void write(IntegerModel model, Effort effort, std::vector<std::byte>& out) const {
        U start = 0;
        const std::vector<U> found = residuals(model, start);
        constexpr bool kIsWide = sizeof(U) == sizeof(uint64_t);
        ByteWriter head;
        head.u8(static_cast<uint8_t>(static_cast<uint8_t>(model) | (kIsWide ? kWide : 0)));
        head.svarint(model == IntegerModel::Frame ? shape_.least : first_);
        head.varint(shape_.step);
        if (model == IntegerModel::DeltaMin || model == IntegerModel::Delta2) {
            head.svarint(static_cast<std::make_signed_t<U>>(start));
        }
        out.insert(out.end(), head.bytes().begin(), head.bytes().end());
        if constexpr (kIsWide) {
            std::vector<std::byte> words;
            encode_residuals(high(found), effort, words);
            ByteWriter size;
            size.varint(words.size());
            out.insert(out.end(), size.bytes().begin(), size.bytes().end());
            out.insert(out.end(), words.begin(), words.end());
            encode_residuals(low(found), effort, out);
        } else {
            encode_residuals(found, effort, out);
        }
    }

  private:
    const Shape shape_;
    std::vector<U> w_;
    int64_t first_ = 0;
};

template <class U>
void write_best(std::span<const int64_t> values,
                const Shape& shape,
                Effort effort,
                std::vector<std::byte>& out) {
    const Candidates<U> candidates(values, shape);
    std::vector<std::pair<uint64_t, IntegerModel>> models;  // by packed bytes
    for (const IntegerModel model :
         {IntegerModel::Frame, IntegerModel::Delta, IntegerModel::DeltaMin, IntegerModel::Delta2}) {
        if (model == IntegerModel::Frame || values.size() > 2) {
            U start = 0;
            models.emplace_back(Candidates<U>::cost(candidates.residuals(model, start)), model);
        }
    }
    std::stable_sort(models.begin(), models.end(), [](const auto& a, const auto& b) {
        return a.first < b.first;
    });
    if (effort == Effort::Fast) {
        return candidates.write(models[0].second, effort, out);
    }
    // What packs badly may still repeat itself; what packs very badly does not.
    std::vector<std::byte> tried;
    std::vector<std::byte> kept;
    for (const auto& [bytes, model] : models) {
        if (bytes > 2 * models[0].first) {
            break;
        }
        tried.clear();
        candidates.write(model, effort, tried);
        if (kept.empty() || tried.size() < kept.size()) {
            kept.swap(tried);
        }
    }
    out.insert(out.end(), kept.begin(), kept.end());
}

void keep_if_smaller(std::vector<std::byte>& out,
                     size_t at,
                     const std::vector<std::byte>& tried,
                     size_t percent) {
    if (tried.size() * 100 < (out.size() - at) * percent) {
        out.resize(at);
        out.insert(out.end(), tried.begin(), tried.end());
    }
}

void encode_plain(std::span<const int64_t> values,
                  const Shape& shape,
                  Effort effort,
                  std::vector<std::byte>& out) {
    if (shape.step == 0) {
        ByteWriter writer;
        writer.u8(static_cast<uint8_t>(IntegerModel::Const));
        writer.svarint(values[0]);
        out.insert(out.end(), writer.bytes().begin(), writer.bytes().end());
    } else if (shape.range / shape.step <= kNarrowMax) {
        write_best<uint32_t>(values, shape, effort, out);
    } else {
        write_best<uint64_t>(values, shape, effort, out);
    }
}

void write_runs(std::span<const int64_t> values,
                size_t runs,
                Effort effort,
                std::vector<std::byte>& out) {
    std::vector<int64_t> heads;
    std::vector<int64_t> lengths;
    heads.reserve(runs);
    lengths.reserve(runs);
    for (size_t i = 0; i < values.size(); ++i) {
        if (i == 0 || values[i] != values[i - 1]) {
            heads.push_back(values[i]);
            lengths.push_back(0);
        }
        ++lengths.back();
    }
    ByteWriter writer;
    std::vector<std::byte> encoded;
    encode_plain(heads, measure(heads), effort, encoded);
    writer.u8(static_cast<uint8_t>(IntegerModel::Runs));
    writer.varint(heads.size());
    writer.varint(encoded.size());
    writer.raw(encoded);
    out.insert(out.end(), writer.bytes().begin(), writer.bytes().end());
    encode_plain(lengths, measure(lengths), effort, out);
}

void encode_with_runs(std::span<const int64_t> values,
                      const Shape& shape,
                      Effort effort,
                      std::vector<std::byte>& out) {
    const size_t at = out.size();
    encode_plain(values, shape, effort, out);
    if (shape.step != 0 && shape.runs * kRunCost < values.size()) {
        std::vector<std::byte> tried;
        write_runs(values, shape.runs, effort, tried);
        keep_if_smaller(out, at, tried, 100);
    }
}

void write_dictionary(const Dictionary& dictionary, Effort effort, std::vector<std::byte>& out) {
    std::vector<std::byte> encoded;
    encode_plain(dictionary.values, measure(dictionary.values), effort, encoded);
    ByteWriter writer;
    writer.u8(static_cast<uint8_t>(IntegerModel::Dictionary));
    writer.varint(dictionary.values.size());
    writer.varint(encoded.size());
    writer.raw(encoded);
    out.insert(out.end(), writer.bytes().begin(), writer.bytes().end());
    encode_with_runs(dictionary.indices, measure(dictionary.indices), effort, out);
}

}  // namespace

void encode_integers(std::span<const int64_t> values, Effort effort, std::vector<std::byte>& out) {
    CISTERN_ASSERT(!values.empty());
    const Shape shape = measure(values);
    const size_t at = out.size();
    encode_with_runs(values, shape, effort, out);
    const size_t bytes = out.size() - at;
    if (shape.step == 0 || bytes < kDictionaryWorthBytes || bytes * 16 < values.size()) {
        return;
    }
    // A range that is nearly full has no gaps for a dictionary to close.
    const size_t distinct_max =
        std::min<uint64_t>(values.size() / 4, shape.range / shape.step * 4 / 5);
    Dictionary dictionary;
    if (build_dictionary(values, distinct_max, dictionary)) {
        std::vector<std::byte> tried;
        write_dictionary(dictionary, effort, tried);
        keep_if_smaller(out, at, tried, 95);
    }
}

}  // namespace cistern::store::codec
