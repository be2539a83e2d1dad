// SPDX-License-Identifier: MIT
#include "store/partition/block_index.h"

#include "store/base/bytes.h"
#include "store/codec/doubles.h"
#include "store/codec/integers.h"
#include "store/partition/partition_format.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace cistern::store {
namespace {

using codec::Effort;

// The index is small and read rarely: always worth the better compression.
constexpr Effort kEffort = Effort::Seal;

class ColumnWriter {
  public:
    explicit ColumnWriter(std::vector<std::byte>& out) : out_(out) {}

    void number(uint64_t value) {
        ByteWriter writer;
        writer.varint(value);
        append(writer.bytes());
    }
    void integers(std::span<const int64_t> values) {
        std::vector<std::byte> column;
        codec::encode_integers(values, kEffort, column);
        number(column.size());
        append(column);
    }
    // Bits of doubles or of int64.
    void values(std::span<const ValueBits> values, ValueType type) {
        if (type == ValueType::Int) {
            std::vector<int64_t> numbers(values.size());
            std::transform(values.begin(), values.end(), numbers.begin(), [](ValueBits v) {
                return v.as_int();
            });
            return integers(numbers);
        }
        std::vector<double> numbers(values.size());
        std::transform(values.begin(), values.end(), numbers.begin(), [](ValueBits v) {
            return v.as_double();
        });
        std::vector<std::byte> column;
        codec::DoubleEncoder().encode(numbers, kEffort, column);
        number(column.size());
        append(column);
    }
    // One column of what `get` takes from each item.
    template <class Items, class Get>
    void of(const Items& items, Get get) {
        std::vector<int64_t> column;
        column.reserve(items.size());
        for (const auto& item : items) {
            column.push_back(static_cast<int64_t>(get(item)));
        }
        integers(column);
    }

  private:
    void append(std::span<const std::byte> bytes) {
        out_.insert(out_.end(), bytes.begin(), bytes.end());
    }

    std::vector<std::byte>& out_;
};

// Sticky like ByteReader: after the first damaged column every other is zeros and ok() is false.
class ColumnReader {
  public:
    explicit ColumnReader(std::span<const std::byte> body) : in_(body) {}

    uint64_t number(uint64_t most) {
        const uint64_t value = in_.varint();
        if (value > most) {
            ok_ = false;
            return 0;
        }
        return value;
    }
    std::vector<int64_t> integers(size_t count) {
        std::vector<int64_t> column(count);
        const auto bytes = in_.raw(in_.varint());
        if (!ok() || !codec::decode_integers(bytes, column)) {
            ok_ = false;
            std::fill(column.begin(), column.end(), 0);
        }
        return column;
    }
    // Each must be in [0, most].
    template <class Unsigned>
    std::vector<Unsigned> unsigneds(size_t count,
                                    uint64_t most = std::numeric_limits<Unsigned>::max()) {
        std::vector<Unsigned> column(count);
        const std::vector<int64_t> wide = integers(count);
        for (size_t i = 0; i < count; ++i) {
            if (wide[i] < 0 || static_cast<uint64_t>(wide[i]) > most) {
                ok_ = false;
                break;
            }
            column[i] = static_cast<Unsigned>(wide[i]);
        }
        return column;
    }
    std::vector<ValueBits> values(size_t count, ValueType type) {
        std::vector<ValueBits> column(count);
        if (type == ValueType::Int) {
            const std::vector<int64_t> numbers = integers(count);
            std::transform(numbers.begin(), numbers.end(), column.begin(), ValueBits::of_int);
            return column;
        }
        std::vector<double> numbers(count);
        const auto bytes = in_.raw(in_.varint());
        if (!ok() || !codec::decode_doubles(bytes, numbers)) {
            ok_ = false;
            return column;
        }
        std::transform(numbers.begin(), numbers.end(), column.begin(), [](double v) {
            return ValueBits::of(v);
        });
        return column;
    }
    uint8_t u8() { return in_.u8(); }
    [[nodiscard]] bool ok() const { return ok_ && in_.ok(); }
    [[nodiscard]] bool complete() const { return ok() && in_.at_end(); }

