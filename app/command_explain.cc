// SPDX-License-Identifier: MIT
// cistern explain: what the collector would store from a message.
#include "app/command_line.h"
#include "app/terminal.h"
#include "collector/mapping/explain.h"
#include "collector/mapping/rule_toml.h"
#include "config/engine_config.h"
#include "store/base/file_system.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

namespace cistern::app {
namespace {

struct ExplainOptions {
    std::string config;
    std::string topic;
    std::string payload;
    std::string payload_file;
    std::string messages;
    bool retain = false;
    bool json = false;
    bool suggest = false;
};

Result<std::unique_ptr<collector::Mapper>> make_mapper(const std::string& file) {
    const auto config = TRY(config::load_engine_config(posix_file_system(), file, {}));
    return collector::Mapper::create(config.mapping);
}

void print(const ExplainOptions& options,
           const collector::ExplainInput& input,
           collector::Mapper& mapper) {
    collector::MappedMessage mapped;
    mapper.map(input.message(), true, mapped);
    if (options.json) {
        fmt::print("{}\n", collector::explain_json(input, mapped, mapper));
    } else {
        fmt::print("{}\n", collector::explain_text(input, mapped, mapper));
    }
}

// A line per message; what one teaches (discovery, births) counts for the next. A bad line is
// reported and the next one goes on.
Result<bool> explain_lines(const ExplainOptions& options, collector::Mapper& mapper) {
    const std::string text = TRY(read_file(posix_file_system(), options.messages));
    bool all_good = true;
    size_t number = 0;
    for (size_t begin = 0; begin < text.size();) {
        const size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = std::string_view(text).substr(begin, end - begin);
        begin = end + 1;
        ++number;
        if (line.find_first_not_of(" \r\t") == std::string_view::npos) {
            continue;
        }
        const auto input = collector::parse_explain_line(line, system_clock().now_ns());
        if (!input) {
            fmt::print(stderr, "{}:{}: {}\n", options.messages, number, input.error().message);
            all_good = false;
            continue;
        }
        print(options, *input, mapper);
    }
    return all_good;
}

Result<bool> explain(const ExplainOptions& options) {
    const auto mapper = TRY(make_mapper(options.config));
    if (!options.messages.empty()) {
        return explain_lines(options, *mapper);
    }
    collector::ExplainInput input;
    input.topic = options.topic;
    input.payload = options.payload_file.empty()
                        ? options.payload
                        : TRY(read_file(posix_file_system(), options.payload_file));
    input.retain = options.retain;
    input.received_ns = system_clock().now_ns();
    if (options.suggest) {
        fmt::print("{}", collector::suggest_rule(input.topic, input.payload));
        return true;
    }
    print(options, input, *mapper);
    return true;
}

int run_explain(const ExplainOptions& options) {
    if (options.topic.empty() == options.messages.empty()) {
        fmt::print(stderr, "cistern: give either --topic or --messages\n");
        return kExitUsage;
    }
    const auto explained = explain(options);
    if (!explained) {
        return report(explained.error());
    }
    return *explained ? kExitOk : kExitProblem;
}

}  // namespace

void add_explain(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<ExplainOptions>();
    auto* command = app.add_subcommand("explain", "Show what would become of a message");
    command->footer(
        "Prints the rule that takes the message, each step, the samples with labels, time and "
        "unit, texts,\n"
        "series that end, and what would not be stored and why. Stores nothing, needs no broker.\n"
        "\n"
        "--messages reads a line per message, {\"topic\", \"payload\" or \"payload_b64\", "
        "\"retain\", \"rx_ts_ms\"};\n"
        "what one message teaches (discovery, Sparkplug births) counts for the next.\n"
        "\n"
        "Examples:\n"
        "  cistern explain --topic zigbee2mqtt/kitchen --payload '{\"temperature\":21.5}'\n"
        "  cistern explain --messages recorded.jsonl --json --config data/engine.toml");
    command->add_option("--topic", options->topic, "The message's topic")->type_name("T");
    auto* payload =
        command->add_option("--payload", options->payload, "Its payload")->type_name("P");
    command->add_option("--payload-file", options->payload_file, "A file with the payload")
        ->type_name("FILE")
        ->excludes(payload);
    command->add_flag("--retain", options->retain, "As a replay of a retained message");
    command->add_option("--messages", options->messages, "Messages, a JSON object a line")
        ->type_name("FILE.jsonl");
    command->add_option("--config", options->config, "Settings with rules (default: presets alone)")
        ->type_name("FILE");
    command->add_flag("--suggest",
                      options->suggest,
                      "Print a [[rule]] for it instead, with a [[test]], to change and to keep");
    command->add_flag("--json", options->json, "Print an object per message");
    command->callback([options, &exit_code] { exit_code = run_explain(*options); });
}

}  // namespace cistern::app
