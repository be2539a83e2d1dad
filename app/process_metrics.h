// SPDX-License-Identifier: MIT
// What the system says about this process, under the names that Prometheus' clients use.
#pragma once

#include "store/base/metrics.h"

namespace cistern::app {

// process_resident_memory_bytes, process_cpu_seconds_total, process_open_fds and
// process_start_time_seconds, read from /proc at every collect.
void add_process_metrics(MetricsRegistry& registry);

// Raises the limit of open files to what the system allows: years of day files may be open.
void raise_open_files_limit();

}  // namespace cistern::app