  private:
    ByteReader in_;
    bool ok_ = true;
};

tl::unexpected<Error> damaged(const char* what) {
    return fail(ErrorCode::Corruption, std::string(what) + " contradicts itself");
}

template <class Item>
std::vector<int64_t> gaps_of(std::span<const Item> items) {
    std::vector<int64_t> gaps;
    uint64_t end = 0;
    for (const Item& item : items) {
        gaps.push_back(static_cast<int64_t>(item.offset - end));
        end = item.offset + item.bytes;
    }
    return gaps;
}

// Turns gaps and sizes into offsets; false when one leaves the range of a file.
template <class Items, class Field>
bool place(const std::vector<int64_t>& gaps,
           const std::vector<uint32_t>& bytes,
           Items& items,
           Field field) {
    uint64_t end = 0;
    for (size_t i = 0; i < gaps.size(); ++i) {
        const uint64_t offset = end + static_cast<uint64_t>(gaps[i]);
        if (offset > (uint64_t{1} << 62)) {
            return false;
        }
        field(items[i]).offset = offset;
        field(items[i]).bytes = bytes[i];
        end = offset + bytes[i];
    }
    return true;
}

}  // namespace

void encode_time_page(std::span<const TimeEntry> entries, std::vector<std::byte>& out) {
    ColumnWriter columns(out);
    columns.number(entries.size());
    columns.integers(gaps_of(entries));
    columns.of(entries, [](const TimeEntry& e) { return e.bytes; });
    columns.of(entries, [](const TimeEntry& e) { return e.count; });
    columns.of(entries, [](const TimeEntry& e) { return e.first_ns; });
    columns.of(entries, [](const TimeEntry& e) {
        return static_cast<uint64_t>(e.last_ns) - static_cast<uint64_t>(e.first_ns);
    });
}

Result<std::vector<TimeEntry>> decode_time_page(std::span<const std::byte> body) {
    ColumnReader columns(body);
    std::vector<TimeEntry> entries(columns.number(kPageEntries));
    const auto gaps = columns.integers(entries.size());
    const auto bytes = columns.unsigneds<uint32_t>(entries.size(), kFrameBytesMax);
    const auto counts = columns.unsigneds<uint32_t>(entries.size(), kBlockSamplesMax);
    const auto firsts = columns.integers(entries.size());
    const auto spans = columns.integers(entries.size());
    if (!columns.complete() ||
        !place(gaps, bytes, entries, [](TimeEntry& e) -> TimeEntry& { return e; })) {
        return damaged("time page");
    }
    for (size_t i = 0; i < entries.size(); ++i) {
        entries[i].count = counts[i];
        entries[i].first_ns = firsts[i];
        entries[i].last_ns = static_cast<int64_t>(static_cast<uint64_t>(firsts[i]) +
                                                  static_cast<uint64_t>(spans[i]));
        if (counts[i] == 0 || entries[i].last_ns < entries[i].first_ns) {
            return damaged("time page");
        }
    }
    return entries;
}

void encode_block_page(std::span<const IndexedBlock> blocks, std::vector<std::byte>& out) {
    const ValueType type = blocks.front().type;
    ColumnWriter columns(out);
    columns.number(blocks.size());
    out.push_back(static_cast<std::byte>(type));
    std::vector<BlockEntry> entries;
    std::vector<ValueBits> corners;
    std::vector<ValueBits> sums;
    for (const auto& block : blocks) {
        const BlockEntry& entry = block.entry;
        entries.push_back(entry);
        corners.insert(corners.end(), {entry.min, entry.first, entry.last, entry.max});
        sums.push_back(entry.sum);
    }
    columns.integers(gaps_of(std::span<const BlockEntry>(entries)));
    columns.of(entries, [](const BlockEntry& e) { return e.bytes; });
    columns.of(blocks, [](const IndexedBlock& b) { return b.series.value(); });
    columns.of(entries, [](const BlockEntry& e) { return e.time_block; });
    columns.of(entries, [](const BlockEntry& e) { return e.nan_count; });
    columns.values(corners, type);
    columns.values(sums, type);
    if (type == ValueType::Int) {
        columns.of(entries, [](const BlockEntry& e) { return e.sum_fits ? 1 : 0; });
    }
}

