// SPDX-License-Identifier: MIT
#include "web/large_stack.h"

namespace cistern::web {

LargeStack::~LargeStack() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
}

void LargeStack::run(const std::function<void()>& work) {
    if (!companion_.joinable()) companion_ = std::jthread([this] { serve(); });
    const MutexLock lock(mutex_);
    work_ = &work;
    changed_.notify_all();
    while (work_ != nullptr)
        changed_.wait(mutex_);
}

void LargeStack::serve() {
    while (true) {
        const std::function<void()>* work = nullptr;
        {
            const MutexLock lock(mutex_);
            while (work_ == nullptr && !stopping_)
                changed_.wait(mutex_);
            if (work_ == nullptr) return;
            work = work_;
        }
        (*work)();
        const MutexLock lock(mutex_);
        work_ = nullptr;
        changed_.notify_all();
    }
}

}  // namespace cistern::web
