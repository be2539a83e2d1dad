// SPDX-License-Identifier: MIT
// Programs that forward what others measure: collectd, Telegraf, ioBroker, ebusd.
#include "collector/mapping/preset_builder.h"

namespace cistern::collector {
namespace {

RuleBuilder collectd_rule(const std::string& plugin, const std::string& type) {
    RuleBuilder rule("collectd", {"collectd/{host}/" + plugin + "/" + type});
    RuleBuilder::Texts labels = {"host", "plugin"};
    for (const std::string name : {"plugin_instance", "type_instance"}) {
        if ((plugin + type).find("{" + name + "}") != std::string::npos) {
            labels.push_back(name);
        }
    }
    rule.capture_labels(labels).unit({{"*percent", "%"},
                                      {"collectd_cpu", "%"},
                                      {"*_octets*", "B/s"},
                                      {"collectd_memory", "B"},
                                      {"collectd_df_complex", "B"},
                                      {"collectd_temperature", "°C"},
                                      {"collectd_uptime", "s"},
                                      {"collectd_voltage", "V"}});
    return rule;
}

RuleOptions csv_of(RuleBuilder rule, const RuleBuilder::Texts& columns) {
    RuleOptions options = rule;
    options.decode.name = "csv";
    options.decode.csv_separator = ":";
    options.decode.csv_columns = {"ts:unix"};
    options.decode.csv_columns.insert(
        options.decode.csv_columns.end(), columns.begin(), columns.end());
    return options;
}

// Payload `<seconds>:<value>[:<value>…]`; what several values mean is told by collectd's types.db.
// With FormatJSON or GraphiteName in collectd other rules would be needed.
Preset collectd() {
    struct Known {
        const char* types;
        RuleBuilder::Texts columns;
    };
    const Known known[] = {
        {"if_octets|if_packets|if_errors|if_dropped|io_octets|io_packets|dns_octets|mysql_octets",
         {"rx", "tx"}},
        {"disk_octets|disk_ops|disk_time|disk_merged|ps_disk_octets|ps_disk_ops",
         {"read", "write"}},
        {"load", {"shortterm", "midterm", "longterm"}},
        {"disk_io_time", {"io_time", "weighted_io_time"}},
        {"ps_count", {"processes", "threads"}},
        {"ps_cputime", {"user", "syst"}},
        {"ps_pagefaults|vmpage_faults", {"minflt", "majflt"}},
        {"vmpage_io", {"in", "out"}},
    };
    Preset preset{"collectd", {}, {}};
    for (const std::string plugin : {"{plugin}-{plugin_instance}", "{plugin}"}) {
        for (const std::string instance : {"-{type_instance}", ""}) {
            for (const Known& one : known) {
                const std::string type = "{type=" + std::string(one.types) + "}" + instance;
                preset.rules.push_back(csv_of(collectd_rule(plugin, type)
                                                  .match("$[0].name is defined")
                                                  .metric("collectd_{type}_{field}"),
                                              one.columns));
            }
            RuleBuilder rule = collectd_rule(plugin, "{type}" + instance);
            rule.match("$[0].name is defined");
            RuleBuilder several = rule;
            preset.rules.push_back(
                csv_of(several.metric("collectd_{type}_{field}"), {"value_0", "value_1"}));
            preset.rules.push_back(csv_of(rule.metric("collectd_{type}"), {"value"}));
        }
    }
    return preset;
}

// data_format = "influx" (the default) and "json"; the topic is free for JSON, which tells itself.
Preset telegraf() {
    const std::string family = "telegraf";
    Preset preset{family, {}, {}};
    preset.rules.push_back(
        RuleBuilder(family, {"telegraf/{_...}"}).decode("influx").match("$[0].name is defined"));
    preset.rules.push_back(
        RuleBuilder(family, {"#"})
            .match("$.fields is mapping and $.tags is mapping and $.name is string")
            .root("$.fields")
            .labels_from("$$.tags")
            .time("$$.timestamp")
            .metric("{$$.name}_{field}"));
    preset.rules.push_back(
        RuleBuilder(family, {"#"})
            .match("$.metrics[0].fields is mapping and $.metrics[0].tags is mapping")
            .each("$.metrics[*]")
            .value("$.fields")
            .labels_from("$.tags")
            .time("$.timestamp")
            .metric("{$.name}_{field}"));
    return preset;
}

// The state object of ioBroker's MQTT adapters ("publish states as objects").
Preset iobroker() {
    const std::string family = "iobroker";
    Preset preset{family, {}, {}};
    preset.rules.push_back(RuleBuilder(family, {"{path...}/{what}"})
                               .match("$.val is defined and $.ack is boolean and $.lc is defined")
                               .root("$.val")
                               .metric("{what}_{field}")
                               .capture_labels({"path"})
                               .time("$$.ts", "unix_ms"));
    return preset;
}

Preset ebusd() {
    const std::string family = "ebusd";
    const std::string message = "ebusd/{circuit}/{message}";
    Preset preset{family, {{{message + "/get", message + "/set", "ebusd/list"}}}, {}};
    preset.rules.push_back(
        RuleBuilder(family, {"ebusd/global/running"}).metric("available").availability());
    preset.rules.push_back(RuleBuilder(family, {"ebusd/global/{what}"})
                               .metric("{what}")
                               .text({"version", "updatecheck"})
                               .unit({{"uptime", "s"}}));
    const auto fields = [&](RuleBuilder rule) {
        return rule.metric("{message}")
            .capture_labels({"circuit"})
            .key_label({"field"})
            .unit({{"*temp*", "°C"}, {"*Temp*", "°C"}, {"*press*", "bar"}, {"*Press*", "bar"}});
    };
    preset.rules.push_back(
        fields(RuleBuilder(family, {message}).match("$.fields is mapping").root("$.fields")));
    preset.rules.push_back(fields(RuleBuilder(family, {message}).match("$ is mapping")));
    preset.rules.push_back(fields(RuleBuilder(family, {message})));
    return preset;
}

}  // namespace

std::vector<Preset> host_presets() {
    return {collectd(), telegraf(), iobroker(), ebusd()};
}

}  // namespace cistern::collector
