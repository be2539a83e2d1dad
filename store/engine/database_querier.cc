// SPDX-License-Identifier: MIT
#include "store/engine/database_querier.h"

#include "store/engine/summaries.h"
#include "store/head/merge.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::store {
namespace {

// Open files of years are not held for longer than one series needs them.
constexpr size_t kReadersKeptMax = 64;
constexpr uint64_t kDecodedTogetherMax = 1 << 16;

void append_numbers(const SampleRun& run, ValueType type, SampleColumns& into) {
    into.timestamps.insert(into.timestamps.end(), run.timestamps.begin(), run.timestamps.end());
    const size_t at = into.values.size();
    into.values.resize(at + run.size());
    std::transform(run.values.begin(),
                   run.values.end(),
                   into.values.begin() + static_cast<ptrdiff_t>(at),
                   [type](ValueBits value) { return value.number(type); });
}

}  // namespace

std::shared_ptr<const DatabaseQuerier::Readers> DatabaseQuerier::open_files(TimeRange range) const {
    {
        const MutexLock lock(mutex_);
        if (opened_ != nullptr && opened_range_ == range) {
            return opened_;
        }
    }
    auto readers = std::make_shared<Readers>();
    for (const auto& file : snapshot_->files()) {
        if (!range.overlaps(file->info().first_ns, file->info().last_ns)) {
            continue;
        }
        if (auto reader = parts_.readers.open(*file)) {
            readers->push_back(std::move(*reader));
        } else {
            parts_.faults.note_file(file->path(), reader.error().message);
        }
    }
    if (readers->size() <= kReadersKeptMax) {
        const MutexLock lock(mutex_);
        opened_range_ = range;
        opened_ = readers;
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

bool DatabaseQuerier::plan_blocks(const Readers& readers,
                                  SeriesId series,
                                  TimeRange range,
                                  std::vector<StoredBlock>& blocks) const {
    for (const auto& reader : readers) {
        if (!reader->index_faults().empty()) {
            return false;
        }
        for (const BlockEntry& entry : blocks_in(*reader, series, range)) {
            blocks.push_back({reader.get(), entry});
        }
    }
    const auto earlier = [](const StoredBlock& a, const StoredBlock& b) {
        return a.entry.first_ns < b.entry.first_ns;
    };
    if (!std::is_sorted(blocks.begin(), blocks.end(), earlier)) {
        std::sort(blocks.begin(), blocks.end(), earlier);
    }
    return std::adjacent_find(
               blocks.begin(), blocks.end(), [](const StoredBlock& a, const StoredBlock& b) {
                   return b.entry.first_ns <= a.entry.last_ns;
               }) == blocks.end();
}

void DatabaseQuerier::read_blocks(SeriesId series,
                                  TimeRange range,
                                  const std::vector<StoredBlock>& blocks,
                                  SampleColumns& into) const {
    size_t samples = 0;
    for (const StoredBlock& block : blocks) {
        samples += block.entry.count;
    }
    into.timestamps.reserve(samples);
    into.values.reserve(samples);
    for (const StoredBlock& block : blocks) {
        const Status read =
            block.reader->read_block(series, block.entry, range, into.timestamps, into.values);
        if (!read) {
            parts_.faults.note(block.reader->path(),
                               {{series, block.entry.offset, read.error().message}});
        }
    }
}

void DatabaseQuerier::read_run(SeriesId series, TimeRange range, SampleRun& into) const {
    SampleRun run;
    std::vector<BlockFault> faults;
    const auto readers = open_files(range);
    for (const auto& reader : *readers) {
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
    into.clear();
    std::vector<StoredBlock> blocks;
    const auto readers = open_files(range);
    const bool apart = plan_blocks(*readers, series.id, range, blocks);
    SampleRun run;
    snapshot_->read_heads(series.id, range, run);
    const bool behind =
        run.empty() || blocks.empty() || blocks.back().entry.last_ns < run.timestamps.front();
    if (apart && behind) {
        read_blocks(series.id, range, blocks, into);
    } else {
        run.clear();
        read_run(series.id, range, run);
    }
    append_numbers(run, series.type, into);
    return {};
}

uint64_t DatabaseQuerier::samples_at_least(const SeriesHandle& series,
                                           TimeRange range,
                                           uint64_t few) const {
    uint64_t of_all_series = 0;
    for (const auto& file : snapshot_->files()) {
        const FileInfo& info = file->info();
        of_all_series += range.overlaps(info.first_ns, info.last_ns) ? info.samples : 0;
    }
    std::vector<StoredBlock> blocks;
    if (of_all_series <= few || !plan_blocks(*open_files(range), series.id, range, blocks)) {
        return 0;  // overlapping blocks may hold the same samples
    }
    uint64_t count = 0;
    for (const StoredBlock& block : blocks) {
        const bool whole =
            range.contains(block.entry.first_ns) && range.contains(block.entry.last_ns);
        count += whole ? block.entry.count : 0;
    }
    return count;
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
    const auto readers = open_files(range);
    for (const auto& reader : *readers) {
        for (const BlockEntry& block : blocks_in(*reader, series.id, range)) {
            spans.push_back(span_of(block, series.type));
        }
    }
    SampleRun run;
    snapshot_->read_heads(series.id, range, run);
    if (!run.empty()) {
        spans.push_back({run.timestamps.front(), run.timestamps.back(), run.size(), std::nullopt});
    }
    // Neighbours that must be decoded are read together, up to a bound on memory.
    std::optional<BlockSpan> decoded;
    SampleColumns samples;
    const auto decode = [&]() -> Status {
        if (decoded) {
            const TimestampNs end = std::min(decoded->last_ns, range.end - 1) + 1;
            TRY(read(series, {std::max(decoded->first_ns, range.begin), end}, samples));
            summarize_samples(samples, windows, into);
            decoded.reset();
        }
        return {};
    };
    for (const BlockSpan& span : join_overlapping(std::move(spans))) {
        if (span.summary && range.contains(span.first_ns) && range.contains(span.last_ns) &&
            windows.same(span.first_ns, span.last_ns)) {
            TRY(decode());
            into.push_back(*span.summary);
            continue;
        }
        if (decoded && decoded->samples + span.samples > kDecodedTogetherMax) {
            TRY(decode());
        }
        if (decoded) {
            decoded->last_ns = span.last_ns;
            decoded->samples += span.samples;
        } else {
            decoded = span;
        }
    }
    return decode();
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
