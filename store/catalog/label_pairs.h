// SPDX-License-Identifier: MIT
// Every distinct label name and every distinct name="value" pair once, as small numbers, with the
// posting list of each pair. Not thread safe: guarded by the Catalog.
#pragma once

#include "store/base/chunked_array.h"
#include "store/catalog/postings.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::store {

class LabelPairs {
  public:
    LabelPairs();

    struct Pair {
        uint32_t name = 0;  // index among the names
        uint32_t text = 0;  // position of the value
        PostingList postings;
    };

    // Ids are dense from 1 and never change.
    uint32_t intern(std::string_view name, std::string_view value);
    [[nodiscard]] std::optional<uint32_t> find(std::string_view name, std::string_view value) const;
    [[nodiscard]] std::optional<uint32_t> find_name(std::string_view name) const;

    [[nodiscard]] size_t name_count() const { return names_.size(); }
    [[nodiscard]] std::string_view name(uint32_t name) const { return text(names_[name].text); }
    // Pairs with this name, in order of their first appearance.
    [[nodiscard]] const std::vector<uint32_t>& pairs_of(uint32_t name) const {
        return names_[name].pairs;
    }
    [[nodiscard]] Pair& pair(uint32_t id) { return pairs_[id]; }
    [[nodiscard]] const Pair& pair(uint32_t id) const { return pairs_[id]; }
    [[nodiscard]] std::string_view value(uint32_t id) const { return text(pairs_[id].text); }

    [[nodiscard]] size_t count() const { return pairs_.size() - 1; }
    // False when 4 GiB of text are used up.
    [[nodiscard]] bool has_room(size_t text_bytes) const { return texts_.has_room(text_bytes); }
    [[nodiscard]] size_t memory_bytes() const;
    void add_posting(uint32_t pair, uint32_t series);

  private:
    struct Name {
        uint32_t text = 0;
        std::vector<uint32_t> pairs;
    };

    [[nodiscard]] std::string_view text(uint32_t position) const;
    uint32_t store_text(std::string_view text);
    [[nodiscard]] size_t slot_of(uint32_t name, std::string_view value) const;
    void grow_slots();

    RunArena<char> texts_;  // length as 2 bytes, then the text
    std::vector<Name> names_;
    std::map<std::string, uint32_t, std::less<>> name_index_;  // names are few
    ChunkedArray<Pair> pairs_;
    std::vector<uint32_t> slots_;  // pair ids, 0 = free; a power of two, at most 7/8 full
    size_t postings_heap_bytes_ = 0;
};

}  // namespace cistern::store
