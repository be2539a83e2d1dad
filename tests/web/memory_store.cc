// SPDX-License-Identifier: MIT
#include "tests/web/memory_store.h"

#include <algorithm>
#include <set>

namespace cistern::test {
namespace {

using store::SeriesHandle;
using store::TimeRange;

// A copy of the series as of its creation.
class MemoryQuerier final : public store::Querier {
  public:
    explicit MemoryQuerier(std::vector<MemoryDatabase::Series> series)
        : series_(std::move(series)) {
        std::sort(series_.begin(), series_.end(), [](const auto& a, const auto& b) {
            return *a.handle.labels < *b.handle.labels;
        });
        for (size_t i = 0; i < series_.size(); ++i)
            series_[i].handle.source = static_cast<uint32_t>(i);
    }

    Result<std::vector<SeriesHandle>> select(std::span<const store::Matcher> matchers,
                                             TimeRange range) const override {
        std::vector<SeriesHandle> found;
        for (const auto& series : series_) {
            const auto fits = [&](const store::Matcher& matcher) {
                return matcher.matches(series.handle.labels->get(matcher.label()));
            };
            const auto first = series.samples.lower_bound(range.begin);
            const bool in_range = first != series.samples.end() && first->first < range.end;
            if (in_range && std::all_of(matchers.begin(), matchers.end(), fits))
                found.push_back(series.handle);
        }
        return found;
    }
    Status read(const SeriesHandle& handle,
                TimeRange range,
                store::SampleColumns& into) const override {
        into.clear();
        std::vector<store::ValueBits> bits;
        TRY(read_bits(handle, range, into.timestamps, bits));
        for (const auto value : bits)
            into.values.push_back(value.number(handle.type));
        return {};
    }
    Status read_bits(const SeriesHandle& handle,
                     TimeRange range,
                     std::vector<store::TimestampNs>& timestamps,
                     std::vector<store::ValueBits>& values) const override {
        timestamps.clear();
        values.clear();
        const auto& samples = series_[handle.source].samples;
        for (auto at = samples.lower_bound(range.begin);
             at != samples.end() && at->first < range.end;
             ++at) {
            timestamps.push_back(at->first);
            values.push_back(at->second);
        }
        return {};
    }
    Result<store::Sample> last(const SeriesHandle& handle, TimeRange range) const override {
        const auto& samples = series_[handle.source].samples;
        auto at = samples.lower_bound(range.end);
        if (at == samples.begin() || std::prev(at)->first < range.begin)
            return fail(ErrorCode::NotFound, "none");
        --at;
        return store::Sample{handle.id, at->first, at->second};
    }
    Status summarize(const SeriesHandle& handle,
                     TimeRange range,
                     int64_t,
                     int64_t,
                     std::vector<store::BlockSummary>& into) const override {
        into.clear();
        store::SampleColumns columns;
        TRY(read(handle, range, columns));
        for (size_t i = 0; i < columns.size(); ++i) {
            const double v = columns.values[i];
            into.push_back(
                {columns.timestamps[i], columns.timestamps[i], 1, v != v ? 1u : 0u, v, v, v, v, v});
        }
        return {};
    }
    Result<std::vector<std::string>> label_names(std::span<const store::Matcher> matchers,
                                                 TimeRange range) const override {
        std::set<std::string> names;
        for (const auto& handle : TRY(select(matchers, range))) {
            for (const auto& label : handle.labels->all())
                names.insert(label.name);
        }
        return std::vector<std::string>(names.begin(), names.end());
    }
    Result<std::vector<std::string>> label_values(std::string_view label,
                                                  std::span<const store::Matcher> matchers,
                                                  TimeRange range) const override {
        std::set<std::string> values;
        for (const auto& handle : TRY(select(matchers, range))) {
            if (handle.labels->has(label)) values.emplace(handle.labels->get(label));
        }
        return std::vector<std::string>(values.begin(), values.end());
    }

