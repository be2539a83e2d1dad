// SPDX-License-Identifier: MIT
// The series of all known topics, each once: packed labels behind a dense slot. Not thread safe.
#pragma once

#include "collector/mapping/mapper.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

inline constexpr uint32_t kNoSlot = UINT32_MAX;

class SeriesTable {
  public:
    // What belongs to a series besides its identity.
    struct About {
        uint16_t rule = 0;         // caller's number
        uint16_t unit = 0;         // see unit_id()
        uint16_t stale_after = 0;  // see stale_after_id()
        uint8_t type = 0;          // 0 unknown, 1 gauge, 2 counter
        bool admitted = false;     // see MapState::admit()
    };
    // The slot of that series, made when new (`is_new`). The caller owns one reference.
    uint32_t acquire(std::string_view db,
                     const store::Labels& labels,
                     const About& about,
                     bool& is_new);
    void add_reference(uint32_t slot) { ++records_[slot].references; }
    // Frees the slot with its last reference. Gives the rule of a freed series, else -1.
    int release(uint32_t slot);

    [[nodiscard]] SeriesKey key(uint32_t slot) const {
        return {static_cast<uint64_t>(records_[slot].generation) << 32 | slot};
    }
    [[nodiscard]] bool is_valid(SeriesKey key) const;
    void describe(uint32_t slot, MappedSeries& into) const;
    void labels_of(uint32_t slot, std::string& db, store::Labels& labels) const;

    [[nodiscard]] About& about(uint32_t slot) { return records_[slot].about; }
    [[nodiscard]] const About& about(uint32_t slot) const { return records_[slot].about; }
    // Scratch for the mapper: in which message and at which sample the series was last written.
    struct Mark {
        uint32_t message = 0;
        uint32_t sample = 0;
        uint32_t field = 0;
    };
    [[nodiscard]] Mark& mark(uint32_t slot) { return records_[slot].mark; }

    uint16_t unit_id(std::string_view unit);
    uint16_t stale_after_id(int64_t ns);
    [[nodiscard]] const std::string& unit(uint16_t id) const { return units_[id]; }
    [[nodiscard]] size_t size() const { return records_.size() - free_.size(); }
    [[nodiscard]] size_t bytes() const { return records_.size() * sizeof(Record) + blob_bytes_; }

  private:
    struct Record {
        std::unique_ptr<char[]> blob;  // db, then label names by number and values
        uint32_t blob_size = 0;
        uint32_t references = 0;
        uint32_t generation = 1;
        uint32_t hash = 0;
        uint32_t next = kNoSlot;  // in the hash chain
        About about;
        Mark mark;
    };
    void pack(std::string_view db, const store::Labels& labels);
    void grow();
    void unlink(uint32_t slot);

    std::vector<Record> records_;
    std::vector<uint32_t> free_;
    std::vector<uint32_t> heads_;
    uint16_t name_id(std::string_view name);

    std::vector<std::string> units_ = {""};
    std::vector<std::string> names_;  // of labels; a device's labels are few and the same
    std::vector<int64_t> stale_afters_ = {0};
    std::string packed_;
    size_t blob_bytes_ = 0;
};

}  // namespace cistern::collector
