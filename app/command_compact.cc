// SPDX-License-Identifier: MIT
// cistern compact: flush, merge and seal now.
#include "app/command_line.h"
#include "app/inspection.h"
#include "app/open_store.h"
#include "app/terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace cistern::app {
namespace {

struct CompactOptions {
    std::string root;
    std::string database;
    bool json = false;
};

struct Sizes {
    std::string name;
    store::DatabaseStats before;
    store::DatabaseStats after;
};

Result<std::vector<Sizes>> compact_databases(const CompactOptions& options) {
    const auto wanted = TRY(databases_of(options.root, options.database));
    auto store = TRY(open_store_for_writing(options.root, "cistern compact"));
    std::vector<Sizes> sizes;
    for (const std::string& name : wanted) {
        store::Database* database = TRY(store->database(name));
        Sizes one{name, database->stats(), {}};
        TRY(database->compact().with_context(name));
        one.after = database->stats();
        sizes.push_back(std::move(one));
    }
    TRY(store->close());
    return sizes;
}

int run_compact(const CompactOptions& options) {
    const auto sizes = compact_databases(options);
    if (!sizes) {
        return report(sizes.error());
    }
    nlohmann::json rows = nlohmann::json::array();
    Table table({"database", "files", "bytes", "samples", "bytes/sample"});
    for (const Sizes& one : *sizes) {
        const auto samples = std::max<uint64_t>(one.after.file_samples, 1);
        rows.push_back({{"db", one.name},
                        {"files_before", one.before.files},
                        {"files", one.after.files},
                        {"bytes_before", one.before.file_bytes},
                        {"bytes", one.after.file_bytes},
                        {"samples", one.after.file_samples}});
        table.row(
            {one.name,
             fmt::format("{} -> {}", one.before.files, one.after.files),
             fmt::format(
                 "{} -> {}", human_bytes(one.before.file_bytes), human_bytes(one.after.file_bytes)),
             human_count(one.after.file_samples),
             fmt::format(
                 "{:.3f}",
                 static_cast<double>(one.after.file_bytes) / static_cast<double>(samples))});
    }
    fmt::print("{}", options.json ? rows.dump(2) + "\n" : table.to_string());
    return kExitOk;
}

}  // namespace

void add_compact(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<CompactOptions>();
    auto* command = app.add_subcommand("compact", "Flush, merge and seal now");
    command->footer(
        "Refuses while a server runs on the root; the server does this by itself, once a day.");
    add_root_option(*command, options->root);
    command->add_option("--db", options->database, "Only this database")->type_name("NAME");
    command->add_flag("--json", options->json, "Print the sizes as JSON");
    command->callback([options, &exit_code] { exit_code = run_compact(*options); });
}

}  // namespace cistern::app