Result<std::vector<IndexedBlock>> decode_block_page(std::span<const std::byte> body) {
    ColumnReader columns(body);
    const size_t count = columns.number(kPageEntries);
    const uint8_t type = columns.u8();
    if (type != static_cast<uint8_t>(ValueType::Float) &&
        type != static_cast<uint8_t>(ValueType::Int)) {
        return damaged("block page");
    }
    const auto value_type = static_cast<ValueType>(type);
    std::vector<IndexedBlock> blocks(count);
    const auto gaps = columns.integers(count);
    const auto bytes = columns.unsigneds<uint32_t>(count, kFrameBytesMax);
    const auto series = columns.unsigneds<uint32_t>(count);
    const auto time_blocks = columns.unsigneds<uint32_t>(count);
    const auto nans = columns.unsigneds<uint32_t>(count, kBlockSamplesMax);
    const auto corners = columns.values(count * 4, value_type);
    const auto sums = columns.values(count, value_type);
    std::vector<uint32_t> fits(count, 1);
    if (value_type == ValueType::Int) {
        fits = columns.unsigneds<uint32_t>(count, 1);
    }
    if (!columns.complete() ||
        !place(gaps, bytes, blocks, [](IndexedBlock& b) -> BlockEntry& { return b.entry; })) {
        return damaged("block page");
    }
    for (size_t i = 0; i < count; ++i) {
        blocks[i].series = SeriesId(series[i]);
        blocks[i].type = value_type;
        BlockEntry& entry = blocks[i].entry;
        entry.time_block = time_blocks[i];
        entry.nan_count = nans[i];
        entry.min = corners[4 * i];
        entry.first = corners[4 * i + 1];
        entry.last = corners[4 * i + 2];
        entry.max = corners[4 * i + 3];
        entry.sum = sums[i];
        entry.sum_fits = fits[i] != 0;
    }
    return blocks;
}

void encode_directory(const Directory& directory, std::vector<std::byte>& out) {
    const auto header = std::as_bytes(std::span(&directory.header, 1));
    out.insert(out.end(), header.begin(), header.end());
    ColumnWriter columns(out);
    columns.number(directory.block_pages.size());
    if (!directory.block_pages.empty()) {
        columns.of(directory.block_pages, [](const PageLink& p) { return p.offset; });
        columns.of(directory.block_pages, [](const PageLink& p) { return p.bytes; });
        columns.of(directory.block_pages, [](const PageLink& p) { return p.first_series.value(); });
        columns.of(directory.block_pages, [](const PageLink& p) { return p.entries; });
    }
    columns.number(directory.time_pages.size());
    if (!directory.time_pages.empty()) {
        columns.of(directory.time_pages, [](const PageLink& p) { return p.offset; });
        columns.of(directory.time_pages, [](const PageLink& p) { return p.bytes; });
    }
    for (const auto* series : {&directory.series, &directory.int_series}) {
        columns.number(series->size());
        if (!series->empty()) {
            columns.of(*series, [](SeriesId id) { return id.value(); });
        }
    }
}

Result<Directory> decode_directory(std::span<const std::byte> body, uint64_t file_bytes) {
    // Every page is a frame of the file, every series has an entry in a page: a few bytes cannot
    // make the reader allocate more than in proportion to the file.
    const uint64_t pages_max = file_bytes / kFrameHeadBytes;
    Directory directory;
    const auto header = std::as_writable_bytes(std::span(&directory.header, 1));
    if (body.size() < header.size()) {
        return damaged("directory");
    }
    std::copy_n(body.begin(), header.size(), header.begin());
    ColumnReader columns(body.subspan(header.size()));
    const auto links = [&](bool block_pages) {
        std::vector<PageLink> pages(columns.number(pages_max));
        if (pages.empty()) {
            return pages;
        }
        const auto offsets = columns.unsigneds<uint64_t>(pages.size(), file_bytes);
        const auto bytes = columns.unsigneds<uint32_t>(pages.size(), kFrameBytesMax);
        for (size_t i = 0; i < pages.size(); ++i) {
            pages[i].offset = offsets[i];
            pages[i].bytes = bytes[i];
        }
        if (block_pages) {
            const auto firsts = columns.unsigneds<uint32_t>(pages.size());
            const auto entries = columns.unsigneds<uint32_t>(pages.size(), kPageEntries);
            for (size_t i = 0; i < pages.size(); ++i) {
                pages[i].first_series = SeriesId(firsts[i]);
                pages[i].entries = entries[i];
            }
        }
        return pages;
    };
    directory.block_pages = links(true);
    directory.time_pages = links(false);
    for (auto* series : {&directory.series, &directory.int_series}) {
        const size_t count = columns.number(directory.block_pages.size() * kPageEntries);
        if (count > 0) {
            const auto ids = columns.unsigneds<uint32_t>(count);
            std::transform(ids.begin(), ids.end(), std::back_inserter(*series), [](uint32_t id) {
                return SeriesId(id);
            });
        }
        if (!std::is_sorted(series->begin(), series->end())) {
            return damaged("directory");
        }
    }
    if (!columns.complete()) {
        return damaged("directory");
    }
    return directory;
}

}  // namespace cistern::store
