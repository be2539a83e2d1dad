// SPDX-License-Identifier: MIT
// The newest message stamps of every source, in memory and, for what the log no longer holds, in a
// file. docs/formats/wal.md describes the file.
#pragma once

#include "store/base/file_system.h"
#include "store/base/result.h"
#include "store/model/message_stamp.h"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace cistern::store {

// A value type. Memory: 32 bytes per stamp, `per_source_max` stamps per source.
class RecentMessages {
  public:
    explicit RecentMessages(uint32_t per_source_max) : per_source_max_(per_source_max) {}

    // Ignored when the source already has this sequence or a later one.
    void add(const MessageStamp& stamp);
    // Ascending by sequence.
    [[nodiscard]] std::vector<MessageStamp> of(uint64_t source) const;
    // Changes with every add that was not ignored.
    [[nodiscard]] uint64_t version() const { return version_; }

    // Atomic; durable when it returns.
    [[nodiscard]] Status save(FileSystem& fs, const std::string& path) const;
    // A missing file is empty.
    [[nodiscard]] Status load(FileSystem& fs, const std::string& path);

  private:
    uint32_t per_source_max_;
    uint64_t version_ = 0;
    std::map<uint64_t, std::deque<MessageStamp>> by_source_;
};

}  // namespace cistern::store
