// SPDX-License-Identifier: MIT
// Runs a function on a thread with an ordinary stack. CivetWeb's workers have 100 KiB, which a
// nested query of a few hundred bytes runs through.
#pragma once

#include "store/base/mutex.h"

#include <functional>
#include <thread>

namespace cistern::web {

// Belongs to one calling thread. The companion thread starts with the first run.
class LargeStack {
  public:
    LargeStack() = default;
    ~LargeStack();
    LargeStack(const LargeStack&) = delete;
    LargeStack& operator=(const LargeStack&) = delete;

    // Returns when `work` has returned.
    void run(const std::function<void()>& work);

  private:
    void serve();

    Mutex mutex_;
    CondVar changed_;
    const std::function<void()>* work_ CISTERN_GUARDED_BY(mutex_) = nullptr;
    bool stopping_ CISTERN_GUARDED_BY(mutex_) = false;
    std::jthread companion_;
};

}  // namespace cistern::web
