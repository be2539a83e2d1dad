// SPDX-License-Identifier: MIT
#include "store/wal/recent_messages.h"

#include "store/base/bytes.h"
#include "store/base/crc32c.h"

#include <fmt/format.h>

namespace cistern::store {
namespace {

constexpr uint32_t kMagic = 0x4d525443;  // "CTRM"
constexpr uint8_t kVersion = 1;

}  // namespace

void RecentMessages::add(const MessageStamp& stamp) {
    if (stamp.source == 0 || per_source_max_ == 0) {
        return;
    }
    auto& stamps = by_source_[stamp.source];
    if (!stamps.empty() && stamp.sequence <= stamps.back().sequence) {
        return;
    }
    if (stamps.size() == per_source_max_) {
        stamps.pop_front();
    }
    stamps.push_back(stamp);
    ++version_;
}

std::vector<MessageStamp> RecentMessages::of(uint64_t source) const {
    const auto found = by_source_.find(source);
    return found == by_source_.end()
               ? std::vector<MessageStamp>()
               : std::vector<MessageStamp>(found->second.begin(), found->second.end());
}

Status RecentMessages::save(FileSystem& fs, const std::string& path) const {
    ByteWriter writer;
    writer.u32(kMagic);
    writer.u8(kVersion);
    writer.varint(by_source_.size());
    for (const auto& [source, stamps] : by_source_) {
        writer.u64(source);
        writer.varint(stamps.size());
        uint64_t sequence = 0;
        for (const MessageStamp& stamp : stamps) {
            writer.varint(stamp.sequence - sequence);
            writer.u64(stamp.hash);
            writer.varint(stamp.flags);
            sequence = stamp.sequence;
        }
    }
    writer.u32(crc32c(writer.bytes()));
    const auto bytes = writer.bytes();
    return write_file_atomically(
        fs, path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Status RecentMessages::load(FileSystem& fs, const std::string& path) {
    if (!TRY(fs.exists(path))) {
        return {};
    }
    const std::string content = TRY(read_file(fs, path));
    const auto bytes = std::as_bytes(std::span(content));
    const auto corrupt = [&path] {
        return fail(ErrorCode::Corruption,
                    fmt::format("{}: damaged; redelivered messages may be stored twice", path));
    };
    if (bytes.size() < sizeof(uint32_t)) {
        return corrupt();
    }
    const auto body = bytes.first(bytes.size() - sizeof(uint32_t));
    if (ByteReader(bytes.last(sizeof(uint32_t))).u32() != crc32c(body)) {
        return corrupt();
    }
    ByteReader reader(body);
    if (reader.u32() != kMagic) {
        return corrupt();
    }
    if (reader.u8() != kVersion) {
        return fail(ErrorCode::Unsupported, fmt::format("{}: written by a newer version", path));
    }
    const uint64_t sources = reader.varint();
    for (uint64_t i = 0; i < sources && reader.ok(); ++i) {
        MessageStamp stamp;
        stamp.source = reader.u64();
        const uint64_t count = reader.varint();
        for (uint64_t k = 0; k < count && reader.ok(); ++k) {
            stamp.sequence += reader.varint();
            stamp.hash = reader.u64();
            stamp.flags = static_cast<uint32_t>(reader.varint());
            add(stamp);
        }
    }
    return reader.ok() ? Status{} : Status(corrupt());
}

}  // namespace cistern::store
