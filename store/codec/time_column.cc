// SPDX-License-Identifier: MIT
#include "store/codec/time_column.h"

#include "store/base/bytes.h"
#include "store/codec/bit_packing.h"
#include "store/codec/integers.h"
#include "store/codec/times.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace cistern::store::codec {
namespace {

using Group = std::array<int64_t, kGroupValues>;

// Positions up to here are exact in every step of the arithmetic below.
constexpr double kPositionMax = 4503599627370496.0;  // 2^52

struct GridHead {
    int64_t first = 0;
    uint64_t tick = 0;
    double period = 0;
    IntegerReader steps;
    IntegerReader residuals;
};

bool open_grid(std::span<const std::byte> bytes, size_t count, GridHead& grid) {
    ByteReader in(bytes);
    grid.first = in.i64();
    grid.tick = in.varint();
    grid.period = in.f64();
    const auto steps = in.raw(in.varint());
    return in.ok() && grid.period >= 1 && grid.steps.open(steps, count) &&
           grid.residuals.open(in.raw(in.left()), count);
}

// From steps to where they lead on the grid: all at once where each is one period.
bool to_positions(std::span<int64_t> steps, double period, int64_t& k) {
    const bool regular =
        std::all_of(steps.begin(), steps.end(), [](int64_t step) { return step == 1; });
    const double reach = std::fabs(static_cast<double>(k)) + static_cast<double>(steps.size());
    if (regular && reach * period < std::numeric_limits<int32_t>::max()) {
        const auto from = static_cast<int32_t>(k + 1);
        for (size_t i = 0; i < steps.size(); ++i) {
            const auto here = static_cast<double>(from + static_cast<int32_t>(i));
            steps[i] = static_cast<int32_t>(here * period);
        }
        k += static_cast<int64_t>(steps.size());
        return true;
    }
    for (int64_t& step : steps) {
        k = static_cast<int64_t>(static_cast<uint64_t>(k) + static_cast<uint64_t>(step));
        const double position = static_cast<double>(k) * period;
        if (!(std::fabs(position) < kPositionMax)) {
            return false;
        }
        step = static_cast<int64_t>(position);
    }
    return true;
}

// False when one is too far off for the sums to be exact.
bool add_residuals(std::span<int64_t> positions, const Group& residuals) {
    int64_t largest = 0;
    for (size_t i = 0; i < positions.size(); ++i) {
        largest |= residuals[i] ^ (residuals[i] >> 63);
        positions[i] = static_cast<int64_t>(static_cast<uint64_t>(positions[i]) +
                                            static_cast<uint64_t>(residuals[i]));
    }
    return largest >> 52 == 0;
}

// from + tick * origin
bool place(int64_t from, uint64_t tick, int64_t origin, int64_t& first) {
    int64_t shift = 0;
    return !__builtin_mul_overflow(origin, tick, &shift) &&
           !__builtin_add_overflow(from, shift, &first);
}

}  // namespace

// Collects ticks group by group. Fails, for the column to be decoded as it stands, on anything out
// of the ordinary: damage too.
class TimeColumn::Ticks {
  public:
    Ticks(TimeColumn& column, size_t count) : column_(column) { column.ticks_.resize(count); }

    // Bytes behind the encoding's number.
    bool read_grid(std::span<const std::byte> bytes);
    bool read_plain(std::span<const std::byte> bytes);

  private:
    // The next positions on the tick, counted from anywhere.
    bool add(std::span<const int64_t> positions);
    // False when a time does not fit its 64 bits.
    bool finish(int64_t from, uint64_t tick);

    TimeColumn& column_;
    size_t at_ = 0;
    int64_t origin_ = 0;
    int64_t before_ = -1;
};

bool TimeColumn::Ticks::add(std::span<const int64_t> positions) {
    if (at_ == 0) {
        origin_ = positions[0];
    }
    bool ascending = true;
    int64_t before = before_;
    for (const int64_t position : positions) {
        const int64_t ticks = position - origin_;
        ascending &= ticks > before;
        before = ticks;
        column_.ticks_[at_++] = static_cast<uint32_t>(ticks);
    }
    before_ = before;
    return ascending && before <= std::numeric_limits<uint32_t>::max();
}

