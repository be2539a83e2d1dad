// SPDX-License-Identifier: MIT
// Integers that cannot be mixed up: a SeriesId is not a SegmentId.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace cistern {

template <class Tag, class Integer = uint32_t>
class StrongId {
  public:
    using value_type = Integer;

    constexpr StrongId() = default;
    constexpr explicit StrongId(Integer value) : value_(value) {}
    [[nodiscard]] constexpr Integer value() const { return value_; }
    constexpr auto operator<=>(const StrongId&) const = default;

  private:
    Integer value_ = 0;
};

}  // namespace cistern

template <class Tag, class Integer>
struct std::hash<cistern::StrongId<Tag, Integer>> {
    size_t operator()(cistern::StrongId<Tag, Integer> id) const noexcept {
        return std::hash<Integer>{}(id.value());
    }
};
