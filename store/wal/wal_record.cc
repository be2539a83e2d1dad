// SPDX-License-Identifier: MIT
#include "store/wal/wal_record.h"

#include "store/base/bytes.h"
#include "store/wal/wal_value.h"

#include <limits>

namespace cistern::store {
namespace {

// First byte of a Samples payload.
constexpr uint8_t kOneTimestamp = 0x01;  // all samples share the first one's
constexpr uint8_t kUnitShift = 1;        // two bits: index into kUnitNs
constexpr uint8_t kUnitMask = 0x03;
constexpr uint8_t kStamped = 0x08;
constexpr uint8_t kSeriesInStep = 0x10;  // every id is the one before plus 1

constexpr int64_t kUnitNs[] = {1, 1'000, 1'000'000, 1'000'000'000};
constexpr size_t kStampBytesMax = 5 + 10 + 8 + 5;
constexpr size_t kSamplesHeadBytesMax = 1 + kStampBytesMax + 10 + 10 + 5;
constexpr size_t kSampleBytesMax = 5 + 10 + kWalValueBytesMax;

struct BatchShape {
    bool one_timestamp = true;
    bool series_in_step = true;
    uint8_t unit = 3;
};

BatchShape shape_of(std::span<const Sample> samples) {
    BatchShape shape;
    const auto fit_unit = [&shape](int64_t t) {
        while (shape.unit > 0 && t % kUnitNs[shape.unit] != 0) {
            --shape.unit;
        }
    };
    fit_unit(samples.front().timestamp);
    for (size_t i = 1; i < samples.size(); ++i) {
        if (samples[i].timestamp != samples[i - 1].timestamp) {
            shape.one_timestamp = false;
            fit_unit(samples[i].timestamp);
        }
        shape.series_in_step &= samples[i].series.value() == samples[i - 1].series.value() + 1;
    }
    return shape;
}

uint8_t* put_stamp(uint8_t* at, const NumberedStamp& stamp) {
    at = detail::put_varint(at, stamp.source_number);
    at = detail::put_varint(at, stamp.sequence);
    std::memcpy(at, &stamp.hash, sizeof(stamp.hash));
    return detail::put_varint(at + sizeof(stamp.hash), stamp.flags);
}

uint8_t* put_samples(uint8_t* at, std::span<const Sample> samples, const BatchShape& shape) {
    const int64_t unit = kUnitNs[shape.unit];
    const Sample& first = samples.front();
    at = detail::put_varint(at, samples.size());
    at = detail::put_varint(at, zigzag(first.timestamp / unit));
    at = detail::put_varint(at, first.series.value());
    int64_t last_series = first.series.value();
    int64_t last_timestamp = first.timestamp;
    int decimals = 1;
    for (const Sample& sample : samples) {
        if (!shape.series_in_step) {
            at = detail::put_varint(at, zigzag(sample.series.value() - last_series));
            last_series = sample.series.value();
        }
        if (!shape.one_timestamp) {
            // Unsigned: far apart timestamps wrap, and wrap back when read.
            const auto step = static_cast<int64_t>(static_cast<uint64_t>(sample.timestamp / unit) -
                                                   static_cast<uint64_t>(last_timestamp / unit));
            at = detail::put_varint(at, zigzag(step));
            last_timestamp = sample.timestamp;
        }
        at = put_wal_value(at, sample.value, decimals);
    }
    return at;
}

}  // namespace

void WalBatch::clear() {
    buffer_.clear();
    frames_ = 0;
    fits_ = true;
}

void WalBatch::begin(RecordType type) {
    frame_at_ = buffer_.size();
    buffer_.resize(frame_at_ + kFrameHeaderBytes);
    buffer_[frame_at_ + 7] = static_cast<std::byte>(type);
}

void WalBatch::end() {
    const size_t payload = buffer_.size() - frame_at_ - kFrameHeaderBytes;
    fits_ = fits_ && payload <= kFramePayloadBytesMax;
    for (size_t i = 0; i < 3; ++i) {
        buffer_[frame_at_ + 4 + i] = static_cast<std::byte>(payload >> (8 * i));
    }
    ++frames_;
}

void WalBatch::add(RecordType type, std::span<const std::byte> payload) {
    begin(type);
    buffer_.insert(buffer_.end(), payload.begin(), payload.end());
    end();
}

void WalBatch::add_samples(std::span<const Sample> samples, const NumberedStamp& stamp) {
    if (samples.empty() && stamp.source_number == 0) {
        return;
    }
    begin(RecordType::Samples);
    const size_t payload_at = buffer_.size();
    buffer_.resize(payload_at + kSamplesHeadBytesMax + samples.size() * kSampleBytesMax);
    auto* const start = reinterpret_cast<uint8_t*>(buffer_.data()) + payload_at;
    const BatchShape shape = samples.empty() ? BatchShape{} : shape_of(samples);
    uint8_t* at = start;
    *at++ = static_cast<uint8_t>(
        (shape.one_timestamp ? kOneTimestamp : 0) | (shape.series_in_step ? kSeriesInStep : 0) |
        (stamp.source_number != 0 ? kStamped : 0) | shape.unit << kUnitShift);
    if (stamp.source_number != 0) {
        at = put_stamp(at, stamp);
    }
    at = samples.empty() ? detail::put_varint(at, 0) : put_samples(at, samples, shape);
    buffer_.resize(payload_at + static_cast<size_t>(at - start));
    end();
}

void WalBatch::add_series(const SeriesDefinition& definition) {
    ByteWriter writer;
    writer.varint(definition.id.value());
    writer.u8(static_cast<uint8_t>(definition.type));
    writer.varint(definition.labels.size());
    for (const Label& label : definition.labels.all()) {
        writer.text(label.name);
        writer.text(label.value);
    }
    add(RecordType::Series, writer.bytes());
}

void WalBatch::add_metadata(SeriesId series, const SeriesMetadata& metadata) {
    ByteWriter writer;
    writer.varint(series.value());
    writer.text(metadata.unit);
    writer.text(metadata.help);
    writer.text(metadata.type);
    writer.svarint(metadata.stale_after_ns);
    add(RecordType::Metadata, writer.bytes());
}

void WalBatch::add_source(uint32_t number, uint64_t source) {
    ByteWriter writer;
    writer.varint(number);
    writer.u64(source);
    add(RecordType::Source, writer.bytes());
}

void WalBatch::add_sync_mark(uint64_t synced_lsn) {
    ByteWriter writer;
    writer.varint(synced_lsn);
    add(RecordType::SyncMark, writer.bytes());
}

void WalBatch::add_segment_start(const SegmentStart& start) {
    ByteWriter writer;
    writer.u8(kWalVersion);
    writer.u64(start.segment_id);
    writer.varint(start.first_lsn);
    writer.varint(start.previous_end_lsn);
    writer.i64(start.created_ns);
    writer.varint(start.sources.size());
    for (const uint64_t source : start.sources) {
        writer.u64(source);
    }
    add(RecordType::SegmentStart, writer.bytes());
}

void WalBatch::seal(uint64_t first_lsn, uint32_t seed) {
    std::span<std::byte> left(buffer_);
    for (uint64_t lsn = first_lsn; !left.empty(); ++lsn) {
        const size_t size = frame_bytes(left);
        finish_frame(left.first(size), static_cast<RecordType>(left[7]), lsn, seed);
        left = left.subspan(size);
    }
}

bool decode_samples(std::span<const std::byte> payload,
                    std::vector<Sample>& samples,
                    NumberedStamp& stamp) {
    stamp = {};
    ByteReader reader(payload);
    const uint8_t shape = reader.u8();
    if ((shape & kStamped) != 0) {
        stamp.source_number = static_cast<uint32_t>(reader.varint());
        stamp.sequence = reader.varint();
        stamp.hash = reader.u64();
        stamp.flags = static_cast<uint32_t>(reader.varint());
    }
    const uint64_t count = reader.varint();
    if (!reader.ok() || count > reader.left()) {  // a sample takes a byte at least
        return false;
    }
    samples.resize(count);
    if (count == 0) {
        return reader.at_end();
    }
    const auto unit = static_cast<uint64_t>(kUnitNs[shape >> kUnitShift & kUnitMask]);
    auto units = static_cast<uint64_t>(reader.svarint());
    // Unsigned: nonsense wraps, and is seen to be beyond every id.
    uint64_t series = reader.varint();
    for (uint64_t i = 0; i < count && reader.ok(); ++i) {
        if ((shape & kSeriesInStep) == 0) {
            series += static_cast<uint64_t>(reader.svarint());
        } else if (i > 0) {
            ++series;
        }
        if ((shape & kOneTimestamp) == 0) {
            units += static_cast<uint64_t>(reader.svarint());
        }
        if (series > std::numeric_limits<uint32_t>::max()) {
            return false;
        }
        samples[i] = {SeriesId(static_cast<uint32_t>(series)),
                      static_cast<int64_t>(units * unit),
                      get_wal_value(reader)};
    }
    return reader.ok() && reader.at_end();
}

std::optional<SeriesDefinition> decode_series(std::span<const std::byte> payload) {
    ByteReader reader(payload);
    SeriesDefinition definition;
    definition.id = SeriesId(static_cast<uint32_t>(reader.varint()));
    const uint8_t type = reader.u8();
    const uint64_t count = reader.varint();
    std::vector<Label> labels;
    for (uint64_t i = 0; i < count && reader.ok(); ++i) {
        const auto name = reader.text();
        const auto value = reader.text();
        labels.push_back({std::string(name), std::string(value)});
    }
    if (!reader.ok() || !reader.at_end() || definition.id.value() == 0 || type < 1 || type > 2) {
        return std::nullopt;
    }
    definition.type = static_cast<ValueType>(type);
    definition.labels = Labels(std::move(labels));
    return definition;
}

std::optional<MetadataRecord> decode_metadata(std::span<const std::byte> payload) {
    ByteReader reader(payload);
    MetadataRecord record;
    record.series = SeriesId(static_cast<uint32_t>(reader.varint()));
    record.metadata.unit = reader.text();
    record.metadata.help = reader.text();
    record.metadata.type = reader.text();
    record.metadata.stale_after_ns = reader.svarint();
    if (!reader.ok() || !reader.at_end()) {
        return std::nullopt;
    }
    return record;
}

std::optional<SourceRecord> decode_source(std::span<const std::byte> payload) {
    ByteReader reader(payload);
    SourceRecord record;
    record.number = static_cast<uint32_t>(reader.varint());
    record.source = reader.u64();
    if (!reader.ok() || record.number == 0 || record.number > kWalSourcesMax) {
        return std::nullopt;
    }
    return record;
}

std::optional<uint64_t> decode_sync_mark(std::span<const std::byte> payload) {
    ByteReader reader(payload);
    const uint64_t lsn = reader.varint();
    return reader.ok() ? std::optional(lsn) : std::nullopt;
}

std::optional<SegmentStart> decode_segment_start(std::span<const std::byte> payload) {
    ByteReader reader(payload);
    if (reader.u8() != kWalVersion) {
        return std::nullopt;
    }
    SegmentStart start;
    start.segment_id = reader.u64();
    start.first_lsn = reader.varint();
    start.previous_end_lsn = reader.varint();
    start.created_ns = reader.i64();
    const uint64_t count = reader.varint();
    if (!reader.ok() || count > kWalSourcesMax) {
        return std::nullopt;
    }
    for (uint64_t i = 0; i < count; ++i) {
        start.sources.push_back(reader.u64());
    }
    return reader.ok() ? std::optional(std::move(start)) : std::nullopt;
}

}  // namespace cistern::store
