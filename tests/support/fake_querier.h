// SPDX-License-Identifier: MIT
// A store::Querier over samples held in memory, for tests of what reads through one.
#pragma once

#include "store/engine/querier.h"

#include <map>
#include <vector>

namespace cistern::test {

// Filled before use; then safe from several threads as a Querier is.
class FakeQuerier final : public store::Querier {
  public:
    // Of equal timestamps the last wins.
    void add(const store::Labels& labels, store::TimestampNs timestamp, double value);
    void set_stale_after(const store::Labels& labels, int64_t stale_after_ns);
    void clear() { series_.clear(); }

    [[nodiscard]] Result<std::vector<store::SeriesHandle>> select(
        std::span<const store::Matcher> matchers, store::TimeRange range) const override;
    [[nodiscard]] Status read(const store::SeriesHandle& series,
                              store::TimeRange range,
                              store::SampleColumns& into) const override;
    [[nodiscard]] Status read_bits(const store::SeriesHandle& series,
                                   store::TimeRange range,
                                   std::vector<store::TimestampNs>& timestamps,
                                   std::vector<store::ValueBits>& values) const override;
    [[nodiscard]] Result<store::Sample> last(const store::SeriesHandle& series,
                                             store::TimeRange range) const override;
    [[nodiscard]] Status summarize(const store::SeriesHandle& series,
                                   store::TimeRange range,
                                   int64_t align_ns,
                                   int64_t align_offset_ns,
                                   std::vector<store::BlockSummary>& into) const override;
    [[nodiscard]] Result<std::vector<std::string>> label_names(
        std::span<const store::Matcher> matchers, store::TimeRange range) const override;
    [[nodiscard]] Result<std::vector<std::string>> label_values(
        std::string_view label,
        std::span<const store::Matcher> matchers,
        store::TimeRange range) const override;

  private:
    struct Series {
        store::SeriesId id;
        int64_t stale_after_ns = 0;
        std::shared_ptr<const store::Labels> labels;
        store::SampleColumns samples;
    };
    [[nodiscard]] const Series& find(const store::SeriesHandle& handle) const;

    std::map<store::Labels, Series> series_;
};

}  // namespace cistern::test
