// SPDX-License-Identifier: MIT
// Finds numbers by hash, for things whose keys live elsewhere: 8 bytes a slot, no allocation of its
// own for an entry. Not thread safe.
#pragma once

#include "store/base/assert.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cistern {

class HashIndex {
  public:
    static constexpr uint32_t kNone = UINT32_MAX;

    // The first number under this hash for which `is_it(number)` holds, else kNone.
    template <class IsIt>
    [[nodiscard]] uint32_t find(uint32_t hash, IsIt is_it) const {
        if (slots_.empty()) {
            return kNone;
        }
        for (size_t at = hash & mask();; at = (at + 1) & mask()) {
            const Slot& slot = slots_[at];
            if (slot.number == kNone || (slot.hash == hash && is_it(slot.number))) {
                return slot.number;
            }
        }
    }
    // Not kNone; not there yet under this hash.
    void insert(uint32_t hash, uint32_t number) {
        CISTERN_ASSERT(number != kNone);
        if ((count_ + 1) * 8 > slots_.size() * 7) {
            grow();
        }
        place({hash, number});
        ++count_;
    }
    // As it was inserted.
    void erase(uint32_t hash, uint32_t number) {
        size_t hole = hash & mask();
        while (slots_[hole].number != number) {
            CISTERN_ASSERT(slots_[hole].number != kNone);
            hole = (hole + 1) & mask();
        }
        // What would not be found behind a free slot moves into it.
        for (size_t at = (hole + 1) & mask(); slots_[at].number != kNone; at = (at + 1) & mask()) {
            const size_t from_home = (at - (slots_[at].hash & mask())) & mask();
            if (from_home >= ((at - hole) & mask())) {
                slots_[hole] = slots_[at];
                hole = at;
            }
        }
        slots_[hole] = {};
        --count_;
    }
    [[nodiscard]] size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }

  private:
    static constexpr size_t kSlotsMin = 64;
    struct Slot {
        uint32_t hash = 0;
        uint32_t number = kNone;
    };

    [[nodiscard]] size_t mask() const { return slots_.size() - 1; }
    void place(Slot slot) {
        size_t at = slot.hash & mask();
        while (slots_[at].number != kNone) {
            at = (at + 1) & mask();
        }
        slots_[at] = slot;
    }
    void grow() {
        std::vector<Slot> before(slots_.empty() ? kSlotsMin : slots_.size() * 2);
        before.swap(slots_);
        for (const Slot& slot : before) {
            if (slot.number != kNone) {
                place(slot);
            }
        }
    }

    std::vector<Slot> slots_;  // a power of two, at most 7/8 full
    size_t count_ = 0;
};

}  // namespace cistern
