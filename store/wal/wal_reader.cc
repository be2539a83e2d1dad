// SPDX-License-Identifier: MIT
#include "store/wal/wal_reader.h"

#include "store/wal/wal_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace cistern::store {
namespace {

struct SegmentFile {
    uint64_t id = 0;
    uint64_t bytes = 0;
    std::optional<SegmentStart> start;
};

class LogReading {
  public:
    LogReading(FileSystem& fs, const std::string& folder, uint64_t flushed_lsn, WalVisitor& visitor)
        : fs_(fs), folder_(folder), flushed_lsn_(flushed_lsn), visitor_(visitor) {}

    Result<WalReport> run() {
        const auto files = TRY(list_segments());
        for (size_t i = 0; i < files.size(); ++i) {
            // Where the next readable segment says that this one ends.
            std::optional<uint64_t> limit;
            size_t next = i + 1;
            for (; next < files.size() && !limit; ++next) {
                if (files[next].start) {
                    limit = files[next].start->previous_end_lsn;
                }
            }
            limit_is_own_ = limit && next == i + 2;
            read_segment(files[i], limit);
        }
        return std::move(report_);
    }

  private:
    Result<std::vector<SegmentFile>> list_segments() {
        std::vector<SegmentFile> files;
        if (!TRY(fs_.exists(folder_))) {
            return files;
        }
        for (const DirectoryEntry& entry : TRY(fs_.list(folder_))) {
            if (const auto id = parse_segment_file_name(entry.name); id && !entry.is_directory) {
                files.push_back({*id, entry.size, read_start(*id)});
                report_.next_segment_id = std::max(report_.next_segment_id, *id + 1);
            }
        }
        std::sort(
            files.begin(), files.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
        return files;
    }

    std::optional<SegmentStart> read_start(uint64_t id) {
        auto bytes = read_bytes(id, kStartBytesMax);
        if (!bytes) {
            return std::nullopt;
        }
        const auto frame = parse_frame(*bytes, segment_seed(id), 0);
        if (!frame || frame->type != RecordType::SegmentStart) {
            return std::nullopt;
        }
        return decode_segment_start(frame->payload);
    }

    Result<std::vector<std::byte>> read_bytes(uint64_t id, uint64_t most) {
        auto file = TRY(fs_.open(folder_ + "/" + segment_file_name(id), OpenMode::Read));
        std::vector<std::byte> bytes(std::min(most, TRY(file->size())));
        bytes.resize(TRY(file->pread(0, bytes)));
        return bytes;
    }

    void read_segment(const SegmentFile& file, std::optional<uint64_t> limit) {
        WalSegmentInfo info{
            file.id, file.bytes, 0, file.start ? file.start->first_lsn : 0, end(), 0, false};
        if (limit && *limit <= flushed_lsn_) {
            info.skipped = true;
            info.last_lsn = *limit;
            report_.end_lsn = std::max(end(), *limit);
            report_.segments.push_back(info);
            return;
        }
        const auto bytes = read_bytes(file.id, UINT64_MAX);
        if (!bytes) {
            fault(file.id, 0, bytes.error().message);
            report_.segments.push_back(info);
            return;
        }
        if (file.start) {
            sources_ = file.start->sources;
            if (file.start->previous_end_lsn > std::max(end(), flushed_lsn_)) {
                fault(file.id, 0, "the records before this segment are missing");
            }
            report_.end_lsn =
                std::max(end(), std::min(file.start->previous_end_lsn, limit.value_or(UINT64_MAX)));
        }
        // The start's own lsn is the one before the first.
        const uint64_t floor = file.start ? file.start->first_lsn - 1 : end() + 1;
        accept(scan_segment(*bytes, file.id, floor), limit, info, file.start);
        info.last_lsn = end();
        report_.segments.push_back(info);
    }

    void accept(const std::vector<FoundFrame>& frames,
                std::optional<uint64_t> limit,
                WalSegmentInfo& info,
                const std::optional<SegmentStart>& start) {
        const uint64_t durable = limit ? *limit : marked_durable(frames, start);
        // Up to the segment's own beginning nothing is missing, however far its numbers jumped.
        uint64_t expected =
            std::max(end() + 1, start ? start->first_lsn : first_after_jump(frames));
        uint64_t offset = 0;
        for (size_t i = 0; i < frames.size(); ++i) {
            const Frame& frame = frames[i].frame;
            if (frame.lsn > limit.value_or(UINT64_MAX)) {
                report_.dropped_frames += frames.size() - i;
                break;
            }
            if (frame.type != RecordType::SegmentStart && frame.lsn >= expected) {
                if (frame.lsn > expected && frame.lsn - 1 > durable) {
                    report_.dropped_frames += frames.size() - i;
                    break;
                }
                if (frame.lsn > expected) {
                    fault(info.id,
                          offset,
                          fmt::format("{} damaged records skipped", frame.lsn - expected));
                }
                deliver(frame, info.id, frames[i].offset);
                report_.end_lsn = frame.lsn;
                expected = frame.lsn + 1;
                ++info.frames;
            }
            offset = frames[i].offset + frame.bytes;
            info.used_bytes = offset;
        }
        if (expected <= durable && (!limit || limit_is_own_)) {
            fault(
                info.id, offset, fmt::format("{} damaged records skipped", durable - expected + 1));
            report_.end_lsn = std::max(end(), durable);
        }
    }

    // The lsn of a segment's first frame when the start in front of it is damaged.
    static uint64_t first_after_jump(const std::vector<FoundFrame>& frames) {
        const uint64_t lsn = frames.empty() ? 0 : frames.front().frame.lsn;
        return lsn % kLsnJump == 0 ? lsn : 0;
    }

    // What a later record of the last segment says was on the device.
    static uint64_t marked_durable(const std::vector<FoundFrame>& frames,
                                   const std::optional<SegmentStart>& start) {
        uint64_t durable = start ? start->previous_end_lsn : 0;
        for (const FoundFrame& found : frames) {
            if (found.frame.type == RecordType::SyncMark) {
                durable = std::max(durable, decode_sync_mark(found.frame.payload).value_or(0));
            }
        }
        return durable;
    }

    void deliver(const Frame& frame, uint64_t segment_id, uint64_t offset) {
        bool understood = true;
        switch (frame.type) {
            case RecordType::Samples:
                understood = deliver_samples(frame);
                break;
            case RecordType::Series:
                if (const auto definition = decode_series(frame.payload)) {
                    visitor_.on_series(frame.lsn, *definition);
                } else {
                    understood = false;
                }
                break;
            case RecordType::Metadata:
                if (const auto record = decode_metadata(frame.payload)) {
                    visitor_.on_metadata(frame.lsn, record->series, record->metadata);
                } else {
                    understood = false;
                }
                break;
            case RecordType::Source:
                understood = define_source(frame);
                break;
            case RecordType::SegmentStart:
            case RecordType::SyncMark:
            case RecordType::Event:
            case RecordType::EventName:
                break;
        }
        if (!understood) {
            fault(segment_id, offset, "a record with a good checksum cannot be understood");
        }
        ++report_.records;
    }

    bool deliver_samples(const Frame& frame) {
        if (frame.lsn <= flushed_lsn_) {
            return true;
        }
        NumberedStamp stamp;
        if (!decode_samples(frame.payload, samples_, stamp)) {
            return false;
        }
        MessageStamp full;
        if (stamp.source_number > 0 && stamp.source_number <= sources_.size()) {
            full = {sources_[stamp.source_number - 1], stamp.sequence, stamp.hash, stamp.flags};
        }
        visitor_.on_samples(frame.lsn, samples_, full);
        return true;
    }

    bool define_source(const Frame& frame) {
        const auto record = decode_source(frame.payload);
        if (!record) {
            return false;
        }
        sources_.resize(std::max<size_t>(sources_.size(), record->number));
        sources_[record->number - 1] = record->source;
        return true;
    }

    void fault(uint64_t segment_id, uint64_t offset, std::string reason) {
        report_.faults.push_back({segment_file_name(segment_id), offset, std::move(reason)});
    }
    [[nodiscard]] uint64_t end() const { return report_.end_lsn; }

    static constexpr uint64_t kStartBytesMax = 64 << 10;

    FileSystem& fs_;
    const std::string& folder_;
    const uint64_t flushed_lsn_;
    WalVisitor& visitor_;
    WalReport report_;
    bool limit_is_own_ = false;  // the limit comes from the very next segment
    std::vector<uint64_t> sources_;
    std::vector<Sample> samples_;  // reused
};

}  // namespace

uint64_t lsn_after_reopen(uint64_t end_lsn) {
    return (end_lsn / kLsnJump + 2) * kLsnJump;
}

Result<WalReport> read_wal(FileSystem& fs,
                           const std::string& folder,
                           uint64_t flushed_lsn,
                           WalVisitor& visitor) {
    return LogReading(fs, folder, flushed_lsn, visitor).run();
}

}  // namespace cistern::store
