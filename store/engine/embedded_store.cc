// SPDX-License-Identifier: MIT
#include "store/engine/embedded_store.h"

#include "store/base/mutex.h"
#include "store/model/line_protocol.h"
#include "store/model/series_cache.h"
#include "store/model/series_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace cistern::store {
namespace {

constexpr size_t kTextBytes = 1 << 20;

struct SeriesText {
    std::string_view database;  // empty: none given
    std::string_view key;
};

// The first slash before the braces ends the database's name.
SeriesText split(std::string_view text) {
    const size_t slash = text.substr(0, text.find('{')).find('/');
    if (slash == std::string_view::npos) {
        return {{}, text};
    }
    return {text.substr(0, slash), text.substr(slash + 1)};
}

std::vector<Matcher> matchers_of(const Labels& labels) {
    std::vector<Matcher> matchers;
    for (const Label& label : labels.all()) {
        matchers.push_back(Matcher::equal(std::string(label.name), std::string(label.value)));
    }
    return matchers;
}

void add_to(ImportResult& sum, ImportResult part, size_t lines_before) {
    sum.imported += part.imported;
    sum.failed += part.failed;
    for (LineError& error : part.errors) {
        if (sum.errors.size() < kLineErrorsMax) {
            error.line += lines_before;
            sum.errors.push_back(std::move(error));
        }
    }
}

}  // namespace

// Texts -> ids, per database. Thread safe.
class EmbeddedStore::KnownSeries {
  public:
    explicit KnownSeries(Store& store) : store_(store) {}

    struct Batch {
        Database* database = nullptr;
        std::vector<Sample> samples;
    };
    // One batch per database. Series that are not known yet are made.
    Result<std::vector<Batch>> resolve(std::span<const NamedSample> named) {
        std::vector<Batch> batches;
        MutexLock lock(mutex_);
        Place* place = nullptr;
        std::string_view place_name;
        Batch* batch = nullptr;
        for (const NamedSample& sample : named) {
            const SeriesText text = split(sample.series);
            if (place == nullptr || text.database != place_name) {
                place = TRY(place_of(text.database));
                place_name = text.database;
                batch = &batch_of(place->database, batches);
                batch->samples.reserve(named.size());
            }
            const SeriesId id = TRY(id_of(text.key, *place));
            batch->samples.push_back({id, sample.timestamp, ValueBits::of(sample.value)});
        }
        return batches;
    }

    static constexpr std::string_view kDefaultDatabase = "main";

  private:
    static constexpr size_t kSeriesMax = 1 << 16;
    static constexpr size_t kTextMax = 8 << 20;
    struct Place {
        Database* database = nullptr;
        SeriesCache cache;
    };

    Result<Place*> place_of(std::string_view name) CISTERN_REQUIRES(mutex_) {
        auto found = places_.find(name);
        if (found == places_.end()) {
            Database* const database =
                TRY(store_.database(std::string(name.empty() ? kDefaultDatabase : name)));
            Place fresh{database, SeriesCache(kSeriesMax, kTextMax)};
            found = places_.emplace(std::string(name), std::move(fresh)).first;
        }
        return &found->second;
    }
    static Batch& batch_of(Database* database, std::vector<Batch>& batches) {
        const auto found =
            std::find_if(batches.begin(), batches.end(), [database](const Batch& batch) {
                return batch.database == database;
            });
        return found != batches.end() ? *found : batches.emplace_back(Batch{database, {}});
    }
    static Result<SeriesId> id_of(std::string_view key, Place& place) {
        if (const auto known = place.cache.find(key)) {
            return known->id;
        }
        const Labels labels = TRY(parse_series_key(key, KeyDialect::LineProtocol));
        const SeriesHandle handle = TRY(place.database->series(labels, ValueType::Float));
        place.cache.insert(key, {handle.id, handle.type});
        return handle.id;
    }

    Store& store_;
    Mutex mutex_;
    std::map<std::string, Place, std::less<>> places_ CISTERN_GUARDED_BY(mutex_);
};

EmbeddedStore::EmbeddedStore(std::unique_ptr<Store> store)
    : store_(std::move(store)), known_(std::make_unique<KnownSeries>(*store_)) {}

EmbeddedStore::~EmbeddedStore() = default;

Result<std::unique_ptr<EmbeddedStore>> EmbeddedStore::open(const std::string& root) {
    StoreOptions options;
    options.root = root;
    return open(std::move(options));
}

Result<std::unique_ptr<EmbeddedStore>> EmbeddedStore::open(StoreOptions options) {
    auto store = TRY(Store::open(std::move(options)));
    return std::unique_ptr<EmbeddedStore>(new EmbeddedStore(std::move(store)));
}

Status EmbeddedStore::append(std::string_view series, TimestampNs timestamp, double value) {
    const NamedSample sample{series, timestamp, value};
    const AppendCounts counts = TRY(append({&sample, 1}));
    if (counts.rejected > 0) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{}: the sample is too old, too new or out of order", series));
    }
    return {};
}

