// SPDX-License-Identifier: MIT
// cistern serve: the daemon.
#include "app/command_line.h"
#include "app/daemon.h"
#include "app/terminal.h"
#include "app/version.h"
#include "store/base/log.h"
#include "store/base/memory.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <memory>

namespace cistern::app {
namespace {

struct ServeOptions {
    std::string config;
    config::Overrides overrides;
};

// Signals are taken by one thread that waits for them; every thread started later inherits the
// mask.
class Signals {
  public:
    Signals() {
        ::sigemptyset(&waited_);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
            ::sigaddset(&waited_, signal);
        }
        ::pthread_sigmask(SIG_BLOCK, &waited_, nullptr);
        // A peer that closes its socket, or a file size limit, is an error of that call, not of us.
        std::signal(SIGPIPE, SIG_IGN);
        std::signal(SIGXFSZ, SIG_IGN);
    }
    [[nodiscard]] int wait() const {
        int signal = 0;
        ::sigwait(&waited_, &signal);
        return signal;
    }

  private:
    sigset_t waited_{};
};

// --config, or the root's engine.toml when there is one.
Result<std::string> settings_file(const ServeOptions& options) {
    if (!options.config.empty()) {
        return options.config;
    }
    const std::string beside = options.overrides.root + "/engine.toml";
    return TRY(posix_file_system().exists(beside))
    ? beside : std::string();
}

Result<config::EngineConfig> load(const ServeOptions& options) {
    return config::load_engine_config(
        posix_file_system(), TRY(settings_file(options)), options.overrides);
}

Status serve(const ServeOptions& options, const Signals& signals) {
    config::EngineConfig config = TRY(load(options));
    config.store.holder = fmt::format("cistern serve (process {})", ::getpid());
    if (!config.log.empty()) {
        set_up_log(config.log);
    }
    const size_t brokers = config.brokers.size();
    const std::string root = config.store.root;
    auto daemon = TRY(Daemon::start(std::move(config), system_clock()));
    log_info("cistern {} serves {} from {} with {} broker{}",
             kVersion,
             daemon->url(),
             root,
             brokers,
             brokers == 1 ? "" : "s");
    while (signals.wait() == SIGHUP) {
        auto next = load(options);
        const Status taken = next ? daemon->reload(std::move(*next)) : tl::unexpected(next.error());
        if (taken) {
            log_info("took the new settings over");
        } else {
            log_error("kept the old settings: {}", taken.error().message);
        }
    }
    log_info("stopping");
    return daemon->stop();
}

int run_serve(const ServeOptions& options) {
    keep_memory_together();
    // Without TZ, glibc looks at /etc/localtime whenever somebody asks for the local time, which
    // the HTTP server does for each request.
    ::setenv("TZ", ":/etc/localtime", 0);
    const Signals signals;
    const Status served = serve(options, signals);
    return served ? kExitOk : report(served.error());
}

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<ServeOptions>();
    auto* command = app.add_subcommand("serve", "Collect, store, answer and show");
    command->footer(
        "With --root and --broker alone it runs on defaults: every message with a number in it is "
        "stored.\n"
        "Without --root the data lies beside the settings file. SIGHUP takes changed settings "
        "over;\n"
        "SIGTERM and SIGINT stop it, with everything in files.\n"
        "\n"
        "Examples:\n"
        "  cistern serve --root data --broker mqtt://localhost\n"
        "  cistern serve --config /etc/cistern/engine.toml");
    command->add_option("--config", options->config, "The settings (default: ROOT/engine.toml)")
        ->type_name("FILE");
    command
        ->add_option("--root",
                     options->overrides.root,
                     "The data root (default: the folder of --config, else cistern-data)")
        ->type_name("DIR");
    command->add_option("--listen", options->overrides.listen, "Where HTTP answers")
        ->type_name("ADDR:PORT");
    command
        ->add_option(
            "--broker", options->overrides.brokers, "A broker beside those of the settings")
        ->type_name("URL");
    command->callback([options, &exit_code] {
        if (options->overrides.root.empty() && options->config.empty()) {
            options->overrides.root = kDefaultRoot;
        }
        exit_code = run_serve(*options);
    });
}

}  // namespace cistern::app
