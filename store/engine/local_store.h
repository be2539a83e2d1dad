// SPDX-License-Identifier: MIT
// The databases under one root, the root's lock and reserve, and the background threads.
#pragma once

#include "store/base/mutex.h"
#include "store/engine/local_database.h"
#include "store/engine/reserve_file.h"
#include "store/engine/store.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>

namespace cistern::store {

class LocalStore final : public Store {
  public:
    explicit LocalStore(StoreOptions options);
    ~LocalStore() override;
    LocalStore(const LocalStore&) = delete;
    LocalStore& operator=(const LocalStore&) = delete;
    [[nodiscard]] Status start();

    [[nodiscard]] Result<Database*> database(std::string_view name) override;
    [[nodiscard]] Database* find(std::string_view name) const override;
    [[nodiscard]] std::vector<std::string> database_names() const override;
    [[nodiscard]] std::unique_ptr<Querier> querier_of_all() const override;
    [[nodiscard]] Result<ImportResult> append_lines(std::string_view lines,
                                                    std::string_view default_database) override;
    void set_listener(Listener listener) override;
    void run_maintenance() override;
    [[nodiscard]] Status close() override;

    [[nodiscard]] Result<LocalDatabase*> local_database(std::string_view name);

  private:
    [[nodiscard]] Status open_databases();
    [[nodiscard]] Result<bool> is_database(const std::string& name) const;
    [[nodiscard]] Result<std::unique_ptr<LocalDatabase>> open_database(const std::string& name);
    [[nodiscard]] std::vector<LocalDatabase*> all() const;
    void deliver(Database& database, std::span<const Sample> samples);
    void run_sync_thread();
    void run_job_thread();
    void run_merge_thread();
    // Of all databases together, so far.
    [[nodiscard]] uint64_t flushes();
    void wake();

    const StoreOptions options_;
    std::unique_ptr<FileLock> lock_;
    ReserveFile reserve_;

    mutable SharedMutex databases_mutex_;
    std::map<std::string, std::unique_ptr<LocalDatabase>, std::less<>> databases_
        CISTERN_GUARDED_BY(databases_mutex_);
    bool closed_ CISTERN_GUARDED_BY(databases_mutex_) = false;

    SharedMutex listener_mutex_;
    Listener listener_ CISTERN_GUARDED_BY(listener_mutex_);
    std::atomic<bool> has_listener_{false};

    Mutex wake_mutex_;
    CondVar wake_sync_;
    CondVar wake_jobs_;
    CondVar wake_merges_;
    bool sync_wanted_ CISTERN_GUARDED_BY(wake_mutex_) = false;
    bool jobs_wanted_ CISTERN_GUARDED_BY(wake_mutex_) = false;
    bool stopping_ CISTERN_GUARDED_BY(wake_mutex_) = false;
    std::thread sync_thread_;
    std::thread job_thread_;
    std::thread merge_thread_;
};

}  // namespace cistern::store
