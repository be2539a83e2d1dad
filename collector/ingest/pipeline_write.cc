// SPDX-License-Identifier: MIT
// Items into the log: at once with their message's stamp, or several QoS 0 messages together.
#include "collector/ingest/pipeline.h"

#include <algorithm>

namespace cistern::collector {
namespace {

constexpr size_t kBatchItemsMax = 1024;
constexpr uint32_t kPartsMax = 255;

}  // namespace

// True: the message in hand is written later. A message that comes alone is written at once, so
// that a quiet house sees every value without delay.
bool Pipeline::keep_in_batch(const mqtt::MessageView& view, int64_t monotonic_ns) {
    if (items_.empty() || !batch_waker_) {
        return false;
    }
    const bool is_due = monotonic_ns - batch_.last_write_ns >= kBatchDelayNs;
    if (is_due && batch_.items.empty()) {
        batch_.last_write_ns = monotonic_ns;
        return false;
    }
    batch_.items.insert(batch_.items.end(), items_.begin(), items_.end());
    ++batch_.messages;
    batch_.bytes += view.payload.size();
    if (is_due || batch_.items.size() >= kBatchItemsMax) {
        write_batch_locked();
    }
    return true;
}

void Pipeline::write_batch() {
    MutexLock lock(mutex_);
    write_batch_locked();
}

void Pipeline::write_batch_locked() {
    if (batch_.items.empty()) {
        return;
    }
    const Status stored = store_items(batch_.items, nullptr);
    if (stored.has_value()) {
        note_room();
        counters_.add_received(batch_.bytes, batch_.messages);
    } else {
        note_full(stored.error());
        counters_.add_dropped("not_stored", batch_.items.size());
        for (const Item& item : batch_.items) {  // what is stored is as it was before
            item.state->last_ns = SeriesState::kNever;
            item.state->last_known = false;
        }
    }
    batch_.items.clear();
    batch_.messages = batch_.bytes = 0;
    batch_.last_write_ns = clock_.monotonic_ns();
}

Status Pipeline::store_items(std::span<const Item> items, const Delivery* delivery) {
    databases_.clear();
    for (const Item& item : items) {
        if (std::find(databases_.begin(), databases_.end(), item.state->database) ==
            databases_.end()) {
            databases_.push_back(item.state->database);
        }
    }
    if (databases_.empty()) {
        return {};
    }
    store::MessageStamp stamp;
    if (delivery != nullptr) {
        stamp = redelivery_.stamp_for(*delivery);
        stamp.flags |= static_cast<uint32_t>(std::min<size_t>(databases_.size() - 1, kPartsMax))
                       << kStampPartsShift;
    }
    const bool is_resumed =
        delivery != nullptr && partial_.is_set && partial_.hash == delivery->hash;
    for (store::Database* database : databases_) {
        const auto& done = partial_.stored_in;
        if (!is_resumed || std::find(done.begin(), done.end(), database) == done.end()) {
            TRY(append(*database, items, stamp));
        }
    }
    if (delivery != nullptr) {
        redelivery_.on_stored(stamp);
        partial_.is_set = false;
    }
    return {};
}

Status Pipeline::append(store::Database& database,
                        std::span<const Item> items,
                        const store::MessageStamp& stamp) {
    samples_.clear();
    for (const Item& item : items) {
        if (item.state->database == &database) {
            samples_.push_back(
                {item.state->id, item.timestamp_ns, store::ValueBits::of(item.value)});
        }
    }
    const auto counts = database.append({samples_, stamp});
    if (!counts.has_value()) {
        full_database_ = &database;
        return tl::unexpected(counts.error().with_context("database " + database.name()));
    }
    counters_.add_samples(counts->stored);
    if (counts->rejected > 0) {
        counters_.add_dropped(reason::kRejected, counts->rejected);
    }
    return {};
}

}  // namespace cistern::collector