  private:
    std::vector<MemoryDatabase::Series> series_;
};

}  // namespace

Result<SeriesHandle> MemoryDatabase::series(const store::Labels& labels, store::ValueType type) {
    TRY(store::validate_labels(labels));
    const MutexLock lock(mutex_);
    const auto [at, added] = by_labels_.try_emplace(labels, series_.size());
    if (added) {
        Series fresh;
        fresh.handle.id = store::SeriesId(static_cast<uint32_t>(series_.size() + 1));
        fresh.handle.type = type;
        fresh.handle.labels = std::make_shared<store::Labels>(labels);
        series_.push_back(std::move(fresh));
    }
    const SeriesHandle& handle = series_[at->second].handle;
    if (handle.type == store::ValueType::Int && type == store::ValueType::Float) {
        return fail(ErrorCode::InvalidArgument, "series " + labels.to_string() + " holds integers");
    }
    return handle;
}

void MemoryDatabase::set_metadata(store::SeriesId series, const store::SeriesMetadata& metadata) {
    const MutexLock lock(mutex_);
    series_[series.value() - 1].metadata = metadata;
}

std::shared_ptr<const store::Labels> MemoryDatabase::labels(store::SeriesId series) const {
    MutexLock lock(mutex_);
    const bool exists = series.value() > 0 && series.value() <= series_.size();
    return exists ? series_[series.value() - 1].handle.labels : nullptr;
}

store::SeriesMetadata MemoryDatabase::metadata(store::SeriesId series) const {
    const MutexLock lock(mutex_);
    return series_[series.value() - 1].metadata;
}

Result<store::AppendCounts> MemoryDatabase::append(const store::AppendBatch& batch) {
    if (store_.append_error()) return tl::unexpected(*store_.append_error());
    store::AppendCounts counts;
    {
        const MutexLock lock(mutex_);
        for (const store::Sample& sample : batch.samples) {
            if (sample.timestamp < store_.reject_before) {
                ++counts.rejected;
                continue;
            }
            auto& samples = series_[sample.series.value() - 1].samples;
            counts.duplicates += samples.contains(sample.timestamp) ? 1 : 0;
            samples[sample.timestamp] = sample.value;
            ++counts.stored;
        }
    }
    store_.call_listener(*this, batch.samples);
    return counts;
}

std::unique_ptr<store::Querier> MemoryDatabase::querier() const {
    const MutexLock lock(mutex_);
    return std::make_unique<MemoryQuerier>(series_);
}

store::DatabaseStats MemoryDatabase::stats() const {
    const MutexLock lock(mutex_);
    store::DatabaseStats stats;
    stats.series = series_.size();
    for (const auto& series : series_)
        stats.samples_written += series.samples.size();
    stats.wal_sync_ns = 250'000'000;
    stats.read_only = store_.append_error().has_value();
    if (stats.read_only) stats.read_only_reason = store_.append_error()->message;
    return stats;
}

Result<store::Database*> MemoryStore::database(std::string_view name) {
    TRY(store::validate_database_name(name));
    const MutexLock lock(mutex_);
    auto& database = databases_[std::string(name)];
    if (!database) database = std::make_unique<MemoryDatabase>(*this, std::string(name));
    return database.get();
}

store::Database* MemoryStore::find(std::string_view name) const {
    const MutexLock lock(mutex_);
    const auto at = databases_.find(name);
    return at == databases_.end() ? nullptr : at->second.get();
}

std::vector<std::string> MemoryStore::database_names() const {
    const MutexLock lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, database] : databases_)
        names.push_back(name);
    return names;
}

std::unique_ptr<store::Querier> MemoryStore::querier_of_all() const {
    const MutexLock lock(mutex_);
    std::vector<MemoryDatabase::Series> all;
    for (const auto& [name, database] : databases_) {
        const MutexLock inner(database->mutex_);
        for (MemoryDatabase::Series series : database->series_) {
            store::Labels labels = *series.handle.labels;
            labels.set("db", name);
            series.handle.labels = std::make_shared<store::Labels>(labels);
            all.push_back(std::move(series));
        }
    }
    return std::make_unique<MemoryQuerier>(std::move(all));
}

Result<store::ImportResult> MemoryStore::append_lines(std::string_view, std::string_view) {
    return fail(ErrorCode::Unsupported, "the routes parse lines themselves");
}

void MemoryStore::set_listener(Listener listener) {
    const MutexLock lock(mutex_);
    listener_ = std::move(listener);
}

void MemoryStore::call_listener(store::Database& database, std::span<const store::Sample> samples) {
    Listener listener;
    {
        const MutexLock lock(mutex_);
        listener = listener_;
    }
    if (listener) listener(database, samples);
}

}  // namespace cistern::test
