// SPDX-License-Identifier: MIT
// Querier over one database: head, frozen heads and partition files merged.
#pragma once

#include "store/base/mutex.h"
#include "store/catalog/catalog.h"
#include "store/engine/fault_log.h"
#include "store/engine/live_files.h"
#include "store/engine/live_view.h"
#include "store/engine/querier.h"

#include <memory>
#include <string>
#include <vector>

namespace cistern::store {

// What all queriers of a database share; outlives them.
struct ReadParts {
    const Catalog& catalog;
    ReaderCache& readers;
    FaultLog& faults;
};

class DatabaseQuerier final : public Querier {
  public:
    DatabaseQuerier(ReadParts parts, std::unique_ptr<Snapshot> snapshot)
        : parts_(parts), snapshot_(std::move(snapshot)) {}

    [[nodiscard]] Result<std::vector<SeriesHandle>> select(std::span<const Matcher> matchers,
                                                           TimeRange range) const override;
    [[nodiscard]] Status read(const SeriesHandle& series,
                              TimeRange range,
                              SampleColumns& into) const override;
    [[nodiscard]] uint64_t samples_at_least(const SeriesHandle& series,
                                            TimeRange range,
                                            uint64_t few) const override;
    [[nodiscard]] Status read_bits(const SeriesHandle& series,
                                   TimeRange range,
                                   std::vector<TimestampNs>& timestamps,
                                   std::vector<ValueBits>& values) const override;
    [[nodiscard]] Result<Sample> last(const SeriesHandle& series, TimeRange range) const override;
    [[nodiscard]] Status summarize(const SeriesHandle& series,
                                   TimeRange range,
                                   int64_t align_ns,
                                   int64_t align_offset_ns,
                                   std::vector<BlockSummary>& into) const override;
    [[nodiscard]] Result<std::vector<std::string>> label_names(std::span<const Matcher> matchers,
                                                               TimeRange range) const override;
    [[nodiscard]] Result<std::vector<std::string>> label_values(std::string_view label,
                                                                std::span<const Matcher> matchers,
                                                                TimeRange range) const override;

  private:
    using Readers = std::vector<std::shared_ptr<PartitionReader>>;
    struct StoredBlock {
        const PartitionReader* reader;
        BlockEntry entry;
    };

    // Of the files that may hold something in range, in their order; unreadable ones are noted.
    // Those of the range asked for last are kept: a query reads many series over one range.
    [[nodiscard]] std::shared_ptr<const Readers> open_files(TimeRange range) const
        CISTERN_EXCLUDES(mutex_);
    // Ids that match and have samples in range.
    [[nodiscard]] std::vector<SeriesId> select_ids(std::span<const Matcher> matchers,
                                                   TimeRange range) const;
    [[nodiscard]] std::vector<BlockEntry> blocks_in(const PartitionReader& reader,
                                                    SeriesId series,
                                                    TimeRange range) const;
    // In time order. False when blocks overlap or an index is damaged, so that they must be merged.
    [[nodiscard]] bool plan_blocks(const Readers& readers,
                                   SeriesId series,
                                   TimeRange range,
                                   std::vector<StoredBlock>& blocks) const;
    // Appends; a damaged block is noted and left out.
    void read_blocks(SeriesId series,
                     TimeRange range,
                     const std::vector<StoredBlock>& blocks,
                     SampleColumns& into) const;
    void read_run(SeriesId series, TimeRange range, SampleRun& into) const;

    ReadParts parts_;
    std::unique_ptr<Snapshot> snapshot_;
    mutable Mutex mutex_;
    mutable TimeRange opened_range_ CISTERN_GUARDED_BY(mutex_);
    mutable std::shared_ptr<const Readers> opened_ CISTERN_GUARDED_BY(mutex_);
};

}  // namespace cistern::store
