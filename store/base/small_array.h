// SPDX-License-Identifier: MIT
// An array that mostly has one element and then needs no allocation; grows by half.
#pragma once

#include "store/base/assert.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>

namespace cistern {

// Up to 65,535 elements, which move in memory when it grows. Moving the array leaves an empty one.
template <class T>
class SmallArray {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::max_align_t));
    static_assert(sizeof(T) >= sizeof(std::byte*));

  public:
    SmallArray() = default;
    ~SmallArray() { release(); }
    SmallArray(const SmallArray&) = delete;
    SmallArray& operator=(const SmallArray&) = delete;
    SmallArray(SmallArray&& other) noexcept { take(other); }
    SmallArray& operator=(SmallArray&& other) noexcept {
        if (this != &other) {
            release();
            take(other);
        }
        return *this;
    }

    [[nodiscard]] size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] T* begin() { return reinterpret_cast<T*>(bytes()); }
    [[nodiscard]] T* end() { return begin() + size_; }
    [[nodiscard]] const T* begin() const {
        return reinterpret_cast<const T*>(const_cast<SmallArray*>(this)->bytes());
    }
    [[nodiscard]] const T* end() const { return begin() + size_; }
    [[nodiscard]] T& operator[](size_t i) { return begin()[i]; }
    [[nodiscard]] const T& operator[](size_t i) const { return begin()[i]; }
    [[nodiscard]] T& back() { return begin()[size_ - 1]; }

    void push_back(const T& element) {
        const T copy = element;
        if (size_ == capacity_) {
            CISTERN_ASSERT(capacity_ < UINT16_MAX);
            const size_t larger = size_t{capacity_} + capacity_ / 2 + 1;
            reallocate(larger < UINT16_MAX ? larger : UINT16_MAX);
        }
        std::memcpy(bytes() + size_ * sizeof(T), &copy, sizeof(T));
        ++size_;
    }
    // Room for exactly so many, if there is less.
    void reserve(size_t elements) {
        CISTERN_ASSERT(elements <= UINT16_MAX);
        if (elements > capacity_) {
            reallocate(elements);
        }
    }
    // Keeps the memory.
    void clear() { size_ = 0; }
    [[nodiscard]] size_t heap_bytes() const { return capacity_ > 1 ? capacity_ * sizeof(T) : 0; }

  private:
    [[nodiscard]] std::byte* heap() const {
        std::byte* heap = nullptr;
        std::memcpy(&heap, inline_, sizeof(heap));
        return heap;
    }
    [[nodiscard]] std::byte* bytes() { return capacity_ > 1 ? heap() : inline_; }
    void reallocate(size_t capacity) {
        std::byte* grown = new std::byte[capacity * sizeof(T)];
        std::memcpy(grown, bytes(), size_ * sizeof(T));
        const uint16_t size = size_;
        release();
        std::memcpy(inline_, &grown, sizeof(grown));
        capacity_ = static_cast<uint16_t>(capacity);
        size_ = size;
    }
    void release() {
        if (capacity_ > 1) {
            delete[] heap();
        }
        capacity_ = 1;
        size_ = 0;
    }
    void take(SmallArray& other) {
        std::memcpy(inline_, other.inline_, sizeof(inline_));
        size_ = std::exchange(other.size_, uint16_t{0});
        capacity_ = std::exchange(other.capacity_, uint16_t{1});
    }

    alignas(T) std::byte inline_[sizeof(T)] = {};  // the element, or where the elements are
    uint16_t size_ = 0;
    uint16_t capacity_ = 1;
};

}  // namespace cistern
