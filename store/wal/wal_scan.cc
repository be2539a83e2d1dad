// SPDX-License-Identifier: MIT
#include "store/wal/wal_scan.h"

namespace cistern::store {
namespace {

// After damage a frame is looked for at every byte; its lsn must lie this close ahead. A reopened
// log jumps ahead by half of this at most (kLsnJump).
constexpr uint64_t kLsnWindow = 1 << 22;

}  // namespace

std::vector<FoundFrame> scan_segment(std::span<const std::byte> bytes,
                                     uint64_t segment_id,
                                     uint64_t lsn_floor) {
    const uint32_t seed = segment_seed(segment_id);
    std::vector<FoundFrame> found;
    uint64_t floor = lsn_floor;
    const auto take = [&](uint64_t at, bool in_step) {
        if (at >= bytes.size()) {
            return false;
        }
        const auto frame = parse_frame(bytes.subspan(at), seed, floor);
        if (!frame || (in_step && frame->lsn != floor) || frame->lsn - floor >= kLsnWindow) {
            return false;
        }
        found.push_back({*frame, at});
        floor = frame->lsn + 1;
        return true;
    };
    const auto search = [&](uint64_t from) {
        for (uint64_t at = from; at + kFrameHeaderBytes <= bytes.size(); ++at) {
            if (may_be_frame(bytes.subspan(at), floor, kLsnWindow) && take(at, false)) {
                return true;
            }
        }
        return false;
    };
    uint64_t at = 0;
    while (at < bytes.size()) {
        const uint64_t page = (at + kWalPageBytes - 1) / kWalPageBytes * kWalPageBytes;
        // In step; or behind the padding that a sync leaves; or wherever the damage ends.
        if (!take(at, !found.empty()) && !take(page, !found.empty()) && !search(at)) {
            break;
        }
        at = found.back().offset + found.back().frame.bytes;
    }
    return found;
}

}  // namespace cistern::store
