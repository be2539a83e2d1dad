// SPDX-License-Identifier: MIT
#include "collector/mapping/discovery_config.h"
#include "config/rule_settings.h"
#include "config/rule_values.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::config {
namespace {

using namespace collector;

void read_mapping_limits(TableReader table, MappingLimits& limits) {
    assign(limits.payload_bytes, table.bytes("payload"));
    assign(limits.depth, table.integer("depth", 1, 512));
    assign(limits.samples, table.integer("samples", 1, 1'000'000));
    assign(limits.series_per_rule, table.integer("series_per_rule", 1, 10'000'000));
    assign(limits.label_value_bytes, table.bytes("label_value"));
    assign(limits.known_topics, table.integer("known_topics", 1000, 10'000'000));
    table.finish();
}

SparkplugOptions read_sparkplug(TableReader table) {
    SparkplugOptions options;
    assign(options.broker, table.text("broker"));
    assign(options.groups, table.texts("groups"));
    assign(options.reorder_timeout_ns, table.duration_ns("reorder_timeout"));
    if (const auto rebirth = table.choice("rebirth", {"never", "auto"})) {
        options.rebirth = *rebirth == 1;
    }
    assign(options.rebirth_interval_ns, table.duration_ns("rebirth_interval"));
    assign(options.host_id, table.text("host_id"));
    assign(options.db, table.text("db"));
    if (table.raw("labels") != nullptr) {
        options.labels = read_text_map(table, "labels");
    }
    assign(options.store_birth, table.boolean("store_birth"));
    assign(options.datasets, table.boolean("datasets"));
    table.finish();
    return options;
}

void check_known(TableReader& table,
                 std::string_view key,
                 const std::vector<std::string>& words,
                 const std::vector<std::string>& known) {
    for (const std::string& word : words) {
        if (std::find(known.begin(), known.end(), word) == known.end()) {
            const std::string near = nearest(word, known);
            table.problem(key,
                          fmt::format("'{}' is none of {}", word, fmt::join(known, ", ")),
                          near.empty() ? "" : fmt::format("did you mean '{}'?", near));
        }
    }
}

void read_ha_discovery(TableReader table, HaDiscoveryOptions& options) {
    assign(options.enabled, table.boolean("enabled"));
    assign(options.broker, table.text("broker"));
    assign(options.prefix, table.text("prefix"));
    assign(options.components, table.texts("components"));
    assign(options.labels, table.texts("labels"));
    assign(options.enrich, table.boolean("enrich"));
    assign(options.availability, table.boolean("availability"));
    assign(options.expire_after, table.boolean("expire_after"));
    assign(options.ignore_default, table.boolean("ignore_default"));
    check_known(table, "labels", options.labels, HaDiscoveryOptions().labels);
    check_known(table, "components", options.components, discovered_components());
    table.finish();
}

RuleTestOptions read_test(TableReader table) {
    RuleTestOptions test;
    test.line = table.node().line;
    assign(test.name, table.text("name"));
    if (test.name.empty()) {
        test.name = fmt::format("line {}", table.node().line);
    }
    assign(test.topic, table.text("topic"));
    assign(test.payload, table.text("payload"));
    assign(test.retain, table.boolean("retain"));
    assign(test.expect, table.texts("expect"));
    if (test.topic.empty()) {
        table.problem("topic", "is missing");
    }
    if (table.raw("expect") == nullptr) {
        table.problem("expect", "is missing", "expect = [] where nothing must be stored");
    }
    table.finish();
    return test;
}

}  // namespace

void read_mapping_settings(TableReader& root, MappingOptions& options) {
    for (TableReader& table : root.tables("ignore")) {
        IgnoreOptions ignore;
        assign(ignore.topics, table.texts("topic"));
        if (ignore.topics.empty()) {
            table.problem("topic", "is missing", "topic = [\"+/+/set\"]");
        }
        table.finish();
        options.ignores.push_back(std::move(ignore));
    }
    for (TableReader& table : root.tables("rule")) {
        options.rules.push_back(read_rule(std::move(table)));
    }
    auto sparkplug = root.tables("sparkplug");
    if (!sparkplug.empty()) {
        options.sparkplug.clear();
    }
    for (TableReader& table : sparkplug) {
        options.sparkplug.push_back(read_sparkplug(std::move(table)));
    }
    for (TableReader& table : root.tables("ha_discovery")) {
        read_ha_discovery(std::move(table), options.ha_discovery);
    }
    for (TableReader& table : root.tables("test")) {
        options.tests.push_back(read_test(std::move(table)));
    }
    assign(options.presets, root.texts("presets"));
    assign(options.generic, root.boolean("generic"));
}

void read_mapping_defaults(TableReader& table, MappingDefaults& defaults) {
    assign(defaults.db, table.text("db"));
    assign(defaults.max_future_ns, table.duration_ns("max_future"));
    assign(defaults.max_past_ns, table.duration_ns("max_past"));
    if (const auto stale = read_stale_after(table)) {
        defaults.stale_after_ns = *stale;
    }
    if (const auto naming = table.choice("naming", {"plain", "prometheus"})) {
        defaults.prometheus_names = *naming == 1;
    }
    if (auto limits = table.table("limits")) {
        read_mapping_limits(std::move(*limits), defaults.limits);
    }
}

}  // namespace cistern::config
