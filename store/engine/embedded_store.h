// SPDX-License-Identifier: MIT
// The store for programs that link it: series by their text, samples through callbacks. What is
// not here is in store/engine/store.h, which store() gives. docs/embedding.md is the tour.
#pragma once

#include "store/engine/aggregate.h"
#include "store/engine/store.h"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::store {

// Series are written as in the line protocol, [DB/]metric{label="value"}; without DB/ they are in
// the database `main`. To a query that text matches every series of that metric with those labels,
// and perhaps more labels.
//
// Safe for concurrent use. Callbacks run on the calling thread under no lock.
class EmbeddedStore {
  public:
    // Everything on defaults but the folder, which is made when missing. Unavailable: another
    // process has it.
    [[nodiscard]] static Result<std::unique_ptr<EmbeddedStore>> open(const std::string& root);
    [[nodiscard]] static Result<std::unique_ptr<EmbeddedStore>> open(StoreOptions options);
    ~EmbeddedStore();
    EmbeddedStore(const EmbeddedStore&) = delete;
    EmbeddedStore& operator=(const EmbeddedStore&) = delete;

    // In the log when it returns: a crash of the process does not lose it. InvalidArgument: the
    // text is no series, or the sample is too old, too new or out of order.
    [[nodiscard]] Status append(std::string_view series, TimestampNs timestamp, double value);
    struct NamedSample {
        std::string_view series;
        TimestampNs timestamp = 0;
        double value = 0;
    };
    // Many at once, of any series, in any order: one record of the log per database, so hundreds of
    // thousands of times a second become millions. A text that is no series fails the call before
    // anything is stored; samples that are too old, too new or out of order are counted.
    [[nodiscard]] Result<AppendCounts> append(std::span<const NamedSample> samples);
    // One line or many; bad ones are in the answer and do not stop the others.
    [[nodiscard]] Result<ImportResult> append_line(std::string_view lines);

    // Return false to stop.
    using OnSample = std::function<bool(const Labels& series, TimestampNs timestamp, double value)>;
    // Series after series in order of their labels, ascending in time.
    [[nodiscard]] Status query_range(std::string_view series,
                                     TimeRange range,
                                     const OnSample& on_sample) const;

    struct LastSample {
        Labels series;
        TimestampNs timestamp = 0;
        double value = 0;
    };
    // The newest sample of each series that matches.
    [[nodiscard]] Result<std::vector<LastSample>> query_last(std::string_view series) const;

    using OnWindow = std::function<bool(const Labels& series, const AggregateRow& row)>;
    // aggregate.h says how windows lie and what each aggregate is.
    [[nodiscard]] Status aggregate(std::string_view series,
                                   TimeRange range,
                                   int64_t window_ns,
                                   std::span<const Aggregate> aggregates,
                                   const OnWindow& on_window) const;

    // A file of lines; an export comes back bit by bit.
    [[nodiscard]] Result<ImportResult> import_file(const std::string& path);
    using OnText = std::function<Status(std::string_view lines)>;
    // Gives whole lines, about a MiB at a time. Returns how many samples.
    [[nodiscard]] Result<uint64_t> export_lines(std::string_view database,
                                                TimeRange range,
                                                const OnText& on_text) const;

    [[nodiscard]] Store& store() { return *store_; }
    // Everything is in files and the folder is free for others when it returns.
    [[nodiscard]] Status close();

  private:
    class KnownSeries;
    explicit EmbeddedStore(std::unique_ptr<Store> store);

    struct Selection {
        std::unique_ptr<Querier> querier;
        std::vector<SeriesHandle> series;
    };
    [[nodiscard]] Result<Selection> select(std::string_view text, TimeRange range) const;

    std::unique_ptr<Store> store_;
    std::unique_ptr<KnownSeries> known_;
};

}  // namespace cistern::store
