// SPDX-License-Identifier: MIT
#include "store/catalog/catalog_log.h"

#include "store/base/crc32c.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace cistern::store {
namespace {

constexpr size_t kReadBytes = 2 << 20;
constexpr uint64_t kWarningsMax = 20;
constexpr size_t kRecordBytesMax = sizeof(CatalogRecordHeader) + kCatalogPayloadBytesMax;
constexpr size_t kMarkerBytes = sizeof(uint32_t);

// Fills in the header of the record that begins at `begin`.
void finish_record(ByteWriter& out, size_t begin, CatalogRecordType type) {
    const auto payload = static_cast<uint32_t>(out.size() - begin - sizeof(CatalogRecordHeader));
    const size_t checked = begin + offsetof(CatalogRecordHeader, length_and_type);
    out.patch_u32(checked, payload | static_cast<uint32_t>(type) << 24);
    out.patch_u32(begin + offsetof(CatalogRecordHeader, crc), crc32c(out.bytes().subspan(checked)));
}

size_t begin_record(ByteWriter& out) {
    const size_t begin = out.size();
    out.u32(kCatalogRecordMarker);
    out.u32(0);
    out.u32(0);
    return begin;
}

uint32_t header_crc(const CatalogFileHeader& header) {
    return crc32c(std::as_bytes(std::span(&header, 1)).first(offsetof(CatalogFileHeader, crc)));
}

bool read_definition(ByteReader& reader, CatalogRecord& into) {
    into.value_type = static_cast<ValueType>(reader.u8());
    const uint64_t count = reader.varint();
    into.labels.clear();
    if (count > kLabelCountMax + 1 ||
        (into.value_type != ValueType::Float && into.value_type != ValueType::Int)) {
        return false;
    }
    for (uint64_t i = 0; i < count; ++i) {
        const LabelView label{reader.text(), reader.text()};
        const bool good = !label.name.empty() && label.name.size() <= kLabelNameBytesMax &&
                          !label.value.empty() && label.value.size() <= kLabelValueBytesMax &&
                          (into.labels.empty() || into.labels.back().name < label.name);
        if (!good) {
            return false;
        }
        into.labels.push_back(label);
    }
    return true;
}

bool read_metadata(ByteReader& reader, CatalogRecord& into) {
    into.metadata.stale_after_ns = reader.svarint();
    for (std::string* text : {&into.metadata.unit, &into.metadata.help, &into.metadata.type}) {
        const std::string_view found = reader.text();
        if (found.size() > kMetadataTextBytesMax) {
            return false;
        }
        *text = found;
    }
    return true;
}

bool read_payload(std::span<const std::byte> payload, uint8_t type, CatalogRecord& into) {
    ByteReader reader(payload);
    const uint64_t id = reader.varint();
    if (id == 0 || id > kSeriesIdMax) {
        return false;
    }
    into.id = static_cast<uint32_t>(id);
    into.type = static_cast<CatalogRecordType>(type);
    bool good = false;
    switch (into.type) {
        case CatalogRecordType::Definition:
            good = read_definition(reader, into);
            break;
        case CatalogRecordType::Metadata:
            good = read_metadata(reader, into);
            break;
        case CatalogRecordType::ReservedIds:
            good = true;
            break;
    }
    return good && reader.ok() && reader.at_end();
}

}  // namespace

void append_file_header(ByteWriter& out) {
    CatalogFileHeader header;
    header.crc = header_crc(header);
    out.raw(std::as_bytes(std::span(&header, 1)));
}

void append_definition(ByteWriter& out,
                       uint32_t id,
                       ValueType type,
                       std::span<const LabelView> labels) {
    const size_t begin = begin_record(out);
    out.varint(id);
    out.u8(static_cast<uint8_t>(type));
    out.varint(labels.size());
    for (const LabelView& label : labels) {
        out.text(label.name);
        out.text(label.value);
    }
    finish_record(out, begin, CatalogRecordType::Definition);
}

void append_metadata(ByteWriter& out, uint32_t id, const SeriesMetadata& metadata) {
    const size_t begin = begin_record(out);
    out.varint(id);
    out.svarint(metadata.stale_after_ns);
    out.text(metadata.unit);
    out.text(metadata.help);
    out.text(metadata.type);
    finish_record(out, begin, CatalogRecordType::Metadata);
}

void append_reserved_ids(ByteWriter& out, uint32_t end) {
    const size_t begin = begin_record(out);
    out.varint(end);
    finish_record(out, begin, CatalogRecordType::ReservedIds);
}

