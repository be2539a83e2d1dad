// SPDX-License-Identifier: MIT
// The sequence numbers 0..255 of one edge node, with the holes that late messages may still fill.
#pragma once

#include <bitset>
#include <cstdint>

namespace cistern::collector {

class SparkplugSequence {
  public:
    enum class Step : uint8_t {
        InOrder,
        Gap,       // numbers before this one are missing
        Filled,    // a late one; others are still missing
        Complete,  // a late one, and the last that was missing
        Repeated,  // seen before: a redelivery, or a sender without sequence
    };

    // A birth: the next number is one above its own.
    void begin(uint64_t seq) {
        known_ = true;
        next_ = static_cast<uint8_t>(seq + 1);
        forget_missing();
    }
    Step take(uint64_t number) {
        const auto seq = static_cast<uint8_t>(number);
        if (!known_) {
            begin(seq);
            return Step::InOrder;
        }
        if (missing_.test(seq)) {
            missing_.reset(seq);
            return missing_.none() ? Step::Complete : Step::Filled;
        }
        const auto ahead = static_cast<uint8_t>(seq - next_);
        if (ahead >= kAheadMax) {
            return Step::Repeated;
        }
        for (uint8_t i = 0; i < ahead; ++i) {
            missing_.set(static_cast<uint8_t>(next_ + i));
        }
        next_ = static_cast<uint8_t>(seq + 1);
        missing_.reset(seq);
        return ahead == 0 ? Step::InOrder : Step::Gap;
    }
    void forget() {
        known_ = false;
        forget_missing();
    }
    void forget_missing() { missing_.reset(); }
    [[nodiscard]] bool known() const { return known_; }
    [[nodiscard]] uint8_t next() const { return next_; }

  private:
    // Further away is more likely the past than the future.
    static constexpr uint8_t kAheadMax = 200;

    bool known_ = false;
    uint8_t next_ = 0;
    std::bitset<256> missing_;
};

}  // namespace cistern::collector
