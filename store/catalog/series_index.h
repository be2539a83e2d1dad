// SPDX-License-Identifier: MIT
// All series of a database in memory: identity -> id, id -> identity, and the ids that satisfy
// matchers. Not thread safe: guarded by the Catalog.
#pragma once

#include "store/base/chunked_array.h"
#include "store/catalog/label_pairs.h"
#include "store/model/labels.h"
#include "store/model/matcher.h"
#include "store/model/sample.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::store {

// A bound on memory against a damaged id; 16 times the series a database may have.
inline constexpr uint32_t kSeriesIdMax = 1 << 24;

struct LabelView {
    std::string_view name;
    std::string_view value;
};

class SeriesIndex {
  public:
    // Labels sorted by name, unique, within the limits of labels.h.
    using LabelSpan = std::span<const LabelView>;

    [[nodiscard]] std::optional<uint32_t> find(LabelSpan labels) const;
    // The id must be free and the labels unknown.
    void insert(uint32_t id, ValueType type, LabelSpan labels);
    [[nodiscard]] bool has(uint32_t id) const {
        return id < series_.size() && series_[id].labels_at != kNone;
    }
    [[nodiscard]] bool has_room(LabelSpan labels) const;

    [[nodiscard]] Labels labels(uint32_t id) const;
    // Views are valid until the next insert.
    void labels(uint32_t id, std::vector<LabelView>& into) const;
    [[nodiscard]] ValueType type(uint32_t id) const;
    [[nodiscard]] uint32_t metadata(uint32_t id) const { return series_[id].metadata; }
    void set_metadata(uint32_t id, uint32_t metadata) { series_[id].metadata = metadata; }

    [[nodiscard]] std::vector<uint32_t> select(std::span<const Matcher> matchers) const;
    [[nodiscard]] std::vector<std::string> label_names(const std::vector<uint32_t>* ids) const;
    [[nodiscard]] std::vector<std::string> label_values(std::string_view label,
                                                        const std::vector<uint32_t>* ids) const;

    [[nodiscard]] uint32_t count() const { return count_; }
    // One above the highest id ever seen.
    [[nodiscard]] uint32_t id_end() const { return static_cast<uint32_t>(series_.size()); }
    // Ids below `end` are not given out any more.
    void reserve_ids(uint32_t end) { series_.resize(end); }
    [[nodiscard]] size_t memory_bytes() const;

    // The pair of a series with this label name, if it has one.
    [[nodiscard]] std::optional<uint32_t> pair_of(uint32_t id, uint32_t name) const;
    [[nodiscard]] const LabelPairs& pairs() const { return pairs_; }
    [[nodiscard]] std::vector<uint32_t> all_ids() const;

  private:
    static constexpr uint32_t kNone = UINT32_MAX;
    struct Series {
        uint32_t labels_at = kNone;  // run: count | type << 16, then pair ids
        uint32_t metadata = 0;       // the Catalog's number; 0 = none
    };

    [[nodiscard]] std::span<const uint32_t> pair_ids(uint32_t id) const;
    [[nodiscard]] size_t slot_of(std::span<const uint32_t> pairs) const;
    void grow_slots();

    LabelPairs pairs_;
    ChunkedArray<Series> series_;  // by id
    RunArena<uint32_t> runs_;
    std::vector<uint32_t> slots_;  // series ids, 0 = free; a power of two, at most 7/8 full
    uint32_t count_ = 0;
};

}  // namespace cistern::store
