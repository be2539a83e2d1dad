// SPDX-License-Identifier: MIT
#include "app/inspection.h"
#include "app/inspection_result.h"
#include "app/live_folder.h"
#include "app/terminal.h"
#include "store/base/file_system.h"
#include "store/model/time_text.h"
#include "store/wal/wal_reader.h"

#include <fmt/format.h>

#include <optional>

namespace cistern::app {
namespace {

// Counts the records, and lists them when asked.
class RecordList final : public store::WalVisitor {
  public:
    explicit RecordList(bool list) : list_(list) {}

    void on_samples(uint64_t lsn,
                    std::span<const store::Sample> samples,
                    const store::MessageStamp& stamp) override {
        ++appends;
        sample_count += samples.size();
        stamped += stamp.source != 0 ? 1 : 0;
        if (!list_) {
            return;
        }
        nlohmann::json record{{"lsn", lsn}, {"type", "samples"}, {"count", samples.size()}};
        if (!samples.empty()) {
            record["first_time"] = store::format_rfc3339(samples.front().timestamp);
            record["first_series"] = samples.front().series.value();
        }
        if (stamp.source != 0) {
            record["message"] = {
                {"source", stamp.source}, {"sequence", stamp.sequence}, {"hash", stamp.hash}};
        }
        records.push_back(std::move(record));
    }
    void on_series(uint64_t lsn, const store::SeriesDefinition& definition) override {
        ++series;
        if (list_) {
            records.push_back({{"lsn", lsn},
                               {"type", "series"},
                               {"id", definition.id.value()},
                               {"series", definition.labels.to_string()}});
        }
    }
    void on_metadata(uint64_t lsn,
                     store::SeriesId id,
                     const store::SeriesMetadata& metadata) override {
        if (list_) {
            records.push_back(
                {{"lsn", lsn}, {"type", "metadata"}, {"id", id.value()}, {"unit", metadata.unit}});
        }
    }

    uint64_t appends = 0, sample_count = 0, stamped = 0, series = 0;
    nlohmann::json records = nlohmann::json::array();

  private:
    const bool list_;
};

}  // namespace

Result<Inspection> inspect_log(const InspectedFolder& folder) {
    std::optional<RecordList> attempt;
    const store::WalReport report = TRY(read_live_log(
        folder.path(), [&]() -> store::WalVisitor& { return attempt.emplace(folder.verbose); }));
    RecordList& found = *attempt;
    Inspection result;
    nlohmann::json segments = nlohmann::json::array();
    Table table({"segment", "used", "of", "frames", "first lsn", "last lsn"});
    for (const store::WalSegmentInfo& segment : report.segments) {
        segments.push_back({{"id", segment.id},
                            {"used_bytes", segment.used_bytes},
                            {"file_bytes", segment.file_bytes},
                            {"frames", segment.frames},
                            {"first_lsn", segment.first_lsn},
                            {"last_lsn", segment.last_lsn}});
        table.row({std::to_string(segment.id),
                   human_bytes(segment.used_bytes),
                   human_bytes(segment.file_bytes),
                   std::to_string(segment.frames),
                   std::to_string(segment.first_lsn),
                   std::to_string(segment.last_lsn)});
    }
    nlohmann::json faults = nlohmann::json::array();
    std::string fault_lines;
    for (const store::WalFault& fault : report.faults) {
        faults.push_back(
            {{"file", fault.file}, {"offset", fault.offset}, {"reason", fault.reason}});
        fault_lines += fmt::format("{} at byte {}: {}\n", fault.file, fault.offset, fault.reason);
    }
    result.damaged = !report.faults.empty();
    result.json = {{"segments", segments},
                   {"faults", faults},
                   {"appends", found.appends},
                   {"samples", found.sample_count},
                   {"messages", found.stamped},
                   {"series", found.series},
                   {"end_lsn", report.end_lsn},
                   {"dropped_frames", report.dropped_frames}};
    if (folder.verbose) {
        result.json["records"] = found.records;
    }
    result.text = table.to_string() + fmt::format(
                                          "{} appends, {} samples, {} messages, {} new series; {} "
                                          "torn frames at the end dropped\n",
                                          human_count(found.appends),
                                          human_count(found.sample_count),
                                          human_count(found.stamped),
                                          human_count(found.series),
                                          report.dropped_frames);
    for (const nlohmann::json& record : found.records) {
        result.text += record.dump() + "\n";
    }
    result.text += fault_lines;
    return result;
}

}  // namespace cistern::app
