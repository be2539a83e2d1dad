// SPDX-License-Identifier: MIT
#include "store/partition/partition_writer.h"

#include "store/base/assert.h"
#include "store/base/bytes.h"
#include "store/base/crc32c.h"
#include "store/codec/doubles.h"
#include "store/codec/integers.h"
#include "store/codec/times.h"
#include "store/partition/block_index.h"
#include "store/partition/block_statistics.h"
#include "store/partition/frame.h"
#include "store/partition/value_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <unordered_map>

namespace cistern::store {
namespace {

constexpr size_t kBufferBytes = size_t{256} << 10;
// Time columns kept as written, to compare with: the fields of one message come one after the
// other.
constexpr size_t kRecentTimes = 4;

template <class Struct>
std::span<const std::byte> sealed_bytes(Struct& plain) {
    const auto bytes = std::as_writable_bytes(std::span(&plain, 1));
    plain.crc = crc32c(bytes.first(offsetof(Struct, crc)));
    return bytes;
}

uint64_t hash_times(std::span<const TimestampNs> times) {
    uint64_t hash = times.size();
    for (const TimestampNs time : times) {
        hash = (hash ^ static_cast<uint64_t>(time)) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 32;
    }
    return hash;
}

class Writer final : public PartitionWriter {
  public:
    Writer(FileSystem& fs, std::string path, PartitionIdentity identity, uint32_t block_samples_max)
        : fs_(fs),
          path_(std::move(path)),
          identity_(identity),
          block_samples_max_(block_samples_max),
          effort_(identity.sealed ? codec::Effort::Seal : codec::Effort::Fast) {}

    ~Writer() override {
        if (file_ != nullptr) {
            file_.reset();
            // Best effort: an unfinished file has a name that nobody opens.
            [[maybe_unused]] const Status removed = fs_.remove(temporary_path());
        }
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    Status open() {
        file_ = TRY(fs_.open(temporary_path(), OpenMode::Create));
        FileHeader header{};
        header.magic = kPartitionMagic;
        header.version = kPartitionVersion;
        header.flags = identity_.sealed ? kPartitionSealed : 0;
        header.period_begin_ns = identity_.period.begin;
        header.period_end_ns = identity_.period.end;
        header.generation = identity_.generation;
        header.block_samples_max = block_samples_max_;
        header.wal_lsn_max = identity_.wal_lsn_max;
        const auto bytes = sealed_bytes(header);
        directory_.header = header;
        buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
        return {};
    }

    Status add(const SeriesColumns& columns) override {
        TRY(check(columns));
        const size_t samples = columns.timestamps.size();
        if (samples == 0) {
            return {};
        }
        if (!blocks_.empty() && blocks_.back().type != columns.type) {
            TRY(flush_block_page());
        }
        directory_.series.push_back(columns.series);
        if (columns.type == ValueType::Int) {
            directory_.int_series.push_back(columns.series);
        }
        codec::DoubleEncoder encoder;
        // Cut evenly, and by the number of samples alone: equal columns are cut at equal places.
        const size_t blocks = (samples + block_samples_max_ - 1) / block_samples_max_;
        for (size_t block = 0; block < blocks; ++block) {
            const size_t begin = samples * block / blocks;
            const size_t count = samples * (block + 1) / blocks - begin;
            TRY(add_block({columns.series,
                           columns.type,
                           columns.timestamps.subspan(begin, count),
                           columns.values.subspan(begin, count)},
                          encoder));
        }
        result_.samples += samples;
        first_ns_ = std::min(first_ns_, columns.timestamps.front());
        last_ns_ = std::max(last_ns_, columns.timestamps.back());
        return {};
    }

    Result<PartitionWriteResult> finish() override {
        CISTERN_ASSERT(file_ != nullptr);
        TRY(flush_block_page());
        TRY(flush_time_page());
        const uint64_t at = position();
        append_frame(
            FrameKind::Directory, buffer_, [&](auto& out) { encode_directory(directory_, out); });
        FileTrailer trailer{};
        trailer.directory_offset = at;
        trailer.directory_bytes = static_cast<uint32_t>(position() - at);
        trailer.samples = result_.samples;
        trailer.first_ns = result_.samples > 0 ? first_ns_ : 0;
        trailer.last_ns = result_.samples > 0 ? last_ns_ : 0;
        trailer.series = static_cast<uint32_t>(directory_.series.size());
        trailer.value_blocks = value_blocks_;
        trailer.time_blocks = static_cast<uint32_t>(times_.size());
        trailer.version = kPartitionVersion;
        trailer.magic = kPartitionMagic;
        const auto bytes = sealed_bytes(trailer);
        buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
        TRY(flush_buffer());
        TRY(file_->sync_data());
        TRY(fs_.rename(temporary_path(), path_));
        file_.reset();
        TRY(fs_.sync_directory(parent_directory(path_)));
        result_.file_bytes = written_;
        result_.first_ns = trailer.first_ns;
        result_.last_ns = trailer.last_ns;
        return result_;
    }

  private:
    [[nodiscard]] std::string temporary_path() const { return path_ + ".tmp"; }
    [[nodiscard]] uint64_t position() const { return written_ + buffer_.size(); }

    Status check(const SeriesColumns& columns) const {
        CISTERN_ASSERT(file_ != nullptr);
        const auto refuse = [&](const char* reason) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("{}: series {}: {}", path_, columns.series.value(), reason));
        };
        if (columns.timestamps.size() != columns.values.size()) {
            return refuse("timestamps and values differ in number");
        }
        if (!directory_.series.empty() && columns.series <= directory_.series.back()) {
            return refuse("series must be added in ascending order");
        }
        for (size_t i = 1; i < columns.timestamps.size(); ++i) {
            if (columns.timestamps[i] <= columns.timestamps[i - 1]) {
                return refuse("timestamps must be ascending and unique");
            }
        }
        return {};
    }

