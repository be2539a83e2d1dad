// SPDX-License-Identifier: MIT
// An open partition file: header, trailer and every page of the index checked, the pages decoded
// when asked for. When the index is damaged it is rebuilt in memory from the blocks, which know
// what they are. Thread safe.
#pragma once

#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/codec/time_column.h"
#include "store/partition/block_index.h"
#include "store/partition/frame.h"
#include "store/partition/partition_format.h"

#include <memory>
#include <string>
#include <vector>

namespace cistern::store {

// Corruption when it does not verify, Unsupported when it is of a newer version.
Result<FileHeader> read_header(File& file);
Result<FileTrailer> read_trailer(File& file, uint64_t file_bytes);
bool header_verifies(const FileHeader& header);
PartitionIdentity identity_of(const FileHeader& header);

class PartitionFile {
  public:
    // Corruption only when not even the identity is left.
    static Result<std::unique_ptr<PartitionFile>> open(FileSystem& fs, const std::string& path);
    ~PartitionFile();
    PartitionFile(const PartitionFile&) = delete;
    PartitionFile& operator=(const PartitionFile&) = delete;

    [[nodiscard]] const FileHeader& header() const { return header_; }
    [[nodiscard]] const FileTrailer& trailer() const { return trailer_; }
    [[nodiscard]] const Directory& directory() const { return directory_; }
    [[nodiscard]] uint64_t bytes() const { return bytes_; }
    // What was found damaged in the index at open; empty when it was whole.
    [[nodiscard]] const std::vector<BlockFault>& index_faults() const { return index_faults_; }
    [[nodiscard]] File& file() const { return *file_; }

    using BlockPagePtr = std::shared_ptr<const std::vector<IndexedBlock>>;
    using TimePagePtr = std::shared_ptr<const std::vector<TimeEntry>>;

    // The entries, with count and times filled in from the time pages.
    [[nodiscard]] Result<BlockPagePtr> block_page(size_t page) const;
    [[nodiscard]] Result<TimeEntry> time_entry(uint32_t time_block) const;

    using TimesPtr = std::shared_ptr<const codec::TimeColumn>;
    [[nodiscard]] Result<TimesPtr> times(uint32_t time_block) const;

  private:
    PartitionFile();
    [[nodiscard]] Status open_index();
    [[nodiscard]] Status check_pages() const;
    [[nodiscard]] Status rebuild();
    [[nodiscard]] Result<TimePagePtr> time_page(size_t page) const;

    const uint64_t number_;  // in the cache of decoded things
    std::unique_ptr<File> file_;
    uint64_t bytes_ = 0;
    FileHeader header_{};
    FileTrailer trailer_{};
    Directory directory_;
    std::vector<BlockFault> index_faults_;
    // Used instead of the pages in the file when the index was rebuilt.
    std::vector<BlockPagePtr> rebuilt_pages_;
    std::vector<TimeEntry> rebuilt_times_;
};

}  // namespace cistern::store
