// SPDX-License-Identifier: MIT
// A real store whose appends can be made to fail.
#pragma once

#include "store/engine/store.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace cistern::store {

class FaultyDatabase final : public Database {
  public:
    FaultyDatabase(Database& real, int& appends_left) : real_(real), appends_left_(appends_left) {}
    const std::string& name() const override { return real_.name(); }
    Result<SeriesHandle> series(const Labels& labels, ValueType type) override {
        return real_.series(labels, type);
    }
    std::optional<SeriesId> find(const Labels& labels) const override { return real_.find(labels); }
    void set_metadata(SeriesId id, const SeriesMetadata& metadata) override {
        real_.set_metadata(id, metadata);
    }
    SeriesMetadata metadata(SeriesId id) const override { return real_.metadata(id); }
    std::shared_ptr<const Labels> labels(SeriesId id) const override { return real_.labels(id); }
    Result<AppendCounts> append(const AppendBatch& batch) override {
        if (appends_left_ == 0) {
            return fail(ErrorCode::ResourceExhausted, "disk full");
        }
        appends_left_ -= appends_left_ > 0 ? 1 : 0;
        return real_.append(batch);
    }
    std::unique_ptr<Querier> querier() const override { return real_.querier(); }
    std::vector<MessageStamp> recent_messages(uint64_t source) const override {
        return real_.recent_messages(source);
    }
    Status flush() override { return real_.flush(); }
    Status compact() override { return real_.compact(); }
    DatabaseStats stats() const override {
        DatabaseStats stats = real_.stats();
        stats.read_only = appends_left_ == 0;
        return stats;
    }

  private:
    Database& real_;
    int& appends_left_;
};

class FaultyStore final : public Store {
  public:
    explicit FaultyStore(std::unique_ptr<Store> real) : real_(std::move(real)) {}
    // -1: all succeed.
    int appends_left = -1;

    Result<Database*> database(std::string_view name) override {
        return wrap(TRY(real_->database(name)));
    }
    Database* find(std::string_view name) const override {
        Database* found = real_->find(name);
        return found == nullptr ? nullptr : const_cast<FaultyStore*>(this)->wrap(found);
    }
    std::vector<std::string> database_names() const override { return real_->database_names(); }
    std::unique_ptr<Querier> querier_of_all() const override { return real_->querier_of_all(); }
    Result<ImportResult> append_lines(std::string_view lines, std::string_view db) override {
        return real_->append_lines(lines, db);
    }
    void set_listener(Listener listener) override { real_->set_listener(std::move(listener)); }
    Status close() override { return real_->close(); }
    void run_maintenance() override { real_->run_maintenance(); }

  private:
    Database* wrap(Database* database) {
        auto& wrapped = wrapped_[database->name()];
        if (wrapped == nullptr) {
            wrapped = std::make_unique<FaultyDatabase>(*database, appends_left);
        }
        return wrapped.get();
    }
    std::unique_ptr<Store> real_;
    std::map<std::string, std::unique_ptr<FaultyDatabase>> wrapped_;
};

}  // namespace cistern::store
