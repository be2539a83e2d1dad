// SPDX-License-Identifier: MIT
// cistern init: the commented default settings.
#include "app/command_line.h"
#include "app/terminal.h"
#include "config/default_engine_toml.h"
#include "store/base/file_system.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

namespace cistern::app {
namespace {

struct InitOptions {
    std::string config;
    bool force = false;
};

Status write_settings(const InitOptions& options) {
    FileSystem& fs = posix_file_system();
    if (!options.force && TRY(fs.exists(options.config))) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{} exists already; --force replaces it", options.config));
    }
    TRY(fs.create_directories(parent_directory(options.config)));
    return write_file_atomically(fs, options.config, config::default_engine_toml());
}

int run_init(const InitOptions& options) {
    const Status written = write_settings(options);
    if (!written) {
        return report(written.error());
    }
    fmt::print("wrote {}\n", options.config);
    return kExitOk;
}

}  // namespace

void add_init(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<InitOptions>();
    options->config = std::string(kDefaultRoot) + "/engine.toml";
    auto* command = app.add_subcommand("init", "Write the commented default settings");
    command->footer(
        "Every key is explained and commented out: the file as written changes nothing.\n"
        "\n"
        "Example:\n"
        "  cistern init --config data/engine.toml && cistern serve --config data/engine.toml");
    command->add_option("--config", options->config, "The file to write")
        ->type_name("FILE")
        ->capture_default_str();
    command->add_flag("--force", options->force, "Replace an existing file");
    command->callback([options, &exit_code] { exit_code = run_init(*options); });
}

}  // namespace cistern::app