    Status add_block(const SeriesColumns& block, codec::DoubleEncoder& encoder) {
        const uint32_t ordinal = TRY(time_block(block.timestamps));
        IndexedBlock indexed;
        indexed.series = block.series;
        indexed.type = block.type;
        BlockEntry& entry = indexed.entry;
        measure_values(block.values, block.type, entry);
        entry.time_block = ordinal;
        entry.offset = position();
        const FrameKind kind = block.type == ValueType::Int ? FrameKind::Int : FrameKind::Float;
        append_frame(kind, buffer_, [&](auto& out) {
            ByteWriter head;
            head.varint(block.series.value());
            head.varint(entry.offset - times_[ordinal].offset);
            out.insert(out.end(), head.bytes().begin(), head.bytes().end());
            encode_values(block, encoder, out);
        });
        entry.bytes = static_cast<uint32_t>(position() - entry.offset);
        result_.value_bytes += entry.bytes;
        ++value_blocks_;
        blocks_.push_back(indexed);
        if (blocks_.size() == kPageEntries) {
            TRY(flush_block_page());
        }
        return buffer_.size() < kBufferBytes ? Status{} : flush_buffer();
    }

    void encode_values(const SeriesColumns& block,
                       codec::DoubleEncoder& encoder,
                       std::vector<std::byte>& out) {
        if (block.type == ValueType::Int) {
            ints_.resize(block.values.size());
            std::transform(
                block.values.begin(), block.values.end(), ints_.begin(), [](ValueBits value) {
                    return value.as_int();
                });
            codec::encode_integers(ints_, effort_, out);
        } else {
            doubles_.resize(block.values.size());
            std::transform(
                block.values.begin(), block.values.end(), doubles_.begin(), [](ValueBits value) {
                    return value.as_double();
                });
            encoder.encode(doubles_, effort_, out);
        }
    }

    // The number of the time block that holds exactly these, written now unless it is there.
    Result<uint32_t> time_block(std::span<const TimestampNs> times) {
        const uint64_t hash = hash_times(times);
        const auto [begin, end] = by_hash_.equal_range(hash);
        for (auto found = begin; found != end; ++found) {
            if (TRY(holds(found->second, times))) {
                return found->second;
            }
        }
        TimeEntry entry;
        entry.offset = position();
        entry.count = static_cast<uint32_t>(times.size());
        entry.first_ns = times.front();
        entry.last_ns = times.back();
        append_frame(FrameKind::Time, buffer_, [&](auto& out) {
            ByteWriter head;
            head.varint(times.size());
            out.insert(out.end(), head.bytes().begin(), head.bytes().end());
            codec::encode_times(times, effort_, out);
        });
        entry.bytes = static_cast<uint32_t>(position() - entry.offset);
        result_.time_bytes += entry.bytes;
        const auto ordinal = static_cast<uint32_t>(times_.size());
        times_.push_back(entry);
        by_hash_.emplace(hash, ordinal);
        remember(ordinal, {times.begin(), times.end()});
        if (times_.size() - time_pages_entries_ == kPageEntries) {
            TRY(flush_time_page());
        }
        return ordinal;
    }

