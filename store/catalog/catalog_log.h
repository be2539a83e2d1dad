// SPDX-License-Identifier: MIT
// Reading and building the records of catalog.log (catalog_format.h).
#pragma once

#include "store/base/bytes.h"
#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/catalog/catalog.h"
#include "store/catalog/catalog_format.h"
#include "store/catalog/series_index.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cistern::store {

void append_file_header(ByteWriter& out);
void append_definition(ByteWriter& out,
                       uint32_t id,
                       ValueType type,
                       std::span<const LabelView> labels);
void append_metadata(ByteWriter& out, uint32_t id, const SeriesMetadata& metadata);
void append_reserved_ids(ByteWriter& out, uint32_t end);

// Views and texts are valid until the next call of next().
struct CatalogRecord {
    CatalogRecordType type = CatalogRecordType::Definition;
    uint32_t id = 0;  // ReservedIds: the end
    ValueType value_type = ValueType::Float;
    std::vector<LabelView> labels;
    SeriesMetadata metadata;
};

// Reads a file of any size with a buffer of a few MiB. Damage is skipped: the reader looks for the
// next marker whose record verifies.
class CatalogLogReader {
  public:
    // Unsupported: a newer version. A damaged header is only a warning.
    static Result<CatalogLogReader> open(FileSystem& fs, const std::string& path);

    // False at the end. Errors are the disk's.
    [[nodiscard]] Result<bool> next(CatalogRecord& into);
    // Behind the last good record: where to append.
    [[nodiscard]] uint64_t end() const { return end_; }
    // False: the file must be written anew, not appended to.
    [[nodiscard]] bool header_is_good() const { return header_is_good_; }
    // One line per damaged stretch, and one for a torn tail.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  private:
    CatalogLogReader(std::unique_ptr<File> file, std::string path, uint64_t size)
        : file_(std::move(file)), path_(std::move(path)), size_(size) {}

    [[nodiscard]] Status read_header();
    [[nodiscard]] Status fill(size_t wanted);
    [[nodiscard]] std::span<const std::byte> ahead() const {
        return std::span(buffer_).subspan(at_);
    }
    [[nodiscard]] size_t try_record(CatalogRecord& into) const;
    [[nodiscard]] uint64_t position() const { return buffer_offset_ + at_; }
    void report_damage(uint64_t begin, uint64_t end, bool tail);

    std::unique_ptr<File> file_;
    std::string path_;
    uint64_t size_;
    std::vector<std::byte> buffer_;
    uint64_t buffer_offset_ = 0;  // of the buffer's begin in the file
    size_t at_ = 0;               // in the buffer
    uint64_t end_ = 0;
    bool header_is_good_ = false;
    uint64_t damage_count_ = 0;
    std::vector<std::string> warnings_;
};

}  // namespace cistern::store
