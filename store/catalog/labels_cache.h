// SPDX-License-Identifier: MIT
// The Labels objects that are in use, so that a query pays for building them once. Direct mapped
// by id and bounded: the catalog itself keeps labels in a tenth of the space.
#pragma once

#include "store/base/mutex.h"
#include "store/model/labels.h"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace cistern::store {

class LabelsCache {
  public:
    static constexpr size_t kSlotsMax = 16'384;

    // Not while another thread uses the cache.
    void fit(size_t series) {
        size_t slots = slots_.empty() ? kLocks : slots_.size();
        while (slots < series && slots < kSlotsMax) {
            slots *= 2;
        }
        if (slots != slots_.size()) {
            std::vector<Slot> before(slots);
            before.swap(slots_);
            for (Slot& slot : before) {
                slots_[slot.id % slots] = std::move(slot);
            }
        }
    }

    // Thread safe. `make` builds what is missing, outside of the lock.
    template <class Make>
    std::shared_ptr<const Labels> get(uint32_t id, Make make) {
        Slot& slot = slots_[id % slots_.size()];
        Mutex& mutex = locks_[id % kLocks];
        {
            const MutexLock lock(mutex);
            if (slot.id == id && slot.labels != nullptr) {
                return slot.labels;
            }
        }
        auto labels = std::make_shared<const Labels>(make());
        const MutexLock lock(mutex);
        slot.id = id;
        slot.labels = labels;
        return labels;
    }

  private:
    static constexpr size_t kLocks = 64;
    struct Slot {
        uint32_t id = 0;
        std::shared_ptr<const Labels> labels;
    };

    std::vector<Slot> slots_;          // each guarded by the lock of its id
    std::array<Mutex, kLocks> locks_;  // a power of two that divides every slot count
};

}  // namespace cistern::store
