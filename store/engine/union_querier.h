// SPDX-License-Identifier: MIT
// Several databases as one, told apart by a label `db`.
#pragma once

#include "store/engine/querier.h"

#include <memory>
#include <string>
#include <vector>

namespace cistern::store {

inline constexpr std::string_view kDatabaseLabel = "db";

class UnionQuerier final : public Querier {
  public:
    struct Source {
        std::string name;
        std::unique_ptr<Querier> querier;
    };
    explicit UnionQuerier(std::vector<Source> sources) : sources_(std::move(sources)) {}

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
    // Of the sources that the matchers on `db` leave: their number, and the other matchers.
    [[nodiscard]] std::vector<uint32_t> sources_of(std::span<const Matcher> matchers,
                                                   std::vector<Matcher>& others) const;
    [[nodiscard]] Result<const Querier*> source_of(const SeriesHandle& series) const;

    std::vector<Source> sources_;
};

}  // namespace cistern::store
