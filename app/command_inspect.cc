// SPDX-License-Identifier: MIT
// cistern inspect: what the files of a database hold.
#include "app/command_line.h"
#include "app/inspection.h"
#include "app/inspection_result.h"
#include "app/terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <map>
#include <memory>

namespace cistern::app {
namespace {

struct InspectOptions {
    std::string what;
    InspectedFolder folder;
    bool json = false;
};

using Inspector = Result<Inspection> (*)(const InspectedFolder&);

const std::map<std::string, Inspector>& inspectors() {
    static const std::map<std::string, Inspector> all{{"db", inspect_database},
                                                      {"catalog", inspect_catalog},
                                                      {"dat", inspect_partitions},
                                                      {"wal", inspect_log}};
    return all;
}

int run_inspect(const InspectOptions& options) {
    const auto names = databases_of(options.folder.root, options.folder.database);
    if (!names) {
        return report(names.error());
    }
    nlohmann::json all = nlohmann::json::object();
    bool damaged = false;
    for (const std::string& name : *names) {
        InspectedFolder folder = options.folder;
        folder.database = name;
        const auto found = inspectors().at(options.what)(folder);
        if (!found) {
            return report(found.error().with_context(name));
        }
        damaged = damaged || found->damaged;
        all[name] = found->json;
        if (!options.json) {
            fmt::print("{}{}:\n{}", name == names->front() ? "" : "\n", name, found->text);
        }
    }
    if (options.json) {
        fmt::print("{}\n", all.dump(2));
    }
    return damaged ? kExitProblem : kExitOk;
}

}  // namespace

void add_inspect(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<InspectOptions>();
    auto* command = app.add_subcommand("inspect", "Show what the files hold");
    command->footer(
        "  db       sums: series, samples, files, log\n"
        "  catalog  every series with its id, type, unit and labels\n"
        "  dat      the files of each period; --verbose: their blocks and encodings\n"
        "  wal      the segments of the log; --verbose: their records\n"
        "Writes nothing, works beside a running server, and shows damage instead of stopping at it "
        "(exit 1).\n"
        "\n"
        "Example:\n"
        "  cistern inspect dat --root data --db main --verbose");
    command->add_option("what", options->what, "db, catalog, dat or wal")
        ->required()
        ->check(CLI::IsMember({"db", "catalog", "dat", "wal"}));
    add_root_option(*command, options->folder.root);
    command->add_option("--db", options->folder.database, "Only this database")->type_name("NAME");
    command->add_flag("--verbose", options->folder.verbose, "Every record and block");
    command->add_flag(
        "--json", options->json, "Print JSON: an object with a member for each database");
    command->callback([options, &exit_code] { exit_code = run_inspect(*options); });
}

}  // namespace cistern::app
