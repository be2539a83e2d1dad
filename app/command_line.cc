// SPDX-License-Identifier: MIT
#include "app/command_line.h"

#include "app/version.h"
#include "store/base/log.h"

#include <CLI/CLI.hpp>

namespace cistern::app {
namespace {

constexpr char kDescription[] =
    "Cistern: collects MQTT messages as time series, keeps them through crashes, answers PromQL\n"
    "and shows them on a built-in dashboard.";

constexpr char kFooter[] =
    "Exit status: 0 all well; 1 a problem was found and reported; 2 wrong usage.\n"
    "\n"
    "First steps:\n"
    "  cistern serve --root data --broker mqtt://localhost   collect everything, no settings "
    "needed\n"
    "  cistern init --config data/engine.toml                write the settings, every key "
    "explained\n"
    "  cistern explain --topic T --payload P                 what would become of this message?\n"
    "\n"
    "`cistern COMMAND --help` describes a command with examples.";

}  // namespace

void add_root_option(CLI::App& command, std::string& root) {
    root = kDefaultRoot;
    command
        .add_option("--root",
                    root,
                    "The data root: the folder with engine.toml and one folder per database")
        ->type_name("DIR")
        ->capture_default_str();
}

int run(int argc, char** argv) {
    set_up_log({LogSink{}});
    CLI::App app(kDescription, "cistern");
    app.set_version_flag("--version", std::string("cistern ") + kVersion);
    app.footer(kFooter);
    app.require_subcommand(1);
    app.get_formatter()->column_width(34);

    int exit_code = kExitOk;
    add_serve(app, exit_code);
    add_init(app, exit_code);
    add_check(app, exit_code);
    add_explain(app, exit_code);
    add_query(app, exit_code);
    add_import(app, exit_code);
    add_export(app, exit_code);
    add_inspect(app, exit_code);
    add_verify(app, exit_code);
    add_recover(app, exit_code);
    add_compact(app, exit_code);
    add_simulate(app, exit_code);
    add_doctor(app, exit_code);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kExitOk : kExitUsage;
    }
    return exit_code;
}

}  // namespace cistern::app
