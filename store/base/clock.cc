// SPDX-License-Identifier: MIT
#include "store/base/clock.h"

#include <ctime>

namespace cistern {
namespace {

int64_t read_clock(clockid_t id) {
    timespec time{};
    clock_gettime(id, &time);
    return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

class SystemClock final : public Clock {
  public:
    [[nodiscard]] int64_t now_ns() const override { return read_clock(CLOCK_REALTIME); }
    [[nodiscard]] int64_t monotonic_ns() const override { return read_clock(CLOCK_MONOTONIC); }
};

}  // namespace

Clock& system_clock() {
    static SystemClock clock;
    return clock;
}

}  // namespace cistern
