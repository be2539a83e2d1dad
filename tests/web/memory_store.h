// SPDX-License-Identifier: MIT
// A store in maps: what the routes are tested against without a disk.
#pragma once

#include "store/base/mutex.h"
#include "store/engine/store.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cistern::test {

class MemoryStore;

class MemoryDatabase final : public store::Database {
  public:
    MemoryDatabase(MemoryStore& store, std::string name) : store_(store), name_(std::move(name)) {}

    [[nodiscard]] const std::string& name() const override { return name_; }
    Result<store::SeriesHandle> series(const store::Labels& labels, store::ValueType type) override;
    [[nodiscard]] std::optional<store::SeriesId> find(const store::Labels& labels) const override {
        const MutexLock lock(mutex_);
        const auto found = by_labels_.find(labels);
        return found == by_labels_.end() ? std::nullopt
                                         : std::optional(series_[found->second].handle.id);
    }
    void set_metadata(store::SeriesId series, const store::SeriesMetadata& metadata) override;
    [[nodiscard]] store::SeriesMetadata metadata(store::SeriesId series) const override;
    Result<store::AppendCounts> append(const store::AppendBatch& batch) override;
    [[nodiscard]] std::shared_ptr<const store::Labels> labels(store::SeriesId id) const override;
    [[nodiscard]] std::unique_ptr<store::Querier> querier() const override;
    [[nodiscard]] std::vector<store::MessageStamp> recent_messages(uint64_t) const override {
        return {};
    }
    Status flush() override { return {}; }
    Status compact() override { return {}; }
    [[nodiscard]] store::DatabaseStats stats() const override;

    struct Series {
        store::SeriesHandle handle;
        store::SeriesMetadata metadata;
        std::map<store::TimestampNs, store::ValueBits> samples;
    };

  private:
    friend class MemoryStore;
    MemoryStore& store_;
    std::string name_;
    mutable Mutex mutex_;
    std::vector<Series> series_ CISTERN_GUARDED_BY(mutex_);  // by id - 1
    std::map<store::Labels, size_t> by_labels_ CISTERN_GUARDED_BY(mutex_);
};

class MemoryStore final : public store::Store {
  public:
    Result<store::Database*> database(std::string_view name) override;
    [[nodiscard]] store::Database* find(std::string_view name) const override;
    [[nodiscard]] std::vector<std::string> database_names() const override;
    [[nodiscard]] std::unique_ptr<store::Querier> querier_of_all() const override;
    Result<store::ImportResult> append_lines(std::string_view, std::string_view) override;
    void set_listener(Listener listener) override;
    void run_maintenance() override {}
    Status close() override { return {}; }

    // Every later append fails with this; nothing when code is 0.
    void fail_appends_with(std::optional<Error> error) { append_error_ = std::move(error); }
    void call_listener(store::Database& database, std::span<const store::Sample> samples);
    // Samples older than this are rejected.
    store::TimestampNs reject_before = INT64_MIN;
    [[nodiscard]] const std::optional<Error>& append_error() const { return append_error_; }

  private:
    std::optional<Error> append_error_;
    mutable Mutex mutex_;
    std::map<std::string, std::unique_ptr<MemoryDatabase>, std::less<>> databases_
        CISTERN_GUARDED_BY(mutex_);
    Listener listener_ CISTERN_GUARDED_BY(mutex_);
};

}  // namespace cistern::test
