// SPDX-License-Identifier: MIT
// cistern verify: reads every byte, reports every fault.
#include "app/command_line.h"
#include "app/terminal.h"
#include "app/verification.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace cistern::app {
namespace {

struct VerifyOptions {
    std::string root;
    std::string database;
    bool json = false;
};

int run_verify(const VerifyOptions& options) {
    const auto verified = verify_root(options.root, options.database);
    if (!verified) {
        return report(verified.error());
    }
    nlohmann::json faults = nlohmann::json::array();
    for (const Fault& fault : verified->faults) {
        faults.push_back(
            {{"file", fault.file}, {"offset", fault.offset}, {"reason", fault.reason}});
    }
    if (options.json) {
        fmt::print("{}\n",
                   nlohmann::json{{"ok", faults.empty()},
                                  {"databases", verified->databases},
                                  {"files", verified->files},
                                  {"bytes", verified->bytes},
                                  {"samples", verified->samples},
                                  {"faults", faults}}
                       .dump(2));
    } else {
        for (const Fault& fault : verified->faults) {
            fmt::print("{}: {}{}\n",
                       fault.file,
                       fault.offset == 0 ? "" : fmt::format("byte {}: ", fault.offset),
                       fault.reason);
        }
        fmt::print("{} databases, {} files, {}, {} samples: {} faults\n",
                   verified->databases,
                   verified->files,
                   human_bytes(verified->bytes),
                   human_count(verified->samples),
                   verified->faults.size());
    }
    return verified->faults.empty() ? kExitOk : kExitProblem;
}

}  // namespace

void add_verify(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<VerifyOptions>();
    auto* command = app.add_subcommand("verify", "Read every byte and report every fault");
    command->footer(
        "Checks the checksums and the sense of every partition file, catalog and log segment of "
        "the root.\n"
        "Exit 0 without a fault, 1 with one. Works beside a running server and writes nothing.\n"
        "\n"
        "What is damaged is skipped by queries; everything else answers. A damaged log or MANIFEST "
        "is made\n"
        "good by the next start of the server, a catalog.log from catalog.json, and `cistern "
        "recover` saves\n"
        "what a damaged data-*.cst file still holds.");
    add_root_option(*command, options->root);
    command->add_option("--db", options->database, "Only this database")->type_name("NAME");
    command->add_flag("--json", options->json, "Print the faults as JSON");
    command->callback([options, &exit_code] { exit_code = run_verify(*options); });
}

}  // namespace cistern::app
