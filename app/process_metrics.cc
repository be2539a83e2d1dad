// SPDX-License-Identifier: MIT
#include "app/process_metrics.h"

#include "store/base/clock.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace cistern::app {
namespace {

double resident_bytes() {
    std::ifstream file("/proc/self/statm");
    double total_pages = 0;
    double resident_pages = 0;
    file >> total_pages >> resident_pages;
    return resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double open_files() {
    std::error_code error;
    double count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
        (void)entry;
        ++count;
    }
    return count;
}

}  // namespace

void add_process_metrics(MetricsRegistry& registry) {
    const double started = static_cast<double>(system_clock().now_ns()) / 1e9;
    registry.add_source([started](std::vector<MetricValue>& values) {
        const auto gauge = [&values](const char* name, const char* help, double value) {
            values.push_back({name, help, MetricType::Gauge, {}, value});
        };
        gauge("process_resident_memory_bytes", "Resident memory.", resident_bytes());
        gauge("process_open_fds", "Open file descriptors.", open_files());
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
