// SPDX-License-Identifier: MIT
// Of each broker for /metrics: is it connected, how far away is it, what does it say about itself.
#pragma once

#include "app/collector_group.h"
#include "store/base/metrics.h"

namespace cistern::app {

// cistern_broker_*{broker="…"}. `group` must outlive the registry's last collect.
void add_collector_metrics(MetricsRegistry& registry, const CollectorGroup& group);

}  // namespace cistern::app
