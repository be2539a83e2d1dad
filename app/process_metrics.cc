// SPDX-License-Identifier: MIT
#include "app/process_metrics.h"

#include "store/base/clock.h"
#include "store/base/memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>

namespace cistern::app {
namespace {

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double entries_of(const char* folder) {
    std::error_code error;
    double count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        (void)entry;
        ++count;
    }
    return count;
}

double open_files() {
    return entries_of("/proc/self/fd");
}

double threads() {
    return entries_of("/proc/self/task");
}

double open_files_max() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<double>(limit.rlim_cur) : 0;
}

}  // namespace

void add_process_metrics(MetricsRegistry& registry) {
    const double started = static_cast<double>(system_clock().now_ns()) / 1e9;
    registry.add_source([started](std::vector<MetricValue>& values) {
        const auto gauge = [&values](const char* name, const char* help, double value) {
            values.push_back({name, help, MetricType::Gauge, {}, value});
        };
        gauge("process_resident_memory_bytes",
              "Resident memory.",
              static_cast<double>(resident_bytes()));
        gauge("cistern_allocated_bytes",
              "Memory that the allocator has given out.",
              static_cast<double>(allocated_bytes()));
        gauge("process_open_fds", "Open file descriptors.", open_files());
        gauge("process_max_fds", "The most open file descriptors.", open_files_max());
        gauge("process_threads", "Threads.", threads());
        gauge("process_start_time_seconds", "Start of the process, unix time.", started);
        values.push_back({"process_cpu_seconds_total",
                          "CPU time, user and system.",
                          MetricType::Counter,
                          {},
                          cpu_seconds()});
    });
}

void raise_open_files_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

}  // namespace cistern::app
