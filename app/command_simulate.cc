// SPDX-License-Identifier: MIT
// cistern simulate: publishes what real devices publish.
#include "app/command_line.h"
#include "app/simulator.h"
#include "app/terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

namespace cistern::app {
namespace {

struct SimulateCommand {
    SimulatorOptions simulator;
    bool list_families = false;
};

int run_simulate(const SimulateCommand& options) {
    if (options.list_families) {
        for (const std::string& family : simulated_families()) {
            fmt::print("{}\n", family);
        }
        return kExitOk;
    }
    const Status done = run_simulator(options.simulator);
    return done ? kExitOk : report(done.error());
}

}  // namespace

void add_simulate(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<SimulateCommand>();
    SimulatorOptions& simulator = options->simulator;
    auto* command =
        app.add_subcommand("simulate", "Publish what real devices publish, for demos and tests");
    command->footer(
        "Values change slowly as sensors' do; every device has its availability topic with a last "
        "will, and\n"
        "the families that have it send retained Home Assistant discovery.\n"
        "\n"
        "Example:\n"
        "  cistern simulate --broker mqtt://localhost --devices 100 --rate 500");
    command->add_option("--broker", simulator.broker, "Where to publish")
        ->type_name("URL")
        ->capture_default_str();
    command->add_option("--devices", simulator.devices, "How many devices")->capture_default_str();
    command->add_option("--rate", simulator.rate, "Messages per second, all devices together")
        ->capture_default_str();
    command
        ->add_option(
            "--seconds", simulator.seconds, "Stop after this time; 0 runs until interrupted")
        ->capture_default_str();
    command->add_option("--seed", simulator.seed, "Same seed, same values")->capture_default_str();
    command->add_flag("--hostile",
                      simulator.hostile,
                      "Add a publisher of malformed payloads, odd topics and random names");
    command->add_flag(
        "--list-families", options->list_families, "Print the device families and exit");
    command->callback([options, &exit_code] { exit_code = run_simulate(*options); });
}

}  // namespace cistern::app
