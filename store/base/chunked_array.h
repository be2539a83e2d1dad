// SPDX-License-Identifier: MIT
// Arrays that grow without moving: no copy and no doubled memory at 1 M entries.
#pragma once

#include "store/base/assert.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace cistern {

// Elements are made by their default constructor and keep their address.
template <class T, size_t kChunkElements = 4096>
class ChunkedArray {
    static_assert((kChunkElements & (kChunkElements - 1)) == 0);

  public:
    [[nodiscard]] size_t size() const { return size_; }
    void resize(size_t size) {
        while (chunks_.size() * kChunkElements < size) {
            chunks_.push_back(std::make_unique<T[]>(kChunkElements));
        }
        size_ = size > size_ ? size : size_;
    }
    // Index of the new element.
    size_t emplace() {
        resize(size_ + 1);
        return size_ - 1;
    }
    [[nodiscard]] T& operator[](size_t i) {
        return chunks_[i / kChunkElements][i % kChunkElements];
    }
    [[nodiscard]] const T& operator[](size_t i) const {
        return chunks_[i / kChunkElements][i % kChunkElements];
    }
    [[nodiscard]] size_t memory_bytes() const {
        return chunks_.size() * kChunkElements * sizeof(T) +
               chunks_.capacity() * sizeof(chunks_[0]);
    }

  private:
    std::vector<std::unique_ptr<T[]>> chunks_;
    size_t size_ = 0;
};

// Runs of equal-typed elements, each in one piece, named by a 32-bit position. Never freed one by
// one. The first chunks are small, so that an idle database costs little.
template <class T>
class RunArena {
  public:
    static constexpr size_t kChunkElements = 65'536;

    // Space for `count` elements, at most kChunkElements, not initialised beyond T{}.
    uint32_t allocate(size_t count, T*& run) {
        CISTERN_ASSERT(count <= kChunkElements);
        if (chunks_.empty() || used_ + count > capacity_) {
            // A grown first chunk keeps its positions, because it begins at 0.
            if (chunks_.size() == 1 && capacity_ < kChunkElements &&
                used_ + count <= kChunkElements) {
                grow_first(used_ + count);
            } else {
                capacity_ = chunks_.empty() ? (count > kFirst ? count : kFirst) : kChunkElements;
                chunks_.push_back(std::make_unique<T[]>(capacity_));
                used_ = 0;
            }
        }
        run = chunks_.back().get() + used_;
        const size_t position = (chunks_.size() - 1) * kChunkElements + used_;
        CISTERN_ASSERT(position <= UINT32_MAX);
        used_ += count;
        return static_cast<uint32_t>(position);
    }
    [[nodiscard]] const T* at(uint32_t position) const {
        return chunks_[position / kChunkElements].get() + position % kChunkElements;
    }
    // Whether another run of this size has a position.
    [[nodiscard]] bool has_room(size_t count) const {
        return chunks_.size() * kChunkElements + count < UINT32_MAX - kChunkElements;
    }
    [[nodiscard]] size_t memory_bytes() const {
        const size_t whole = chunks_.empty() ? 0 : (chunks_.size() - 1) * kChunkElements;
        return (whole + capacity_) * sizeof(T);
    }

  private:
    static constexpr size_t kFirst = 256;

    void grow_first(size_t needed) {
        size_t capacity = capacity_;
        while (capacity < needed) {
            capacity *= 2;
        }
        capacity_ = capacity < kChunkElements ? capacity : kChunkElements;
        auto grown = std::make_unique<T[]>(capacity_);
        std::memcpy(grown.get(), chunks_[0].get(), used_ * sizeof(T));
        chunks_[0] = std::move(grown);
    }

    std::vector<std::unique_ptr<T[]>> chunks_;
    size_t used_ = 0;      // in the last chunk
    size_t capacity_ = 0;  // of the last chunk
};

}  // namespace cistern
