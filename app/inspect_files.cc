// SPDX-License-Identifier: MIT
#include "app/inspection.h"
#include "app/inspection_result.h"
#include "app/live_folder.h"
#include "app/open_store.h"
#include "app/terminal.h"
#include "store/base/file_system.h"
#include "store/model/time_text.h"
#include "store/partition/partition_dump.h"

#include <fmt/format.h>

#include <map>

namespace cistern::app {
namespace {

nlohmann::json blocks_of(const store::PartitionDump& file) {
    nlohmann::json blocks = nlohmann::json::array();
    for (const store::DumpedBlock& dumped : file.blocks) {
        const store::BlockEntry& block = dumped.entry;
        blocks.push_back({{"series", dumped.series.value()},
                          {"encoding", dumped.encoding},
                          {"offset", block.offset},
                          {"bytes", block.bytes},
                          {"count", block.count},
                          {"nan", block.nan_count},
                          {"time_block", block.time_block},
                          {"first_time", store::format_rfc3339(block.first_ns)},
                          {"last_time", store::format_rfc3339(block.last_ns)},
                          {"min", block.min.number(dumped.type)},
                          {"max", block.max.number(dumped.type)}});
    }
    return blocks;
}

nlohmann::json times_of(const store::PartitionDump& file) {
    nlohmann::json times = nlohmann::json::array();
    for (const store::DumpedTimes& dumped : file.times) {
        times.push_back({{"time_block", dumped.number},
                         {"encoding", dumped.encoding},
                         {"offset", dumped.offset},
                         {"bytes", dumped.bytes},
                         {"count", dumped.count}});
    }
    return times;
}

nlohmann::json faults_of(const store::PartitionDump& file) {
    nlohmann::json list = nlohmann::json::array();
    for (const store::BlockFault& fault : file.faults) {
        list.push_back(
            {{"series", fault.series.value()}, {"offset", fault.offset}, {"reason", fault.reason}});
    }
    return list;
}

nlohmann::json head_of(const store::FileInfo& info) {
    return {{"name", info.name},
            {"generation", info.generation},
            {"sealed", info.sealed},
            {"first_time", store::format_rfc3339(info.first_ns)},
            {"last_time", store::format_rfc3339(info.last_ns)}};
}

Result<nlohmann::json> inspect_file(const InspectedFolder& folder, const store::FileInfo& info) {
    const auto file =
        TRY(store::dump_partition(posix_file_system(), folder.path() + "/" + info.name));
    nlohmann::json json = head_of(info);
    json["version"] = file.version;
    json["bytes"] = file.file_bytes;
    json["value_bytes"] = file.value_bytes;
    json["time_bytes"] = file.time_bytes;
    json["index_bytes"] = file.index_bytes;
    json["series"] = file.series;
    json["samples"] = file.samples;
    json["faults"] = faults_of(file);
    if (folder.verbose) {
        json["blocks"] = blocks_of(file);
        json["times"] = times_of(file);
    }
    return json;
}

// What stands below the table: damage, and with --verbose every block.
std::string details_of(const nlohmann::json& file) {
    const auto name = file["name"].get<std::string>();
    if (file.contains("error")) {
        return fmt::format("{}: {}\n", name, file["error"].get<std::string>());
    }
    std::string text;
    for (const nlohmann::json& fault : file["faults"]) {
        text += fmt::format("{}: byte {}, series {}: {}\n",
                            name,
                            fault["offset"].get<uint64_t>(),
                            fault["series"].get<uint64_t>(),
                            fault["reason"].get<std::string>());
    }
    for (const char* part : {"times", "blocks"}) {
        for (const nlohmann::json& entry : file.value(part, nlohmann::json::array())) {
            text += fmt::format("{}: {} {}\n", name, part, entry.dump());
        }
    }
    return text;
}

std::string text_of(const nlohmann::json& files) {
    Table table({"file", "sealed", "series", "samples", "bytes", "B/sample", "first", "last"});
    std::string details;
    for (const nlohmann::json& file : files) {
        details += details_of(file);
        if (file.contains("error")) {
            continue;
        }
        const auto bytes = file["bytes"].get<uint64_t>();
        const auto samples = file["samples"].get<uint64_t>();
        table.row({file["name"],
                   file["sealed"].get<bool>() ? "yes" : "no",
                   human_count(file["series"].get<uint64_t>()),
                   human_count(samples),
                   human_bytes(bytes),
                   fmt::format("{:.3f}",
                               static_cast<double>(bytes) /
                                   static_cast<double>(std::max<uint64_t>(samples, 1))),
                   file["first_time"],
                   file["last_time"]});
    }
    return table.to_string() + details;
}

bool is_damaged(const nlohmann::json& file) {
    return file.contains("error") || (file.contains("faults") && !file["faults"].empty());
}

}  // namespace

Result<Inspection> inspect_partitions(const InspectedFolder& folder) {
    std::map<std::string, nlohmann::json> by_name;
    const auto found =
        TRY(read_live_files(folder.path(), [&](const store::FileInfo& info) -> Status {
            by_name[info.name] = TRY(inspect_file(folder, info));
            return {};
        }));
    nlohmann::json files = nlohmann::json::array();
    bool damaged = false;
    for (const auto& [info, read] : found) {
        nlohmann::json json = read ? std::move(by_name[info.name]) : head_of(info);
        if (!read) {  // damage to show
            json["error"] = read.error().code == ErrorCode::NotFound ? "the file is missing"
                                                                     : read.error().message;
        }
        damaged = damaged || is_damaged(json);
        files.push_back(std::move(json));
    }
    return Inspection{{{"files", files}}, text_of(files), damaged};
}

Result<Inspection> inspect_database(const InspectedFolder& folder) {
    const auto store = TRY(open_store_for_reading(folder.root));
    const store::Database* database = store->find(folder.database);
    if (database == nullptr) {
        return fail(ErrorCode::NotFound, fmt::format("cannot open {}", folder.path()));
    }
    const store::DatabaseStats stats = database->stats();
    const Inspection log = TRY(inspect_log(folder));  // a store that writes nothing has none
    const size_t segments = log.json["segments"].size();
    uint64_t log_bytes = 0;
    for (const nlohmann::json& segment : log.json["segments"]) {
        log_bytes += segment["file_bytes"].get<uint64_t>();
    }
    Inspection result;
    result.damaged = stats.corrupt_blocks > 0 || log.damaged;
    result.json = {{"series", stats.series},
                   {"head_samples", stats.head_samples},
                   {"head_bytes", stats.head_bytes},
                   {"wal_segments", segments},
                   {"wal_bytes", log_bytes},
                   {"files", stats.files},
                   {"file_samples", stats.file_samples},
                   {"file_bytes", stats.file_bytes},
                   {"corrupt_blocks", stats.corrupt_blocks}};
    result.text = fmt::format(
        "  {} series\n"
        "  {} samples in {} files, {}\n"
        "  {} samples in the log ({} segments, {})\n",
        human_count(stats.series),
        human_count(stats.file_samples),
        stats.files,
        human_bytes(stats.file_bytes),
        human_count(stats.head_samples),
        segments,
        human_bytes(log_bytes));
    if (result.damaged) {
        result.text += "  damaged: `cistern verify` names the places\n";
    }
    return result;
}

}  // namespace cistern::app
