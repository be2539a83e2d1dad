// SPDX-License-Identifier: MIT
// What may lie on a disk after the power went, given everything that was done to it: data that was
// not synced is there, missing or zero per sector; directory entries that were not synced are there
// in order of a journal, or any of them.
#pragma once

#include "tests/support/memory_file_system.h"

#include <cstdint>
#include <random>
#include <vector>

namespace cistern::test {

enum class DirectoryModel : uint8_t {
    Prefix,  // an ordered journal (ext4): the first n changes of all directories
    Subset,  // any of them (ALICE's abstract persistence model)
    Killed,  // only the process is gone: everything is there
};

// Steps through a recording; at every step gives as many possible disks as wanted.
class PowerCut {
  public:
    // `before`: the disk as it was when the recording began, all of it synced.
    PowerCut(DiskImage before, const std::vector<DiskChange>& changes)
        : changes_(changes), durable_(std::move(before)) {}

    // The cut comes after the first `count` changes; never goes back.
    void advance_to(size_t count);
    // One of the disks that the cut may leave.
    [[nodiscard]] DiskImage cut(DirectoryModel model, std::mt19937_64& random) const;

  private:
    struct PendingFile {
        std::vector<const DiskChange*> changes;  // writes and truncates, not synced
    };

    void apply(const DiskChange& change);
    static void apply_entry(const DiskChange& change, DiskImage& image);
    static void apply_all(const DiskChange& change, std::vector<std::byte>& file);
    static void apply_data(const DiskChange& change,
                           std::vector<std::byte>& file,
                           std::mt19937_64& random);

    const std::vector<DiskChange>& changes_;
    size_t done_ = 0;
    DiskImage durable_;
    std::map<InodeId, PendingFile> pending_data_;
    std::vector<const DiskChange*> pending_entries_;  // in order
};

}  // namespace cistern::test
