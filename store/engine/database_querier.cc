// SPDX-License-Identifier: MIT
#include "store/engine/database_querier.h"

#include "store/engine/summaries.h"
#include "store/head/merge.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::store {

DatabaseQuerier::Readers DatabaseQuerier::open_files(TimeRange range) const {
    Readers readers;
    for (const auto& file : snapshot_->files()) {
        if (!range.overlaps(file->info().first_ns, file->info().last_ns)) {
            continue;
        }
        if (auto reader = parts_.readers.open(*file)) {
            readers.push_back(std::move(*reader));
        } else {
            parts_.faults.note_file(file->path(), reader.error().message);
        }
    }
    return readers;
}

std::vector<BlockEntry> DatabaseQuerier::blocks_in(const PartitionReader& reader,
                                                   SeriesId series,
                                                   TimeRange range) const {
    auto blocks = reader.blocks(series);
    if (!blocks) {
        parts_.faults.note_file(reader.path(), blocks.error().message);
        return {};
    }
    std::erase_if(*blocks, [range](const BlockEntry& block) {
        return !range.overlaps(block.first_ns, block.last_ns);
    });
    return std::move(*blocks);
}

std::vector<SeriesId> DatabaseQuerier::select_ids(std::span<const Matcher> matchers,
                                                  TimeRange range) const {
    std::vector<SeriesId> ids = parts_.catalog.select(matchers);
    std::vector<SeriesId> missing;
    std::vector<SeriesId> present;
    for (const SeriesId id : ids) {
        (snapshot_->heads_may_have(id, range) ? present : missing).push_back(id);
    }
    // Newest files first: a series that is still written is found in the first one.
    const auto& files = snapshot_->files();
    for (size_t i = files.size(); i-- > 0 && !missing.empty();) {
        const FileInfo& info = files[i]->info();
        if (!range.overlaps(info.first_ns, info.last_ns)) {
            continue;
        }
        const auto reader = parts_.readers.open(*files[i]);
        if (!reader) {
            parts_.faults.note_file(files[i]->path(), reader.error().message);
            continue;
        }
        const auto here = [&](SeriesId id) { return !blocks_in(**reader, id, range).empty(); };
        const auto found = std::stable_partition(
            missing.begin(), missing.end(), [&](SeriesId id) { return !here(id); });
        present.insert(present.end(), found, missing.end());
        missing.erase(found, missing.end());
    }
    std::sort(present.begin(), present.end());
    return present;
}

Result<std::vector<SeriesHandle>> DatabaseQuerier::select(std::span<const Matcher> matchers,
                                                          TimeRange range) const {
    std::vector<SeriesHandle> handles;
    for (const SeriesId id : select_ids(matchers, range)) {
        if (auto labels = parts_.catalog.labels(id)) {
            handles.push_back({id,
                               parts_.catalog.type(id),
                               parts_.catalog.stale_after_ns(id),
                               std::move(labels),
                               0});
        }
    }
    std::sort(handles.begin(), handles.end(), [](const SeriesHandle& a, const SeriesHandle& b) {
        return *a.labels < *b.labels;
    });
    return handles;
}

void DatabaseQuerier::read_run(SeriesId series, TimeRange range, SampleRun& into) const {
    SampleRun run;
    std::vector<BlockFault> faults;
    for (const auto& reader : open_files(range)) {
        run.clear();
        faults.clear();
        if (auto read = reader->read_bits(series, range, run.timestamps, run.values, faults);
            !read) {
            parts_.faults.note_file(reader->path(), read.error().message);
        }
        parts_.faults.note(reader->path(), faults);
        merge_newer(into, run.timestamps, run.values);
    }
    snapshot_->read_heads(series, range, into);
}

Status DatabaseQuerier::read(const SeriesHandle& series,
                             TimeRange range,
                             SampleColumns& into) const {
    SampleRun run;
    read_run(series.id, range, run);
    into.values.resize(run.size());
    std::transform(
        run.values.begin(), run.values.end(), into.values.begin(), [&series](ValueBits value) {
            return value.number(series.type);
        });
    into.timestamps = std::move(run.timestamps);
    return {};
}

