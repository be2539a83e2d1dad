// SPDX-License-Identifier: MIT
// cistern doctor: what about the brokers and the machine will lose data?
#include "app/command_line.h"
#include "app/doctor.h"
#include "app/terminal.h"
#include "config/engine_config.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <memory>

namespace cistern::app {
namespace {

struct DoctorOptions {
    std::string config;
    std::string root;
    std::vector<std::string> brokers;
    std::string mosquitto_conf;
    bool probe = false;
    bool json = false;
};

std::string_view name_of(Finding::Severity severity) {
    return severity == Finding::Severity::Good   ? "good"
           : severity == Finding::Severity::Note ? "note"
                                                 : "problem";
}

void print_json(const Findings& findings, bool ok) {
    nlohmann::ordered_json out;
    out["ok"] = ok;
    out["findings"] = nlohmann::ordered_json::array();
    for (const Finding& one : findings) {
        nlohmann::ordered_json entry;
        entry["severity"] = name_of(one.severity);
        entry["subject"] = one.subject;
        entry["what"] = one.what;
        if (!one.advice.empty()) {
            entry["advice"] = one.advice;
        }
        if (!one.setting.empty()) {
            entry["mosquitto_conf"] = one.setting;
        }
        out["findings"].push_back(std::move(entry));
    }
    fmt::print("{}\n", out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void print_text(const Findings& findings) {
    for (const Finding& one : findings) {
        fmt::print("{:<8}{}: {}\n", name_of(one.severity), one.subject, one.what);
        if (!one.advice.empty()) {
            fmt::print("        -> {}\n", one.advice);
        }
        if (!one.setting.empty()) {
            fmt::print("        mosquitto.conf: {}\n", one.setting);
        }
    }
}

Result<int> examine(const DoctorOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);  // a broker that hangs up under TLS is a finding
    config::Overrides overrides;
    overrides.root = options.root;
    overrides.brokers = options.brokers;
    const auto config =
        TRY(config::load_engine_config(posix_file_system(), options.config, overrides));
    Findings findings;
    MachineFiles files;
    files.root = options.root;
    for (const collector::BrokerOptions& broker : config.brokers) {
        examine_broker(broker.client, options.probe, findings);
        if (!broker.client.password_file.empty()) {
            files.secrets.push_back(broker.client.password_file);
        }
        if (!broker.client.tls.key_file.empty()) {
            files.secrets.push_back(broker.client.tls.key_file);
        }
    }
    if (!options.mosquitto_conf.empty()) {
        examine_mosquitto_conf(posix_file_system(), options.mosquitto_conf, findings);
    }
    if (!config.web.auth.users_file.empty()) {
        files.secrets.push_back(config.web.auth.users_file);
    }
    examine_machine(posix_file_system(), files, findings);
    const bool ok = std::none_of(findings.begin(), findings.end(), [](const Finding& one) {
        return one.severity == Finding::Severity::Problem;
    });
    if (options.json) {
        print_json(findings, ok);
    } else {
        print_text(findings);
    }
    return ok ? kExitOk : kExitProblem;
}

}  // namespace

void add_doctor(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<DoctorOptions>();
    auto* command =
        app.add_subcommand("doctor", "Find settings of brokers and machine that lose data");
    command->footer(
        "Connects to each broker under a client id of its own and looks at what it allows: session "
        "expiry,\n"
        "QoS, retained messages, packet size. With --probe it also publishes and subscribes below\n"
        "cistern/doctor/ and tries whether 1,500 messages wait for a client that is away. What a "
        "broker does\n"
        "not tell (persistence) is read from its settings with --mosquitto-conf.\n"
        "\n"
        "Exit status 1 when there is a problem; notes are not problems.\n"
        "\n"
        "Example:\n"
        "  cistern doctor --broker mqtt://localhost --probe --mosquitto-conf "
        "/etc/mosquitto/mosquitto.conf");
    command->add_option("--broker", options->brokers, "A broker to examine; may be repeated")
        ->type_name("URL");
    command->add_option("--config", options->config, "Settings whose brokers to examine")
        ->type_name("FILE");
    command->add_option("--mosquitto-conf", options->mosquitto_conf, "Mosquitto's settings")
        ->type_name("FILE");
    command->add_flag("--probe", options->probe, "Publish and subscribe below cistern/doctor/");
    add_root_option(*command, options->root);
    command->add_flag("--json", options->json, "Print one JSON object");
    command->callback([options, &exit_code] {
        const auto done = examine(*options);
        exit_code = done ? *done : report(done.error());
    });
}

}  // namespace cistern::app
