// SPDX-License-Identifier: MIT
#include "store/promql/work_crew.h"

#include <algorithm>

namespace cistern::promql {
namespace {

// Helpers that all queries of the process may have at once.
std::atomic<int>& free_helpers() {
    static std::atomic<int> count =
        static_cast<int>(std::max(1U, std::thread::hardware_concurrency())) - 1;
    return count;
}

size_t claim_helpers(size_t wanted) {
    int available = free_helpers().load();
    while (true) {
        const int taken = std::min(std::max(available, 0), static_cast<int>(wanted));
        if (free_helpers().compare_exchange_weak(available, available - taken)) {
            return static_cast<size_t>(taken);
        }
    }
}

}  // namespace

WorkCrew::WorkCrew(size_t threads_wanted) {
    const size_t count = claim_helpers(threads_wanted > 0 ? threads_wanted - 1 : 0);
    for (size_t i = 0; i < count; ++i) {
        helpers_.emplace_back([this, i] { help(i + 1); });
    }
}

WorkCrew::~WorkCrew() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& helper : helpers_) {
        helper.join();
    }
    free_helpers() += static_cast<int>(helpers_.size());
}

void WorkCrew::run(const std::function<void(size_t)>& job) {
    if (!helpers_.empty()) {
        {
            const MutexLock lock(mutex_);
            job_ = &job;
            busy_ = helpers_.size();
            ++round_;
        }
        changed_.notify_all();
    }
    job(0);
    const MutexLock lock(mutex_);
    while (busy_ != 0) {
        changed_.wait(mutex_);
    }
}

void WorkCrew::help(size_t member) {
    uint64_t done = 0;
    while (true) {
        const std::function<void(size_t)>* job = nullptr;
        {
            const MutexLock lock(mutex_);
            while (!stopping_ && round_ == done) {
                changed_.wait(mutex_);
            }
            if (stopping_) {
                return;
            }
            done = round_;
            job = job_;
        }
        (*job)(member);
        {
            const MutexLock lock(mutex_);
            --busy_;
        }
        changed_.notify_all();
    }
}

}  // namespace cistern::promql
