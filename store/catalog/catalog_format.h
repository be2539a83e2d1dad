// SPDX-License-Identifier: MIT
// The bytes of catalog.log, shared by writer and reader; docs/formats/catalog.md explains them.
// Little-endian. A file is one header and then records; a record never depends on another one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cistern::store {

inline constexpr uint64_t kCatalogMagic = 0x474f4c5441435343ULL;  // "CSCATLOG"
inline constexpr uint32_t kCatalogVersion = 1;

struct CatalogFileHeader {
    uint64_t magic = kCatalogMagic;
    uint32_t version = kCatalogVersion;
    uint32_t crc = 0;  // CRC-32C of the 12 bytes before
};
static_assert(sizeof(CatalogFileHeader) == 16);
static_assert(offsetof(CatalogFileHeader, version) == 8);
static_assert(offsetof(CatalogFileHeader, crc) == 12);

// Begins every record, so that a reader finds the next one behind damage.
inline constexpr uint32_t kCatalogRecordMarker = 0x52544143;  // "CATR"

enum class CatalogRecordType : uint8_t {
    Definition =
        1,         // varint id, u8 value type, varint n, n x (text name, text value) sorted by name
    Metadata = 2,  // varint id, svarint stale_after_ns, text unit, text help, text type
    ReservedIds = 3,  // varint end: ids below it have been given out
};

struct CatalogRecordHeader {
    uint32_t marker = kCatalogRecordMarker;
    uint32_t crc = 0;              // CRC-32C of length_and_type and the payload
    uint32_t length_and_type = 0;  // payload bytes | type << 24

    [[nodiscard]] uint32_t length() const { return length_and_type & 0xffffff; }
    [[nodiscard]] uint8_t type() const { return static_cast<uint8_t>(length_and_type >> 24); }
};
static_assert(sizeof(CatalogRecordHeader) == 12);
static_assert(offsetof(CatalogRecordHeader, crc) == 4);
static_assert(offsetof(CatalogRecordHeader, length_and_type) == 8);

// 65 labels of the largest size fit.
inline constexpr uint32_t kCatalogPayloadBytesMax = 512 * 1024;
inline constexpr size_t kMetadataTextBytesMax = 4096;

}  // namespace cistern::store