    void remember(uint32_t ordinal, std::vector<TimestampNs> times) {
        recent_[recent_next_] = {ordinal, std::move(times)};
        recent_next_ = (recent_next_ + 1) % kRecentTimes;
    }

    Result<bool> holds(uint32_t ordinal, std::span<const TimestampNs> times) {
        const TimeEntry& entry = times_[ordinal];
        if (entry.count != times.size() || entry.first_ns != times.front() ||
            entry.last_ns != times.back()) {
            return false;
        }
        const auto equal = [&](const std::vector<TimestampNs>& other) {
            return std::equal(times.begin(), times.end(), other.begin(), other.end());
        };
        for (const auto& [recent, column] : recent_) {
            if (recent == ordinal && !column.empty()) {
                return equal(column);
            }
        }
        if (entry.offset + entry.bytes > written_) {
            TRY(flush_buffer());
        }
        const Frame frame = TRY(read_frame(*file_, entry.offset, entry.bytes));
        std::vector<TimestampNs> column =
            TRY(decode_time_block(frame, entry.offset).with_context(path_));
        const bool found = equal(column);
        remember(ordinal, std::move(column));
        return found;
    }

    Status flush_block_page() {
        if (blocks_.empty()) {
            return {};
        }
        PageLink link;
        link.offset = position();
        link.entries = static_cast<uint32_t>(blocks_.size());
        link.first_series = blocks_.front().series;
        append_frame(
            FrameKind::BlockPage, buffer_, [&](auto& out) { encode_block_page(blocks_, out); });
        link.bytes = static_cast<uint32_t>(position() - link.offset);
        directory_.block_pages.push_back(link);
        blocks_.clear();
        return {};
    }

    Status flush_time_page() {
        const auto fresh = std::span(times_).subspan(time_pages_entries_);
        if (fresh.empty()) {
            return {};
        }
        PageLink link;
        link.offset = position();
        append_frame(
            FrameKind::TimePage, buffer_, [&](auto& out) { encode_time_page(fresh, out); });
        link.bytes = static_cast<uint32_t>(position() - link.offset);
        directory_.time_pages.push_back(link);
        time_pages_entries_ = times_.size();
        return {};
    }

    Status flush_buffer() {
        TRY(file_->pwrite(written_, buffer_));
        written_ += buffer_.size();
        buffer_.clear();
        return {};
    }

    FileSystem& fs_;
    const std::string path_;
    const PartitionIdentity identity_;
    const uint32_t block_samples_max_;
    const codec::Effort effort_;

    std::unique_ptr<File> file_;  // null when finished
    uint64_t written_ = 0;
    std::vector<std::byte> buffer_;  // not yet in the file

    std::vector<TimeEntry> times_;   // by ordinal
    size_t time_pages_entries_ = 0;  // of times_, already in pages
    std::unordered_multimap<uint64_t, uint32_t> by_hash_;
    std::array<std::pair<uint32_t, std::vector<TimestampNs>>, kRecentTimes> recent_;
    size_t recent_next_ = 0;

    std::vector<IndexedBlock> blocks_;  // not yet in a page
    uint32_t value_blocks_ = 0;
    Directory directory_;
    std::vector<double> doubles_;
    std::vector<int64_t> ints_;

    PartitionWriteResult result_;
    TimestampNs first_ns_ = std::numeric_limits<TimestampNs>::max();
    TimestampNs last_ns_ = std::numeric_limits<TimestampNs>::min();
};

}  // namespace

Result<std::unique_ptr<PartitionWriter>> PartitionWriter::create(FileSystem& fs,
                                                                 std::string path,
                                                                 PartitionIdentity identity,
                                                                 uint32_t block_samples_max) {
    if (block_samples_max == 0 || block_samples_max > kBlockSamplesMax) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{}: blocks of {} samples: 1 to {} are possible",
                                path,
                                block_samples_max,
                                kBlockSamplesMax));
    }
    auto writer = std::make_unique<Writer>(fs, std::move(path), identity, block_samples_max);
    TRY(writer->open());
    return writer;
}

}  // namespace cistern::store
