// SPDX-License-Identifier: MIT
#include "web/large_stack.h"

#include <sys/mman.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CISTERN_ASAN_FIBERS 1
#endif
#if __has_feature(thread_sanitizer)
#define CISTERN_TSAN_FIBERS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define CISTERN_ASAN_FIBERS 1
#endif
#if defined(__SANITIZE_THREAD__)
#define CISTERN_TSAN_FIBERS 1
#endif
#if defined(CISTERN_ASAN_FIBERS)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(CISTERN_TSAN_FIBERS)
#include <sanitizer/tsan_interface.h>
#endif

namespace cistern::web {
namespace {

constexpr size_t kStackBytes = size_t{8} << 20;  // reserved; pages are taken as they are touched

size_t guard_bytes() {
    return static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

// The one whose work begins on its stack.
thread_local LargeStack* entering = nullptr;

}  // namespace

LargeStack::~LargeStack() {
#if defined(CISTERN_TSAN_FIBERS)
    if (fiber_ != nullptr) __tsan_destroy_fiber(fiber_);
#endif
    if (base_ != nullptr) ::munmap(base_, guard_bytes() + kStackBytes);
}

bool LargeStack::map() {
    if (base_ != nullptr) return true;
    void* const mapped = ::mmap(nullptr,
                                guard_bytes() + kStackBytes,
                                PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK,
                                -1,
                                0);
    if (mapped == MAP_FAILED) return false;
    ::mprotect(mapped, guard_bytes(), PROT_NONE);
    base_ = static_cast<std::byte*>(mapped);
#if defined(CISTERN_TSAN_FIBERS)
    fiber_ = __tsan_create_fiber(0);
#endif
    return true;
}

void LargeStack::run(const std::function<void()>& work) {
    if (!map() || ::getcontext(&own_) != 0) {
        work();
        return;
    }
    own_.uc_stack.ss_sp = base_ + guard_bytes();
    own_.uc_stack.ss_size = kStackBytes;
    own_.uc_link = nullptr;
    ::makecontext(&own_, &LargeStack::enter, 0);
    work_ = &work;
    entering = this;
#if defined(CISTERN_TSAN_FIBERS)
    caller_fiber_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(fiber_, 0);
#endif
#if defined(CISTERN_ASAN_FIBERS)
    void* fake_stack = nullptr;
    __sanitizer_start_switch_fiber(&fake_stack, own_.uc_stack.ss_sp, kStackBytes);
#endif
    ::swapcontext(&caller_, &own_);
#if defined(CISTERN_ASAN_FIBERS)
    __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
}

void LargeStack::enter() {
    LargeStack& self = *entering;
#if defined(CISTERN_ASAN_FIBERS)
    __sanitizer_finish_switch_fiber(nullptr, &self.caller_bottom_, &self.caller_bytes_);
#endif
    (*self.work_)();
#if defined(CISTERN_TSAN_FIBERS)
    __tsan_switch_to_fiber(self.caller_fiber_, 0);
#endif
#if defined(CISTERN_ASAN_FIBERS)
    __sanitizer_start_switch_fiber(nullptr, self.caller_bottom_, self.caller_bytes_);
#endif
    ::setcontext(&self.caller_);
}

}  // namespace cistern::web
