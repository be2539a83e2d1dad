// SPDX-License-Identifier: MIT
#include "store/partition/frame_scanner.h"

#include <algorithm>
#include <array>

namespace cistern::store {
namespace {

constexpr size_t kWindowBytes = size_t{64} << 10;

// Keeps the search fast: bytes that look like the head of a huge frame would be checked in full.
uint32_t bytes_max(FrameKind kind) {
    switch (kind) {
        case FrameKind::Time:
        case FrameKind::Float:
        case FrameKind::Int:
            return kBlockBytesMax;
        case FrameKind::TimePage:
        case FrameKind::BlockPage:
            return kPageBytesMax;
        case FrameKind::Directory:
            break;
    }
    return kFrameBytesMax;
}

}  // namespace

std::optional<FrameScanner::Found> FrameScanner::next() {
    if (at_ >= end_) {
        return std::nullopt;
    }
    auto found = frame_at(at_);
    if (!found) {
        found = search(at_ + 1);
        const uint64_t until = found ? found->offset : end_;
        damaged_.push_back({at_, until - at_});
    }
    at_ = found ? found->offset + found->bytes : end_;
    return found;
}

std::optional<FrameScanner::Found> FrameScanner::frame_at(uint64_t offset) {
    std::array<std::byte, kFrameHeadBytes> bytes{};
    const auto got = file_.pread(offset, bytes);
    FrameHead head;
    if (!got || *got != bytes.size() || !parse_frame_head(bytes, head) ||
        head.bytes > end_ - offset || head.bytes > bytes_max(head.kind)) {
        return std::nullopt;
    }
    auto frame = read_frame(file_, offset, head.bytes);
    if (!frame) {
        return std::nullopt;
    }
    return Found{offset, head.bytes, std::move(*frame)};
}

std::optional<FrameScanner::Found> FrameScanner::search(uint64_t from) {
    std::vector<std::byte> window(kWindowBytes);
    for (uint64_t at = from; at + kFrameHeadBytes <= end_; at += kWindowBytes - kFrameHeadBytes) {
        const size_t wanted = std::min<uint64_t>(kWindowBytes, end_ - at);
        const auto got = file_.pread(at, std::span(window).first(wanted));
        if (!got) {
            continue;  // an unreadable sector: what lies behind it may be readable
        }
        if (auto found = search_window(at, std::span(window).first(*got))) {
            return found;
        }
    }
    return std::nullopt;
}

std::optional<FrameScanner::Found> FrameScanner::search_window(uint64_t from,
                                                               std::span<const std::byte> window) {
    FrameHead head;
    for (size_t i = 0; i + kFrameHeadBytes <= window.size(); ++i) {
        if (!parse_frame_head(window.subspan(i), head) || head.bytes > end_ - from - i ||
            head.bytes > bytes_max(head.kind)) {
            continue;
        }
        if (auto found = frame_at(from + i)) {
            return found;
        }
    }
    return std::nullopt;
}

}  // namespace cistern::store
