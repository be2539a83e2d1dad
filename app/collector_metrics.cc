// SPDX-License-Identifier: MIT
#include "app/collector_metrics.h"

#include "store/base/time_units.h"

#include <cstdlib>

namespace cistern::app {
namespace {

void add(std::vector<MetricValue>& into,
         const std::string& broker,
         std::string name,
         std::string help,
         double value) {
    into.push_back({"cistern_broker_" + std::move(name),
                    std::move(help),
                    MetricType::Gauge,
                    {{"broker", broker}},
                    value});
}

void add_broker(std::vector<MetricValue>& into, const collector::IngestStatus& status) {
    const bool connected = status.connection.state == mqtt::ClientState::Connected;
    add(into, status.broker, "connected", "1 while the session is up", connected ? 1 : 0);
    const collector::RoundTrip& trip = status.pipeline.round_trip;
    if (trip.last_ns >= 0) {
        add(into,
            status.broker,
            "round_trip_seconds",
            "The way of a message to the broker and back, of the last probe",
            static_cast<double>(trip.last_ns) / kNsPerSecond);
    }
    if (trip.sent > 0) {
        add(into,
            status.broker,
            "probes_unanswered",
            "Probes that did not come back, the one under way included",
            static_cast<double>(trip.sent - trip.received));
    }
    for (const auto& [name, text] : status.pipeline.broker_figures) {
        char* end = nullptr;
        const double value = std::strtod(text.c_str(), &end);
        if (end != text.c_str() && name != "version") {
            add(into, status.broker, "sys_" + name, "What the broker says below $SYS", value);
        }
    }
}

}  // namespace

void add_collector_metrics(MetricsRegistry& registry, const CollectorGroup& group) {
    registry.add_source([&group](std::vector<MetricValue>& into) {
        for (const collector::IngestStatus& status : group.status()) {
            add_broker(into, status);
        }
    });
}

}  // namespace cistern::app
