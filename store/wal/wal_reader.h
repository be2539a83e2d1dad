// SPDX-License-Identifier: MIT
// Reads the log back. What was lost in a power cut is a tail and is dropped; damage in what was on
// the device is reported, and everything around it is still read.
#pragma once

#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/wal/wal_record.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cistern::store {

// Gets the records in order of their lsn, each once.
class WalVisitor {
  public:
    virtual ~WalVisitor() = default;
    // The samples of one append; `stamp.source` 0 = none.
    virtual void on_samples(uint64_t lsn,
                            std::span<const Sample> samples,
                            const MessageStamp& stamp) = 0;
    virtual void on_series(uint64_t lsn, const SeriesDefinition& definition) = 0;
    virtual void on_metadata(uint64_t lsn, SeriesId series, const SeriesMetadata& metadata) = 0;
};

struct WalFault {
    std::string file;
    uint64_t offset = 0;
    std::string reason;
    bool operator==(const WalFault&) const = default;
};

struct WalSegmentInfo {
    uint64_t id = 0;
    uint64_t file_bytes = 0;
    uint64_t used_bytes = 0;  // up to the end of the last accepted frame
    uint64_t first_lsn = 0;
    uint64_t last_lsn = 0;  // of the last accepted frame, or of the segment before
    uint64_t frames = 0;
    bool skipped = false;  // nothing above the wanted lsn
};

struct WalReport {
    uint64_t end_lsn = 0;  // last accepted
    uint64_t next_segment_id = 1;
    uint64_t records = 0;                  // given to the visitor
    uint64_t dropped_frames = 0;           // behind a torn tail
    std::vector<WalSegmentInfo> segments;  // ascending by id
    std::vector<WalFault> faults;
};

// Everything above `flushed_lsn`. A missing folder is an empty log. Fails only when the folder
// cannot be listed.
Result<WalReport> read_wal(FileSystem& fs,
                           const std::string& folder,
                           uint64_t flushed_lsn,
                           WalVisitor& visitor);

// A reopened log goes on at a multiple of this, past everything that a torn tail may hold.
inline constexpr uint64_t kLsnJump = 1 << 20;
uint64_t lsn_after_reopen(uint64_t end_lsn);

}  // namespace cistern::store
