// SPDX-License-Identifier: MIT
#include "store/catalog/postings.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace cistern::store {
namespace {

// First position in [begin, ids.size()) whose id is >= `id`: doubling steps, then binary search.
size_t gallop(IdSpan ids, size_t begin, uint32_t id) {
    size_t step = 1;
    size_t end = begin;
    while (end < ids.size() && ids[end] < id) {
        begin = end + 1;
        end += step;
        step *= 2;
    }
    end = std::min(end, ids.size());
    return static_cast<size_t>(std::lower_bound(ids.begin() + static_cast<ptrdiff_t>(begin),
                                                ids.begin() + static_cast<ptrdiff_t>(end),
                                                id) -
                               ids.begin());
}

// Copies to the front of `ids` those whose presence in `other` equals `wanted`.
void keep(std::vector<uint32_t>& ids, IdSpan other, bool wanted) {
    size_t kept = 0;
    size_t at = 0;
    for (const uint32_t id : ids) {
        at = gallop(other, at, id);
        const bool present = at < other.size() && other[at] == id;
        if (present == wanted) {
            ids[kept++] = id;
        }
    }
    ids.resize(kept);
}

}  // namespace

void PostingList::release() {
    if (capacity_ != 0) {
        delete[] large_;
    }
}

void PostingList::grow() {
    const uint32_t capacity = size_ < 8 ? size_ * 2 : size_ + size_ / 4;
    auto* grown = new uint32_t[capacity];
    std::memcpy(grown, ids().data(), size_ * sizeof(uint32_t));
    release();
    large_ = grown;
    capacity_ = capacity;
}

void PostingList::insert(uint32_t id) {
    const IdSpan present = ids();
    auto at = static_cast<uint32_t>(present.size());
    if (!present.empty() && present.back() >= id) {
        at = static_cast<uint32_t>(std::lower_bound(present.begin(), present.end(), id) -
                                   present.begin());
        if (present[at] == id) {
            return;
        }
    }
    if (size_ == (capacity_ == 0 ? kSmall : capacity_)) {
        grow();
    }
    uint32_t* begin = capacity_ == 0 ? small_ : large_;
    std::memmove(begin + at + 1, begin + at, (size_ - at) * sizeof(uint32_t));
    begin[at] = id;
    ++size_;
}

void intersect(std::vector<uint32_t>& ids, IdSpan other) {
    keep(ids, other, true);
}

void subtract(std::vector<uint32_t>& ids, IdSpan other) {
    keep(ids, other, false);
}

std::vector<uint32_t> unite_disjoint(const std::vector<IdSpan>& lists, uint32_t id_end) {
    size_t total = 0;
    for (const IdSpan list : lists) {
        total += list.size();
    }
    std::vector<uint32_t> ids;
    ids.reserve(total);
    if (lists.size() <= 1 || total < id_end / 64) {
        for (const IdSpan list : lists) {
            ids.insert(ids.end(), list.begin(), list.end());
        }
        if (lists.size() > 1) {
            std::sort(ids.begin(), ids.end());
        }
        return ids;
    }
    std::vector<uint64_t> bits(id_end / 64 + 1);
    for (const IdSpan list : lists) {
        for (const uint32_t id : list) {
            bits[id / 64] |= uint64_t{1} << (id % 64);
        }
    }
    for (size_t i = 0; i < bits.size(); ++i) {
        for (uint64_t word = bits[i]; word != 0; word &= word - 1) {
            ids.push_back(static_cast<uint32_t>(i * 64) +
                          static_cast<uint32_t>(std::countr_zero(word)));
        }
    }
    return ids;
}

}  // namespace cistern::store
