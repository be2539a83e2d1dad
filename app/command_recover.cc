// SPDX-License-Identifier: MIT
// cistern recover: saves what can be saved from a damaged partition file, as line protocol.
#include "app/command_line.h"
#include "app/inspection.h"
#include "app/terminal.h"
#include "store/catalog/catalog.h"
#include "store/model/line_protocol.h"
#include "store/partition/salvage.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace cistern::app {
namespace {

struct RecoverOptions {
    InspectedFolder folder;
    std::string file;
    std::string out;
    bool json = false;
};

struct Recovered {
    store::SalvageResult salvage;
    uint64_t nameless_series = 0;  // blocks whose series the catalog does not know any more
};

// Names series whose definition is lost, so that their samples are not.
store::Labels labels_of(const store::Catalog& catalog, store::SeriesId id, uint64_t& nameless) {
    if (const auto labels = catalog.labels(id)) {
        return *labels;
    }
    ++nameless;
    return store::Labels::of_metric(fmt::format("lost_series_{}", id.value()));
}

using OutputFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// Made when there is something to write: a slip of the pen leaves no empty file behind.
Status write_out(OutputFile& out, const std::string& path, const std::string& text) {
    if (!out) {
        out.reset(std::fopen(path.c_str(), "wb"));
    }
    if (!out || std::fwrite(text.data(), 1, text.size(), out.get()) != text.size() ||
        std::fflush(out.get()) != 0) {
        return fail(ErrorCode::Io, fmt::format("cannot write {}: {}", path, std::strerror(errno)));
    }
    return {};
}

// As `cistern verify` prints it, or the name alone.
Result<std::string> path_of(const RecoverOptions& options) {
    const bool is_name = options.file.find('/') == std::string::npos;
    std::string path = is_name ? options.folder.path() + "/" + options.file : options.file;
    if (!TRY(posix_file_system().exists(path))) {
        return fail(ErrorCode::NotFound, fmt::format("there is no file {}", path));
    }
    return path;
}

Result<Recovered> recover(const RecoverOptions& options) {
    FileSystem& fs = posix_file_system();
    TRY(databases_of(options.folder.root, options.folder.database));
    const std::string path = TRY(path_of(options));
    std::vector<std::string> warnings;
    const auto catalog = TRY(store::Catalog::open(fs, options.folder.path(), warnings));
    OutputFile out(nullptr, &std::fclose);
    Recovered recovered;
    std::string buffer;
    const auto print = [&](const store::SeriesColumns& columns) -> Status {
        const store::Labels labels = labels_of(*catalog, columns.series, recovered.nameless_series);
        const store::LinePrinter printer(options.folder.database, labels, columns.type);
        buffer.clear();
        for (size_t i = 0; i < columns.timestamps.size(); ++i) {
            printer.append(buffer, columns.timestamps[i], columns.values[i]);
        }
        return write_out(out, options.out, buffer);
    };
    recovered.salvage = TRY(store::salvage(fs, path, print));
    return recovered;
}

int run_recover(const RecoverOptions& options) {
    const auto recovered = recover(options);
    if (!recovered) {
        return report(recovered.error());
    }
    const store::SalvageResult& salvage = recovered->salvage;
    nlohmann::json faults = nlohmann::json::array();
    for (const store::BlockFault& fault : salvage.faults) {
        faults.push_back(
            {{"series", fault.series.value()}, {"offset", fault.offset}, {"reason", fault.reason}});
        if (!options.json) {
            fmt::print(
                "byte {}: {}{}\n",
                fault.offset,
                fault.series.value() == 0 ? "" : fmt::format("series {}: ", fault.series.value()),
                fault.reason);
        }
    }
    if (options.json) {
        fmt::print("{}\n",
                   nlohmann::json{{"blocks", salvage.blocks},
                                  {"samples", salvage.samples},
                                  {"nameless_series", recovered->nameless_series},
                                  {"faults", faults}}
                       .dump(2));
    } else if (salvage.samples == 0) {
        fmt::print("nothing could be saved; {} faults\n", salvage.faults.size());
    } else {
        fmt::print("saved {} samples in {} blocks to {}; {} faults\n",
                   human_count(salvage.samples),
                   human_count(salvage.blocks),
                   options.out,
                   salvage.faults.size());
        if (recovered->nameless_series > 0) {
            fmt::print(
                "{} blocks belong to series that the catalog has lost; they are named "
                "lost_series_ID\n",
                recovered->nameless_series);
        }
    }
    return salvage.faults.empty() ? kExitOk : kExitProblem;
}

}  // namespace

void add_recover(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<RecoverOptions>();
    auto* command = app.add_subcommand("recover", "Save what can be saved from a damaged file");
    command->footer(
        "Scans the file byte by byte, needs neither its index nor its header, and writes every "
        "block that\n"
        "verifies as line protocol for `cistern import`. The file itself is not touched. Importing "
        "what is\n"
        "there already does no harm: equal samples replace one another. To be rid of the damage, "
        "stop the\n"
        "server, remove the file, import what was saved.\n"
        "\n"
        "Example:\n"
        "  cistern recover --root data --db main --file data-2026-11-21.17.cst --out saved.lp");
    add_root_option(*command, options->folder.root);
    command->add_option("--db", options->folder.database, "The database")
        ->required()
        ->type_name("NAME");
    command->add_option("--file", options->file, "The file, as `cistern verify` names it")
        ->required()
        ->type_name("NAME");
    command->add_option("--out", options->out, "Where to write the samples")
        ->required()
        ->type_name("FILE.lp");
    command->add_flag("--json", options->json, "Print the counts as JSON");
    command->callback([options, &exit_code] { exit_code = run_recover(*options); });
}

}  // namespace cistern::app
