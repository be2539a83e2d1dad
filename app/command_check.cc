// SPDX-License-Identifier: MIT
// cistern check: every problem of the settings at once.
#include "app/command_line.h"
#include "app/terminal.h"
#include "config/check.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace cistern::app {
namespace {

struct CheckOptions {
    std::string config;
    bool json = false;
};

nlohmann::json to_json(const config::Problem& problem) {
    return {{"file", problem.file},
            {"line", problem.line},
            {"key", problem.key},
            {"message", problem.message},
            {"suggestion", problem.suggestion},
            {"severity", problem.warning ? "warning" : "error"}};
}

int run_check(const CheckOptions& options) {
    const auto checked = config::check_settings(posix_file_system(), options.config);
    if (!checked) {
        return report(checked.error());
    }
    const bool failed = config::has_errors(checked->problems);
    if (options.json) {
        nlohmann::json problems = nlohmann::json::array();
        std::transform(checked->problems.begin(),
                       checked->problems.end(),
                       std::back_inserter(problems),
                       to_json);
        fmt::print(
            "{}\n",
            nlohmann::json{{"ok", !failed}, {"problems", problems}, {"tests", checked->tests}}.dump(
                2));
    } else {
        for (const config::Problem& problem : checked->problems) {
            fmt::print("{}\n", problem.to_string());
        }
        fmt::print("{}: {} brokers, {} rules, {} tests: {}\n",
                   options.config,
                   checked->brokers,
                   checked->rules,
                   checked->tests,
                   failed ? "not usable" : "good");
    }
    return failed ? kExitProblem : kExitOk;
}

}  // namespace

void add_check(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<CheckOptions>();
    options->config = std::string(kDefaultRoot) + "/engine.toml";
    auto* command = app.add_subcommand("check", "Validate the settings, the rules and their tests");
    command->footer(
        "Prints every problem as file:line: key: message (suggestion), runs each [[test]] of the "
        "file, and\n"
        "warns of rules that can never match because an earlier one takes their messages.\n"
        "\n"
        "Example:\n"
        "  cistern check --config data/engine.toml");
    command->add_option("--config", options->config, "The file to check")
        ->type_name("FILE")
        ->capture_default_str();
    command->add_flag("--json", options->json, "Print the problems as JSON");
    command->callback([options, &exit_code] { exit_code = run_check(*options); });
}

}  // namespace cistern::app
