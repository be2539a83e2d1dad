// SPDX-License-Identifier: MIT
// The reading side of the store: which series match, and their samples as columns. PromQL, the
// HTTP API, the bridge and the command line read through this and nothing else.
#pragma once

#include "store/base/result.h"
#include "store/model/labels.h"
#include "store/model/matcher.h"
#include "store/model/sample.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cistern::store {

struct SeriesHandle {
    SeriesId id;
    ValueType type = ValueType::Float;
    // Instant lookups go back this far instead of the query's lookback; 0 = the query's own;
    // kNeverStale = until a stale marker. Design section 9.
    int64_t stale_after_ns = 0;
    std::shared_ptr<const Labels> labels;
    // Which database of a union the series lives in; 0 elsewhere. For the Querier's own use.
    uint32_t source = 0;
};
inline constexpr int64_t kNeverStale = -1;

// What one stored block or a run of head samples amounts to, without decoding it.
// min, max and sum skip NaN; first and last are the values at first_ns and last_ns.
struct BlockSummary {
    TimestampNs first_ns = 0;
    TimestampNs last_ns = 0;
    uint32_t count = 0;      // samples, NaN included
    uint32_t nan_count = 0;  // NaN (stale markers too); > 0 means: decode when NaN matters
    double min = 0, max = 0, sum = 0, first = 0, last = 0;
};

// A consistent view of one database (or of all of them) as of its creation; cheap; made per query.
// Flush, seal and retention do not disturb it. Safe to use from several threads.
class Querier {
  public:
    virtual ~Querier() = default;

    // Series that match all matchers and may have samples in range, sorted by labels.
    // No matcher = all series.
    [[nodiscard]] virtual Result<std::vector<SeriesHandle>> select(
        std::span<const Matcher> matchers, TimeRange range) const = 0;
    // Replaces `into` with the samples of range, ascending, unique (last write won).
    // Int series are converted to double.
    [[nodiscard]] virtual Status read(const SeriesHandle& series,
                                      TimeRange range,
                                      SampleColumns& into) const = 0;
    // A lower bound of the samples that read would yield, told from indexes alone: asked before
    // memory is spent. 0 where nothing is known, and where all series together have at most `few`.
    [[nodiscard]] virtual uint64_t samples_at_least(const SeriesHandle& /*series*/,
                                                    TimeRange /*range*/,
                                                    uint64_t /*few*/) const {
        return 0;
    }
    // The same for Int series without the conversion: bits as stored.
    [[nodiscard]] virtual Status read_bits(const SeriesHandle& series,
                                           TimeRange range,
                                           std::vector<TimestampNs>& timestamps,
                                           std::vector<ValueBits>& values) const = 0;
    // The newest sample in range, or NotFound.
    [[nodiscard]] virtual Result<Sample> last(const SeriesHandle& series,
                                              TimeRange range) const = 0;
    // Summaries of the parts of range in time order: whole blocks from the index, the ragged ends
    // and overlapping blocks decoded. `align_ns` > 0 additionally cuts at multiples of it
    // (offset `align_offset_ns`), so that every summary lies in one window.
    [[nodiscard]] virtual Status summarize(const SeriesHandle& series,
                                           TimeRange range,
                                           int64_t align_ns,
                                           int64_t align_offset_ns,
                                           std::vector<BlockSummary>& into) const = 0;

    // Sorted, unique; of the series that match.
    [[nodiscard]] virtual Result<std::vector<std::string>> label_names(
        std::span<const Matcher> matchers, TimeRange range) const = 0;
    [[nodiscard]] virtual Result<std::vector<std::string>> label_values(
        std::string_view label, std::span<const Matcher> matchers, TimeRange range) const = 0;
};

}  // namespace cistern::store