bool TimeColumn::Ticks::finish(int64_t from, uint64_t tick) {
    column_.tick_ = tick;
    int64_t last = 0;
    int64_t width = 0;
    return place(from, tick, origin_, column_.first_) &&
           !__builtin_mul_overflow(tick, static_cast<uint64_t>(before_), &width) &&
           !__builtin_add_overflow(column_.first_, width, &last);
}

bool TimeColumn::Ticks::read_grid(std::span<const std::byte> bytes) {
    const size_t count = column_.ticks_.size();
    GridHead grid;
    if (!open_grid(bytes, count, grid)) {
        return false;
    }
    Group positions;
    Group residuals;
    int64_t k = 0;
    while (at_ < count) {
        const auto group = std::span(positions).first(std::min(kGroupValues, count - at_));
        if (!grid.steps.next(group.size(), positions.data()) ||
            !grid.residuals.next(group.size(), residuals.data())) {
            return false;
        }
        if (at_ == 0) {
            k = positions[0] == std::numeric_limits<int64_t>::min() ? 0 : positions[0] - 1;
            positions[0] = 1;
        }
        if (!to_positions(group, grid.period, k) || !add_residuals(group, residuals) ||
            !add(group)) {
            return false;
        }
    }
    return finish(grid.first, grid.tick);
}

bool TimeColumn::Ticks::read_plain(std::span<const std::byte> bytes) {
    const size_t count = column_.ticks_.size();
    IntegerReader reader;
    if (!reader.open(bytes, count) || !reader.narrow()) {
        return false;
    }
    std::array<uint32_t, kGroupValues> w;
    Group positions;
    while (at_ < count) {
        const size_t size = std::min(kGroupValues, count - at_);
        if (!reader.next_narrow(size, w.data())) {
            return false;
        }
        for (size_t i = 0; i < size; ++i) {
            positions[i] = static_cast<int32_t>(w[i]);
        }
        if (!add(std::span(positions).first(size))) {
            return false;
        }
    }
    return finish(reader.base(), reader.step());
}

size_t TimeColumn::rank(int64_t time) const {
    if (!wide_.empty()) {
        return static_cast<size_t>(std::lower_bound(wide_.begin(), wide_.end(), time) -
                                   wide_.begin());
    }
    size_t low = 0;
    size_t high = ticks_.size();
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (at(middle) < time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void TimeColumn::copy(size_t from, std::span<int64_t> into) const {
    if (!wide_.empty()) {
        std::copy_n(wide_.begin() + static_cast<ptrdiff_t>(from), into.size(), into.begin());
        return;
    }
    const uint32_t* const ticks = ticks_.data() + from;
    if (tick_ <= std::numeric_limits<uint32_t>::max()) {
        // 32 by 32 bits: two at a time on every machine.
        const auto tick = static_cast<uint32_t>(tick_);
        for (size_t i = 0; i < into.size(); ++i) {
            into[i] = first_ + static_cast<int64_t>(static_cast<uint64_t>(ticks[i]) * tick);
        }
        return;
    }
    for (size_t i = 0; i < into.size(); ++i) {
        into[i] = first_ + static_cast<int64_t>(tick_ * ticks[i]);
    }
}

bool decode_times(std::span<const std::byte> bytes, size_t count, TimeColumn& column) {
    column = {};
    if (bytes.empty() || count == 0) {
        return false;
    }
    TimeColumn::Ticks ticks(column, count);
    const auto body = bytes.subspan(1);
    const bool read = bytes[0] == static_cast<std::byte>(TimeEncoding::Grid)
                          ? ticks.read_grid(body)
                          : ticks.read_plain(body);
    if (read && bytes[0] <= static_cast<std::byte>(TimeEncoding::Grid)) {
        return true;
    }
    column.ticks_ = {};
    column.wide_.resize(count);
    return decode_times(bytes, column.wide_);
}

}  // namespace cistern::store::codec
