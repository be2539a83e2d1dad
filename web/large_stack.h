// SPDX-License-Identifier: MIT
// Runs a function on an ordinary stack. CivetWeb's workers have 100 KiB, which a nested query of a
// few hundred bytes runs through. The thread stays the same: handing every request to another
// thread and back costs more than answering a small one.
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <functional>

namespace cistern::web {

// Belongs to one calling thread. The stack is mapped with the first run.
class LargeStack {
  public:
    LargeStack() = default;
    ~LargeStack();
    LargeStack(const LargeStack&) = delete;
    LargeStack& operator=(const LargeStack&) = delete;

    // Returns when `work` has returned; nothing may be thrown out of it. Without memory for a stack
    // it runs on the caller's.
    void run(const std::function<void()>& work);

  private:
    bool map();
    static void enter();

    std::byte* base_ = nullptr;  // a guard page, then the stack
    const std::function<void()>* work_ = nullptr;
    ucontext_t caller_{};
    ucontext_t own_{};
    // For the sanitizers, which must be told whose stack is in use.
    [[maybe_unused]] void* fiber_ = nullptr;
    [[maybe_unused]] void* caller_fiber_ = nullptr;
    [[maybe_unused]] const void* caller_bottom_ = nullptr;
    [[maybe_unused]] size_t caller_bytes_ = 0;
};

}  // namespace cistern::web
