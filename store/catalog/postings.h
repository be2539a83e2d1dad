// SPDX-License-Identifier: MIT
// Sorted sets of series ids: one list per label pair, and the set operations of a selection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cistern::store {

// Ascending, unique. Two ids need no memory beyond the 16 bytes of the object itself.
class PostingList {
  public:
    PostingList() = default;
    ~PostingList() { release(); }
    PostingList(const PostingList&) = delete;
    PostingList& operator=(const PostingList&) = delete;

    // Cheap at the end; anywhere else the tail is moved. An id that is there is left alone.
    void insert(uint32_t id);
    [[nodiscard]] std::span<const uint32_t> ids() const {
        return {capacity_ == 0 ? small_ : large_, size_};
    }
    [[nodiscard]] size_t size() const { return size_; }
    [[nodiscard]] size_t heap_bytes() const { return capacity_ * sizeof(uint32_t); }

  private:
    static constexpr uint32_t kSmall = 2;

    void grow();
    void release();

    uint32_t size_ = 0;
    uint32_t capacity_ = 0;  // 0: in small_
    union {
        uint32_t small_[kSmall] = {};
        uint32_t* large_;
    };
};
static_assert(sizeof(PostingList) == 16);

using IdSpan = std::span<const uint32_t>;

// Keeps in `ids` what is in `other` too; gallops through the longer one.
void intersect(std::vector<uint32_t>& ids, IdSpan other);
// Removes from `ids` what is in `other`.
void subtract(std::vector<uint32_t>& ids, IdSpan other);
// The union of lists that share no id; ids below id_end.
std::vector<uint32_t> unite_disjoint(const std::vector<IdSpan>& lists, uint32_t id_end);

}  // namespace cistern::store
