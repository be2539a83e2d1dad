// SPDX-License-Identifier: MIT
// A few threads that do one job together, again and again, for the time of one query.
#pragma once

#include "store/base/mutex.h"

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace cistern::promql {

// Helpers are a machine-wide good: a crew takes those that are free and works alone otherwise.
class WorkCrew {
  public:
    explicit WorkCrew(size_t threads_wanted);
    ~WorkCrew();
    WorkCrew(const WorkCrew&) = delete;
    WorkCrew& operator=(const WorkCrew&) = delete;

    // The calling thread included.
    [[nodiscard]] size_t size() const { return helpers_.size() + 1; }
    // Calls job(0) .. job(size() - 1) at the same time, one on this thread; returns when all have
    // returned.
    void run(const std::function<void(size_t member)>& job);

  private:
    void help(size_t member);

    Mutex mutex_;
    CondVar changed_;
    const std::function<void(size_t)>* job_ CISTERN_GUARDED_BY(mutex_) = nullptr;
    uint64_t round_ CISTERN_GUARDED_BY(mutex_) = 0;
    size_t busy_ CISTERN_GUARDED_BY(mutex_) = 0;
    bool stopping_ CISTERN_GUARDED_BY(mutex_) = false;
    std::vector<std::thread> helpers_;
};

}  // namespace cistern::promql
