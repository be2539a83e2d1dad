// SPDX-License-Identifier: MIT
// cistern export: a database as line protocol, every bit kept.
#include "app/command_line.h"
#include "app/open_store.h"
#include "app/terminal.h"
#include "store/model/line_protocol.h"
#include "store/model/time_text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace cistern::app {
namespace {

struct ExportOptions {
    std::string root;
    std::string database;
    std::string out;
    std::string start;
    std::string end;
};

struct CloseFile {
    void operator()(std::FILE* file) const {
        if (file != stdout) {
            std::fclose(file);
        }
    }
};
using OutputFile = std::unique_ptr<std::FILE, CloseFile>;

Result<store::TimeRange> range_of(const ExportOptions& options) {
    const int64_t now = system_clock().now_ns();
    store::TimeRange range;
    if (!options.start.empty()) {
        range.begin = TRY(store::parse_time(options.start, now).with_context("--start"));
    }
    if (!options.end.empty()) {
        range.end = TRY(store::parse_time(options.end, now).with_context("--end"));
    }
    return range;
}

Result<OutputFile> open_output(const std::string& path) {
    if (path.empty() || path == "-") {
        return OutputFile(stdout);
    }
    OutputFile file(std::fopen(path.c_str(), "wb"));
    if (!file) {
        return fail(ErrorCode::Io, fmt::format("cannot write {}", path));
    }
    return file;
}

Status write_out(std::FILE* file, const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), file) != text.size() || std::fflush(file) != 0) {
        return fail(ErrorCode::Io, "cannot write the output: is the disk full?");
    }
    return {};
}

// Returns how many samples were written.
Result<uint64_t> export_database(const store::Database& database,
                                 store::TimeRange range,
                                 std::FILE* file) {
    constexpr size_t kBufferBytes = 1 << 20;
    const auto querier = database.querier();
    const auto series = TRY(querier->select({}, range));
    ProgressBar bar("exporting", series.size());
    std::vector<store::TimestampNs> timestamps;
    std::vector<store::ValueBits> values;
    std::string buffer;
    uint64_t written = 0;
    for (size_t i = 0; i < series.size(); ++i) {
        TRY(querier->read_bits(series[i], range, timestamps, values));
        const store::LinePrinter printer(database.name(), *series[i].labels, series[i].type);
        for (size_t k = 0; k < timestamps.size(); ++k) {
            printer.append(buffer, timestamps[k], values[k]);
            if (buffer.size() >= kBufferBytes) {
                TRY(write_out(file, buffer));
                buffer.clear();
            }
        }
        written += timestamps.size();
        bar.advance_to(i + 1);
    }
    TRY(write_out(file, buffer));
    return written;
}

// The exit code.
Result<int> export_to_file(const ExportOptions& options) {
    const auto range = TRY(range_of(options));
    auto store = TRY(open_store_for_reading(options.root));
    const store::Database* database = store->find(options.database);
    if (database == nullptr) {
        return fail(ErrorCode::NotFound,
                    fmt::format("there is no database '{}' in {}", options.database, options.root));
    }
    const OutputFile file = TRY(open_output(options.out));
    const uint64_t written = TRY(export_database(*database, range, file.get()));
    fmt::print(stderr, "exported {} samples\n", human_count(written));
    return exit_after_reading(*store, options.database);
}

int run_export(const ExportOptions& options) {
    const auto exit_code = export_to_file(options);
    return exit_code ? *exit_code : report(exit_code.error());
}

}  // namespace

void add_export(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<ExportOptions>();
    auto* command = app.add_subcommand("export", "Write a database as line protocol");
    command->footer(
        "Import of the output gives the same series, types, times and values, to the bit.\n"
        "Works beside a running server. Damaged parts are left out and said so (exit 1).\n"
        "\n"
        "Examples:\n"
        "  cistern export --root data --db main --out backup.lp\n"
        "  cistern export --root data --db main --start -1d | gzip > yesterday.lp.gz");
    add_root_option(*command, options->root);
    command->add_option("--db", options->database, "The database")->required()->type_name("NAME");
    command->add_option("--out", options->out, "The file (default: standard output)")
        ->type_name("FILE.lp");
    command->add_option("--start", options->start, "From this time on")->type_name("TIME");
    command->add_option("--end", options->end, "Up to, but not including, this time")
        ->type_name("TIME");
    command->callback([options, &exit_code] { exit_code = run_export(*options); });
}

}  // namespace cistern::app
