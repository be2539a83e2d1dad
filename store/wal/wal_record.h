// SPDX-License-Identifier: MIT
// The payloads of the log's records <-> the things they describe.
#pragma once

#include "store/model/sample.h"
#include "store/model/series.h"
#include "store/model/message_stamp.h"
#include "store/wal/wal_format.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace cistern::store {

// A stamp's source is a number within its segment here.
struct NumberedStamp {
    uint32_t source_number = 0;  // 0 = no stamp
    uint64_t sequence = 0;
    uint64_t hash = 0;
    uint32_t flags = 0;
};

struct SegmentStart {
    uint64_t segment_id = 0;
    uint64_t first_lsn = 0;  // of the frame behind this one
    // The segment before ends here: what it holds beyond was given up or is repeated in this one.
    uint64_t previous_end_lsn = 0;
    int64_t created_ns = 0;
    std::vector<uint64_t> sources;  // number 1 is the first
};

// Frames in the making: one reusable buffer that becomes one write. Sequence numbers and checksums
// are filled in by the writer.
class WalBatch {
  public:
    void clear();
    void add_samples(std::span<const Sample> samples, const NumberedStamp& stamp);
    void add_series(const SeriesDefinition& definition);
    void add_metadata(SeriesId series, const SeriesMetadata& metadata);
    void add_source(uint32_t number, uint64_t source);
    void add_sync_mark(uint64_t synced_lsn);
    void add_segment_start(const SegmentStart& start);

    [[nodiscard]] std::span<std::byte> bytes() { return buffer_; }
    [[nodiscard]] uint32_t frames() const { return frames_; }
    // False when a record is larger than a frame can be; the batch must not be written.
    [[nodiscard]] bool fits() const { return fits_; }
    // Numbers the frames from `first_lsn` on and seals them for a segment.
    void seal(uint64_t first_lsn, uint32_t seed);

  private:
    void add(RecordType type, std::span<const std::byte> payload);
    void begin(RecordType type);
    void end();

    std::vector<std::byte> buffer_;
    size_t frame_at_ = 0;
    uint32_t frames_ = 0;
    bool fits_ = true;
};

// Each returns nothing when the payload does not make sense.
bool decode_samples(std::span<const std::byte> payload,
                    std::vector<Sample>& samples,
                    NumberedStamp& stamp);
std::optional<SeriesDefinition> decode_series(std::span<const std::byte> payload);
struct MetadataRecord {
    SeriesId series;
    SeriesMetadata metadata;
};
std::optional<MetadataRecord> decode_metadata(std::span<const std::byte> payload);
struct SourceRecord {
    uint32_t number = 0;
    uint64_t source = 0;
};
std::optional<SourceRecord> decode_source(std::span<const std::byte> payload);
std::optional<uint64_t> decode_sync_mark(std::span<const std::byte> payload);
std::optional<SegmentStart> decode_segment_start(std::span<const std::byte> payload);

}  // namespace cistern::store