Result<CatalogLogReader> CatalogLogReader::open(FileSystem& fs, const std::string& path) {
    auto file = TRY(fs.open(path, OpenMode::Read));
    const uint64_t size = TRY(file->size());
    CatalogLogReader reader(std::move(file), path, size);
    TRY(reader.read_header());
    return reader;
}

Status CatalogLogReader::read_header() {
    CatalogFileHeader header;
    TRY(fill(sizeof(header)));
    if (ahead().size() < sizeof(header)) {
        return {};  // next() reports it as a torn tail
    }
    std::memcpy(&header, ahead().data(), sizeof(header));
    if (header.magic != kCatalogMagic || header.crc != header_crc(header)) {
        return {};  // next() reports it as damage and looks for the first record
    }
    if (header.version > kCatalogVersion) {
        return fail(ErrorCode::Unsupported,
                    fmt::format("{} has version {}, this program knows up to {}",
                                path_,
                                header.version,
                                kCatalogVersion));
    }
    header_is_good_ = true;
    at_ = sizeof(header);
    end_ = sizeof(header);
    return {};
}

// Makes `wanted` bytes available ahead, or all that the file has.
Status CatalogLogReader::fill(size_t wanted) {
    if (ahead().size() >= wanted || buffer_offset_ + buffer_.size() >= size_) {
        return {};
    }
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<ptrdiff_t>(at_));
    buffer_offset_ += at_;
    at_ = 0;
    const size_t have = buffer_.size();
    const uint64_t left = size_ - buffer_offset_ - have;
    buffer_.resize(have +
                   static_cast<size_t>(std::min<uint64_t>(left, std::max(wanted, kReadBytes))));
    const size_t got = TRY(file_->pread(buffer_offset_ + have, std::span(buffer_).subspan(have)));
    buffer_.resize(have + got);
    if (got == 0) {
        size_ = buffer_offset_ + have;  // it shrank
    }
    return {};
}

// Bytes of the record at at_, or 0 when there is none that verifies.
size_t CatalogLogReader::try_record(CatalogRecord& into) const {
    const auto bytes = ahead();
    CatalogRecordHeader header;
    if (bytes.size() < sizeof(header)) {
        return 0;
    }
    std::memcpy(&header, bytes.data(), sizeof(header));
    const size_t size = sizeof(header) + header.length();
    if (header.marker != kCatalogRecordMarker || header.length() > kCatalogPayloadBytesMax ||
        size > bytes.size()) {
        return 0;
    }
    constexpr size_t kChecked = offsetof(CatalogRecordHeader, length_and_type);
    if (header.crc != crc32c(bytes.subspan(kChecked, size - kChecked))) {
        return 0;
    }
    return read_payload(bytes.subspan(sizeof(header), header.length()), header.type(), into) ? size
                                                                                             : 0;
}

void CatalogLogReader::report_damage(uint64_t begin, uint64_t end, bool tail) {
    if (++damage_count_ > kWarningsMax) {
        return;
    }
    warnings_.push_back(
        tail ? fmt::format(
                   "{}: the last {} bytes, from offset {}, are no whole record and are dropped",
                   path_,
                   end - begin,
                   begin)
             : fmt::format(
                   "{}: {} damaged bytes at offset {} are skipped", path_, end - begin, begin));
}

Result<bool> CatalogLogReader::next(CatalogRecord& into) {
    const uint64_t begin = position();
    for (;;) {
        TRY(fill(kRecordBytesMax));
        const size_t size = try_record(into);
        if (size > 0) {
            if (position() > begin) {
                report_damage(begin, position(), false);
            }
            at_ += size;
            end_ = position();
            return true;
        }
        if (ahead().size() < kMarkerBytes + 1) {
            at_ = buffer_.size();
            if (position() > begin) {
                report_damage(begin, position(), true);
            }
            return false;
        }
        // The next place where a record may begin; the last bytes wait for more of the file.
        const auto rest = ahead().subspan(1);
        const uint32_t marker = kCatalogRecordMarker;
        const void* found = ::memmem(rest.data(), rest.size(), &marker, sizeof(marker));
        const size_t skipped =
            found == nullptr
                ? rest.size() - (kMarkerBytes - 1)
                : static_cast<size_t>(static_cast<const std::byte*>(found) - rest.data());
        at_ += 1 + skipped;
    }
}

}  // namespace cistern::store
