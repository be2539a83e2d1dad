// SPDX-License-Identifier: MIT
// mosquitto.conf read for what loses data. docs/mqtt.md and config/examples/mosquitto.conf have the
// measurements.
#include "app/doctor.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

namespace cistern::app {
namespace {

using Severity = Finding::Severity;

std::map<std::string, std::string> read_settings(std::string_view text) {
    std::map<std::string, std::string> settings;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
            line.remove_suffix(1);
        }
        const size_t space = line.find(' ');
        if (line.empty() || line[0] == '#' || space == std::string_view::npos) {
            continue;
        }
        settings[std::string(line.substr(0, space))] =
            std::string(line.substr(line.find_first_not_of(' ', space)));
    }
    return settings;
}

long number_or(const std::map<std::string, std::string>& settings,
               const std::string& key,
               long otherwise) {
    const auto found = settings.find(key);
    if (found == settings.end()) {
        return otherwise;
    }
    long value = otherwise;
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
    return value;
}

}  // namespace

void examine_mosquitto_conf(FileSystem& fs, const std::string& file, Findings& into) {
    const auto text = read_file(fs, file);
    if (!text.has_value()) {
        into.push_back({Severity::Problem, file, text.error().message, "check the path", ""});
        return;
    }
    const auto settings = read_settings(*text);
    const size_t before = into.size();
    const auto problem = [&](std::string what, std::string advice, std::string line) {
        into.push_back(
            {Severity::Problem, file, std::move(what), std::move(advice), std::move(line)});
    };
    const auto persistence = settings.find("persistence");
    if (persistence == settings.end() || persistence->second != "true") {
        problem(
            "persistence is off: a restart of the broker forgets sessions and what waits in "
            "them",
            "turn it on",
            "persistence true");
    }
    constexpr long kDefaultAutosave = 1'800;
    constexpr long kAutosaveHigh = 300;
    const long autosave = number_or(settings, "autosave_interval", kDefaultAutosave);
    if (autosave == 0 || autosave > kAutosaveHigh) {
        problem(autosave == 0
                    ? "the database is never written while the broker runs: a power cut loses all"
                    : fmt::format("the database is written every {} s: a power cut loses what came "
                                  "since",
                                  autosave),
                "write it every minute",
                "autosave_interval 60");
    }
    constexpr long kDefaultQueue = 1'000;
    constexpr long kQueueLow = 100'000;
    const long queue = number_or(settings, "max_queued_messages", kDefaultQueue);
    if (queue != 0 && queue < kQueueLow) {
        problem(fmt::format("only {} messages wait for a client that is away", queue),
                "let the queue grow (mosquitto 2.0.16 and later: a large number, not 0)",
                "max_queued_messages 0");
    }
    constexpr long kDefaultInflight = 20;
    constexpr long kInflightLow = 100;
    const long inflight = number_or(settings, "max_inflight_messages", kDefaultInflight);
    if (inflight != 0 && inflight < kInflightLow) {
        into.push_back({Severity::Note,
                        file,
                        fmt::format("{} messages under way at a time cost throughput", inflight),
                        "allow more",
                        "max_inflight_messages 1000"});
    }
    if (number_or(settings, "max_qos", 2) == 0) {
        problem("QoS 0 only: whatever is under way at a disconnect is lost",
                "allow QoS 1",
                "max_qos 2");
    }
    const auto retain = settings.find("retain_available");
    if (retain != settings.end() && retain->second == "false") {
        problem("retained messages are off", "allow them", "retain_available true");
    }
    if (into.size() == before) {
        into.push_back({Severity::Good, file, "nothing in it loses data", "", ""});
    }
}

}  // namespace cistern::app