Status DatabaseQuerier::read_bits(const SeriesHandle& series,
                                  TimeRange range,
                                  std::vector<TimestampNs>& timestamps,
                                  std::vector<ValueBits>& values) const {
    SampleRun run;
    read_run(series.id, range, run);
    timestamps = std::move(run.timestamps);
    values = std::move(run.values);
    return {};
}

Result<Sample> DatabaseQuerier::last(const SeriesHandle& series, TimeRange range) const {
    SampleRun run;
    snapshot_->read_heads(series.id, range, run);
    std::optional<Sample> newest;
    const auto offer = [&](TimestampNs timestamp, ValueBits value) {
        if (!newest || timestamp > newest->timestamp) {
            newest = Sample{series.id, timestamp, value};
        }
    };
    if (!run.empty()) {
        offer(run.timestamps.back(), run.values.back());
    }
    // From the newest file back: of equal timestamps the first one offered wins.
    const FileList& files = snapshot_->files();
    for (size_t i = files.size(); i-- > 0;) {
        const FileInfo& info = files[i]->info();
        if (!range.overlaps(info.first_ns, info.last_ns) ||
            (newest && info.last_ns <= newest->timestamp)) {
            continue;
        }
        const auto reader = parts_.readers.open(*files[i]);
        if (!reader) {
            parts_.faults.note_file(files[i]->path(), reader.error().message);
            continue;
        }
        auto blocks = blocks_in(**reader, series.id, range);
        for (; !blocks.empty(); blocks.pop_back()) {
            if (range.contains(blocks.back().last_ns)) {
                offer(blocks.back().last_ns, blocks.back().last);
                break;
            }
            run.clear();
            std::vector<BlockFault> faults;
            const TimeRange within{std::max(range.begin, blocks.back().first_ns), range.end};
            (void)(*reader)->read_bits(series.id, within, run.timestamps, run.values, faults);
            parts_.faults.note(files[i]->path(), faults);
            if (!run.empty()) {
                offer(run.timestamps.back(), run.values.back());
                break;
            }
        }
    }
    if (!newest) {
        return fail(ErrorCode::NotFound, "no sample in range");
    }
    return *newest;
}

Status DatabaseQuerier::summarize(const SeriesHandle& series,
                                  TimeRange range,
                                  int64_t align_ns,
                                  int64_t align_offset_ns,
                                  std::vector<BlockSummary>& into) const {
    into.clear();
    const Windows windows{align_ns, align_offset_ns};
    std::vector<BlockSpan> spans;
    for (const auto& reader : open_files(range)) {
        for (const BlockEntry& block : blocks_in(*reader, series.id, range)) {
            spans.push_back(span_of(block, series.type));
        }
    }
    SampleRun run;
    snapshot_->read_heads(series.id, range, run);
    if (!run.empty()) {
        spans.push_back({run.timestamps.front(), run.timestamps.back(), std::nullopt});
    }
    for (const BlockSpan& span : join_overlapping(std::move(spans))) {
        if (span.summary && range.contains(span.first_ns) && range.contains(span.last_ns) &&
            windows.same(span.first_ns, span.last_ns)) {
            into.push_back(*span.summary);
            continue;
        }
        const TimestampNs last = std::min(span.last_ns, range.end - 1);
        run.clear();
        read_run(series.id, {std::max(span.first_ns, range.begin), last + 1}, run);
        summarize_run(run, series.type, windows, into);
    }
    return {};
}

Result<std::vector<std::string>> DatabaseQuerier::label_names(std::span<const Matcher> matchers,
                                                              TimeRange range) const {
    return parts_.catalog.label_names(select_ids(matchers, range));
}

Result<std::vector<std::string>> DatabaseQuerier::label_values(std::string_view label,
                                                               std::span<const Matcher> matchers,
                                                               TimeRange range) const {
    return parts_.catalog.label_values(label, select_ids(matchers, range));
}

}  // namespace cistern::store
