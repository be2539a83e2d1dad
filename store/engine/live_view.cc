// SPDX-License-Identifier: MIT
#include "store/engine/live_view.h"

#include "store/head/merge.h"

namespace cistern::store {

Snapshot::Snapshot(std::shared_ptr<Head> head,
                   Epoch epoch,
                   std::vector<FrozenHead> frozen,
                   std::shared_ptr<const FileList> files)
    : head_(std::move(head)), epoch_(epoch), frozen_(std::move(frozen)), files_(std::move(files)) {}

Snapshot::~Snapshot() {
    head_->release_snapshot(epoch_);
}

void Snapshot::read_heads(SeriesId series, TimeRange range, SampleRun& into) const {
    if (frozen_.empty() && into.empty()) {
        head_->read(series, epoch_, range, into.timestamps, into.values);
        return;
    }
    SampleRun run;
    for (const FrozenHead& frozen : frozen_) {
        run.clear();
        frozen.head->read(series, kLatestEpoch, range, run.timestamps, run.values);
        merge_newer(into, run.timestamps, run.values);
    }
    run.clear();
    head_->read(series, epoch_, range, run.timestamps, run.values);
    merge_newer(into, run.timestamps, run.values);
}

bool Snapshot::heads_may_have(SeriesId series, TimeRange range) const {
    for (const FrozenHead& frozen : frozen_) {
        if (frozen.head->may_have(series, range)) {
            return true;
        }
    }
    return head_->may_have(series, range);
}

LiveView::LiveView() {
    MutexLock lock(mutex_);
    head_ = std::make_shared<Head>();
    files_ = std::make_shared<const FileList>();
}

std::unique_ptr<Snapshot> LiveView::open_snapshot() const {
    MutexLock lock(mutex_);
    return std::make_unique<Snapshot>(head_, head_->open_snapshot(), frozen_, files_);
}

std::shared_ptr<Head> LiveView::head() const {
    MutexLock lock(mutex_);
    return head_;
}

std::vector<FrozenHead> LiveView::frozen() const {
    MutexLock lock(mutex_);
    return frozen_;
}

std::shared_ptr<const FileList> LiveView::files() const {
    MutexLock lock(mutex_);
    return files_;
}

void LiveView::freeze_head(uint64_t end_lsn) {
    MutexLock lock(mutex_);
    if (!head_->empty()) {
        frozen_.push_back({std::move(head_), end_lsn});
        head_ = std::make_shared<Head>();
    }
}

void LiveView::replace_oldest_frozen(FileList files) {
    auto list = std::make_shared<const FileList>(std::move(files));
    MutexLock lock(mutex_);
    frozen_.erase(frozen_.begin());
    files_.swap(list);
}

void LiveView::replace_files(FileList files) {
    auto list = std::make_shared<const FileList>(std::move(files));
    MutexLock lock(mutex_);
    files_.swap(list);  // the old list goes after the lock: its files may be removed then
}

}  // namespace cistern::store