Result<AppendCounts> EmbeddedStore::append(std::span<const NamedSample> samples) {
    AppendCounts sum;
    for (const auto& [database, batch] : TRY(known_->resolve(samples))) {
        const AppendCounts counts = TRY(database->append({batch, {}}));
        sum.stored += counts.stored;
        sum.duplicates += counts.duplicates;
        sum.rejected += counts.rejected;
    }
    return sum;
}

Result<ImportResult> EmbeddedStore::append_line(std::string_view lines) {
    return store_->append_lines(lines, KnownSeries::kDefaultDatabase);
}

Result<EmbeddedStore::Selection> EmbeddedStore::select(std::string_view text,
                                                       TimeRange range) const {
    const auto [name, key] = split(text);
    const Labels labels = TRY(parse_series_key(key, KeyDialect::LineProtocol));
    const Database* const database =
        store_->find(name.empty() ? KnownSeries::kDefaultDatabase : name);
    if (database == nullptr) {
        return Selection{};
    }
    Selection selection{database->querier(), {}};
    selection.series = TRY(selection.querier->select(matchers_of(labels), range));
    return selection;
}

Status EmbeddedStore::query_range(std::string_view series,
                                  TimeRange range,
                                  const OnSample& on_sample) const {
    const auto selection = TRY(select(series, range));
    SampleColumns columns;
    for (const SeriesHandle& handle : selection.series) {
        TRY(selection.querier->read(handle, range, columns));
        for (size_t i = 0; i < columns.size(); ++i) {
            if (!on_sample(*handle.labels, columns.timestamps[i], columns.values[i])) {
                return {};
            }
        }
    }
    return {};
}

Result<std::vector<EmbeddedStore::LastSample>> EmbeddedStore::query_last(
    std::string_view series) const {
    const auto selection = TRY(select(series, {}));
    std::vector<LastSample> newest;
    for (const SeriesHandle& handle : selection.series) {
        if (const auto last = selection.querier->last(handle, {})) {
            newest.push_back({*handle.labels, last->timestamp, last->value.number(handle.type)});
        }
    }
    return newest;
}

Status EmbeddedStore::aggregate(std::string_view series,
                                TimeRange range,
                                int64_t window_ns,
                                std::span<const Aggregate> aggregates,
                                const OnWindow& on_window) const {
    const auto selection = TRY(select(series, range));
    for (const SeriesHandle& handle : selection.series) {
        const AggregateTable rows =
            TRY(aggregate_windows(*selection.querier, handle, range, window_ns, aggregates));
        for (size_t i = 0; i < rows.size(); ++i) {
            if (!on_window(*handle.labels, rows[i])) {
                return {};
            }
        }
    }
    return {};
}

Result<ImportResult> EmbeddedStore::import_file(const std::string& path) {
    auto file = TRY(posix_file_system().open(path, OpenMode::Read));
    ImportResult sum;
    std::string text;
    size_t lines = 0;
    bool more = true;
    for (uint64_t offset = 0; more;) {
        const size_t kept = text.size();
        text.resize(kept + kTextBytes);
        const size_t got =
            TRY(file->pread(offset, std::as_writable_bytes(std::span(text).subspan(kept))));
        text.resize(kept + got);
        offset += got;
        more = got > 0;
        const size_t whole = more ? text.rfind('\n') + 1 : text.size();
        const std::string_view now = std::string_view(text).substr(0, whole);
        add_to(sum, TRY(append_line(now)), lines);
        lines += static_cast<size_t>(std::count(now.begin(), now.end(), '\n'));
        text.erase(0, whole);
    }
    return sum;
}

Result<uint64_t> EmbeddedStore::export_lines(std::string_view database,
                                             TimeRange range,
                                             const OnText& on_text) const {
    const Database* const found = store_->find(database);
    if (found == nullptr) {
        return fail(ErrorCode::NotFound, fmt::format("there is no database {}", database));
    }
    const auto querier = found->querier();
    std::vector<TimestampNs> timestamps;
    std::vector<ValueBits> values;
    std::string text;
    uint64_t samples = 0;
    for (const SeriesHandle& handle : TRY(querier->select({}, range))) {
        TRY(querier->read_bits(handle, range, timestamps, values));
        const LinePrinter printer(database, *handle.labels, handle.type);
        for (size_t i = 0; i < timestamps.size(); ++i) {
            printer.append(text, timestamps[i], values[i]);
            if (text.size() >= kTextBytes) {
                TRY(on_text(text));
                text.clear();
            }
        }
        samples += timestamps.size();
    }
    if (!text.empty()) {
        TRY(on_text(text));
    }
    return samples;
}

Status EmbeddedStore::close() {
    return store_->close();
}

}  // namespace cistern::store
