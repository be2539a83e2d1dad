// SPDX-License-Identifier: MIT
// Which series exist in one database: label set <-> SeriesId, postings for matchers, metadata, and
// the append-only file that makes definitions durable.
#pragma once

#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/model/labels.h"
#include "store/model/matcher.h"
#include "store/model/sample.h"
#include "store/model/series.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::store {

// Thread safe; readers do not wait for each other. Memory: <= 300 bytes per idle series, up to
// 1 M series.
class Catalog {
  public:
    // Reads <folder>/catalog.log. A torn tail is dropped and reported through `warnings`; damage
    // in the middle is skipped and reported too.
    static Result<std::unique_ptr<Catalog>> open(FileSystem& fs,
                                                 const std::string& folder,
                                                 std::vector<std::string>& warnings);
    virtual ~Catalog() = default;

    [[nodiscard]] virtual std::optional<SeriesId> find(const Labels& labels) const = 0;
    // Adds in memory with the next id; the caller logs it to the WAL before its first sample.
    // ResourceExhausted above `series_max`. When the labels exist the existing id is returned.
    [[nodiscard]] virtual Result<SeriesId> add(const Labels& labels,
                                               ValueType type,
                                               uint32_t series_max) = 0;
    // From WAL replay: the definition with its id. Idempotent; Corruption when the id is taken by
    // other labels.
    [[nodiscard]] virtual Status restore(const SeriesDefinition& definition) = 0;
    // Ids up to `highest` exist in files even if their definitions were lost: never give them out.
    virtual void reserve_ids(SeriesId highest) = 0;

    // Makes every definition and metadata change so far durable (append, sync) and refreshes the
    // readable snapshot catalog.json when asked. WAL segments may be recycled only after this.
    [[nodiscard]] virtual Status persist(bool write_snapshot) = 0;

    // Ids that match all matchers, ascending; all ids when there is no matcher.
    [[nodiscard]] virtual std::vector<SeriesId> select(std::span<const Matcher> matchers) const = 0;
    [[nodiscard]] virtual bool has(SeriesId id) const = 0;
    // As logged; nothing for an unknown id.
    [[nodiscard]] virtual std::optional<SeriesDefinition> definition(SeriesId id) const = 0;
    // For queries: shared, so that handles stay cheap, and kept for the next query. Null for an
    // unknown id.
    [[nodiscard]] virtual std::shared_ptr<const Labels> labels(SeriesId id) const = 0;
    [[nodiscard]] virtual ValueType type(SeriesId id) const = 0;
    [[nodiscard]] virtual SeriesMetadata metadata(SeriesId id) const = 0;
    virtual void set_metadata(SeriesId id, const SeriesMetadata& metadata) = 0;
    [[nodiscard]] virtual int64_t stale_after_ns(SeriesId id) const = 0;

    // Sorted and unique, over the given ids.
    [[nodiscard]] virtual std::vector<std::string> label_names(
        std::span<const SeriesId> ids) const = 0;
    [[nodiscard]] virtual std::vector<std::string> label_values(
        std::string_view label, std::span<const SeriesId> ids) const = 0;
    // Over all series, from the postings.
    [[nodiscard]] virtual std::vector<std::string> label_names() const = 0;
    [[nodiscard]] virtual std::vector<std::string> label_values(std::string_view label) const = 0;

    [[nodiscard]] virtual uint32_t series_count() const = 0;
    [[nodiscard]] virtual uint64_t memory_bytes() const = 0;
};

}  // namespace cistern::store
