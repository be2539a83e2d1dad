// SPDX-License-Identifier: MIT
// The command line: one binary, one file per command.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace cistern::app {

// Exit codes of every command.
inline constexpr int kExitOk = 0;
inline constexpr int kExitProblem =
    1;  // something was wrong with the data, the settings or the machine
inline constexpr int kExitUsage = 2;  // the command line itself was wrong

// Parses the arguments, runs one command, returns its exit code.
int run(int argc, char** argv);

// Each adds its command to the application; when chosen it runs and leaves its exit code.
void add_serve(CLI::App& app, int& exit_code);
void add_init(CLI::App& app, int& exit_code);
void add_check(CLI::App& app, int& exit_code);
void add_explain(CLI::App& app, int& exit_code);
void add_inspect(CLI::App& app, int& exit_code);
void add_verify(CLI::App& app, int& exit_code);
void add_recover(CLI::App& app, int& exit_code);
void add_compact(CLI::App& app, int& exit_code);
void add_import(CLI::App& app, int& exit_code);
void add_export(CLI::App& app, int& exit_code);
void add_query(CLI::App& app, int& exit_code);
void add_simulate(CLI::App& app, int& exit_code);
void add_doctor(CLI::App& app, int& exit_code);

// The option --root with its default and help, the same for every command.
void add_root_option(CLI::App& command, std::string& root);

inline constexpr char kDefaultRoot[] = "cistern-data";

}  // namespace cistern::app
