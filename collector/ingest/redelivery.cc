// SPDX-License-Identifier: MIT
#include "collector/ingest/redelivery.h"

#include <algorithm>

namespace cistern::collector {
namespace {

// Stamp flags: the packet identifier in the low half, the session's count above it.
constexpr uint32_t kIdMask = 0xffff;
constexpr int kSessionShift = 16;

uint16_t id_of(const store::MessageStamp& stamp) {
    return static_cast<uint16_t>(stamp.flags & kIdMask);
}
uint8_t session_of(const store::MessageStamp& stamp) {
    return static_cast<uint8_t>(stamp.flags >> kSessionShift);
}

constexpr int kIds = 65'535;

// How far `id` is ahead of `before` when identifiers 1..65535 are counted up and around.
int distance_of(uint16_t id, uint16_t before) {
    return (id - before + kIds) % kIds;
}

bool follows(uint16_t id, uint16_t before) {
    const int distance = distance_of(id, before);
    return distance > 0 && distance <= kIds / 2;
}

// Messages that gave no sample leave gaps in the log, but not of this size.
constexpr int kNear = 4096;
constexpr uint64_t kRunGapMax = 64;
constexpr uint32_t kStrangersMax = 4096;

bool is_far(uint16_t id, uint16_t before) {
    const int distance = distance_of(id, before);
    return distance > kNear && distance < kIds - kNear;
}

}  // namespace

Redelivery::Redelivery(uint64_t source)
    : source_(source), entries_(kWindow), newest_of_id_(kIdMask + 1) {}

void Redelivery::restore(std::span<const store::MessageStamp> stamps) {
    std::vector<store::MessageStamp> sorted(stamps.begin(), stamps.end());
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
        return a.sequence < b.sequence;
    });
    forget();
    for (const store::MessageStamp& stamp : sorted) {
        if (stamp.sequence == last_sequence_) {
            continue;  // a message whose samples went into two databases
        }
        if (session_of(stamp) != session_) {
            forget();
            session_ = session_of(stamp);
        }
        last_sequence_ = stamp.sequence;
        push(stamp.hash, id_of(stamp));
    }
}

void Redelivery::on_connected(bool session_present) {
    if (!session_present) {
        forget();
        ++session_;
    }
    aligning_ = end_ > 0;
    aligned_to_ = oldest();
    align_until_ = end_;
    has_matched_ = false;
    ids_began_anew_ = false;
    strangers_ = 0;
}

bool Redelivery::is_in_step(uint64_t newest) const {
    return has_matched_ ? newest <= aligned_to_ + kRunGapMax : newest + kNear > align_until_;
}

bool Redelivery::was_stored(const Delivery& delivery) {
    if (!aligning_) {
        return false;
    }
    const bool ascending = ids_ascend();
    const uint64_t newest = newest_of_id_[delivery.packet_id];
    const bool is_known = newest > aligned_to_ && newest <= align_until_ && newest > oldest() &&
                          at(newest - 1).hash == delivery.hash;
    if (is_known && (delivery.dup || ascending) && (!ids_began_anew_ || is_in_step(newest))) {
        has_matched_ = true;
        strangers_ = 0;
        aligned_to_ = newest;
        aligning_ = aligned_to_ < align_until_;
        return true;
    }
    // Not in the log: one that gave no sample, was refused or never reached us, or the first of the
    // new ones. Past the newest identifier of the log there are only new ones.
    if (align_until_ <= oldest()) {
        aligning_ = false;
        return false;
    }
    const uint16_t last_id = at(align_until_ - 1).packet_id;
    ids_began_anew_ = ids_began_anew_ || (ascending && is_far(delivery.packet_id, last_id));
    if (ids_began_anew_) {
        aligning_ = ++strangers_ < kStrangersMax;
        return false;
    }
    const bool is_past_log = follows(delivery.packet_id, last_id);
    aligning_ = ascending ? !is_past_log : delivery.dup;
    return false;
}

store::MessageStamp Redelivery::stamp_for(const Delivery& delivery) const {
    store::MessageStamp stamp;
    stamp.source = source_;
    stamp.sequence = last_sequence_ + 1;
    stamp.hash = delivery.hash;
    stamp.flags = delivery.packet_id | static_cast<uint32_t>(session_) << kSessionShift;
    return stamp;
}

void Redelivery::on_stored(const store::MessageStamp& stamp) {
    last_sequence_ = stamp.sequence;
    push(stamp.hash, id_of(stamp));
}

bool Redelivery::ids_ascend() const {
    const uint64_t pairs = std::min(end_, kWindow);
    constexpr uint64_t kPairsMin = 4;
    // A broker that was restored from an old snapshot steps back once; one that hands out the
    // lowest free identifier does so all the time.
    constexpr uint64_t kDescentsPerMille = 50;
    return pairs > kPairsMin && (pairs - ascents_) * 1000 <= pairs * kDescentsPerMille + 1000;
}

void Redelivery::forget() {
    std::fill(newest_of_id_.begin(), newest_of_id_.end(), 0);
    end_ = 0;
    ascents_ = 0;
    aligning_ = false;
}

void Redelivery::push(uint64_t hash, uint16_t packet_id) {
    Entry& slot = entries_[end_ % kWindow];
    if (end_ >= kWindow) {
        ascents_ -= slot.ascends ? 1 : 0;
    }
    const bool ascends = end_ > 0 && follows(packet_id, at(end_ - 1).packet_id);
    slot = {hash, packet_id, ascends};
    ascents_ += ascends ? 1 : 0;
    newest_of_id_[packet_id] = ++end_;
}

}  // namespace cistern::collector
