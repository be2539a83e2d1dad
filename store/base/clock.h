// SPDX-License-Identifier: MIT
// Wall and monotonic time, replaceable in tests. Nothing else in the project reads a clock.
#pragma once

#include <cstdint>

namespace cistern {

// Thread safe.
class Clock {
  public:
    virtual ~Clock() = default;
    // ns since the Unix epoch, UTC. May jump in either direction.
    [[nodiscard]] virtual int64_t now_ns() const = 0;
    // ns since an arbitrary start. Never goes back.
    [[nodiscard]] virtual int64_t monotonic_ns() const = 0;
};

// The machine's clock; lives for ever.
Clock& system_clock();

// A clock that moves when told to.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(int64_t now_ns) : now_ns_(now_ns) {}
    [[nodiscard]] int64_t now_ns() const override {
        return __atomic_load_n(&now_ns_, __ATOMIC_RELAXED);
    }
    [[nodiscard]] int64_t monotonic_ns() const override {
        return __atomic_load_n(&monotonic_ns_, __ATOMIC_RELAXED);
    }
    void advance(int64_t ns) {
        __atomic_add_fetch(&now_ns_, ns, __ATOMIC_RELAXED);
        __atomic_add_fetch(&monotonic_ns_, ns, __ATOMIC_RELAXED);
    }
    // Jumps the wall clock only, as NTP or a missing RTC does.
    void set_wall(int64_t now_ns) { __atomic_store_n(&now_ns_, now_ns, __ATOMIC_RELAXED); }

  private:
    int64_t now_ns_;
    int64_t monotonic_ns_ = 0;
};

}  // namespace cistern
