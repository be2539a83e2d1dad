// SPDX-License-Identifier: MIT
// Texts by the hundred thousand: one that is mostly short and changes, and many that stay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace cistern::collector {

// Up to 20 bytes without an allocation, in 24. At most 65,535 bytes: what is longer is cut.
class ShortText {
  public:
    ShortText() = default;
    ~ShortText() { release(); }
    ShortText(const ShortText&) = delete;
    ShortText& operator=(const ShortText&) = delete;

    void assign(std::string_view text) {
        text = text.substr(0, UINT16_MAX);
        if (text.size() > capacity_) {
            // Payloads of one topic differ by a digit or two: room for those, in steps.
            constexpr size_t kStep = 8;
            const size_t capacity = (text.size() / kStep + 1) * kStep;
            char* grown = new char[capacity < UINT16_MAX ? capacity : UINT16_MAX];
            release();
            std::memcpy(inline_, &grown, sizeof(grown));
            capacity_ = static_cast<uint16_t>(capacity < UINT16_MAX ? capacity : UINT16_MAX);
        }
        size_ = static_cast<uint16_t>(text.size());
        if (!text.empty()) {
            std::memcpy(capacity_ > kInline ? heap() : inline_, text.data(), text.size());
        }
    }
    [[nodiscard]] std::string_view view() const {
        return {capacity_ > kInline ? heap() : inline_, size_};
    }
    [[nodiscard]] size_t heap_bytes() const { return capacity_ > kInline ? capacity_ : 0; }

  private:
    static constexpr uint16_t kInline = 20;

    [[nodiscard]] char* heap() const {
        char* heap = nullptr;
        std::memcpy(&heap, inline_, sizeof(heap));
        return heap;
    }
    void release() {
        if (capacity_ > kInline) {
            delete[] heap();
        }
        capacity_ = kInline;
    }

    char inline_[kInline] = {};  // the text, or where it is
    uint16_t size_ = 0;
    uint16_t capacity_ = kInline;
};
static_assert(sizeof(ShortText) == 24);

// Texts that live as long as the arena, without an allocation each.
class TextArena {
  public:
    // A view that stays valid.
    std::string_view store(std::string_view text) {
        if (text.size() > left_) {
            // A text longer than a chunk has one of its own; the last chunk goes on being filled.
            const size_t size = text.size() > kChunkBytes ? text.size() : kChunkBytes;
            chunks_.push_back(std::make_unique_for_overwrite<char[]>(size));
            bytes_ += size;
            if (text.size() > kChunkBytes) {
                std::memcpy(chunks_.back().get(), text.data(), text.size());
                return {chunks_.back().get(), text.size()};
            }
            next_ = chunks_.back().get();
            left_ = kChunkBytes;
        }
        char* const at = next_;
        if (!text.empty()) {
            std::memcpy(at, text.data(), text.size());
        }
        next_ += text.size();
        left_ -= text.size();
        return {at, text.size()};
    }
    [[nodiscard]] size_t memory_bytes() const { return bytes_; }

  private:
    static constexpr size_t kChunkBytes = 8192;

    std::vector<std::unique_ptr<char[]>> chunks_;
    char* next_ = nullptr;
    size_t left_ = 0;
    size_t bytes_ = 0;
};

}  // namespace cistern::collector
