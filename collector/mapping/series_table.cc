// SPDX-License-Identifier: MIT
#include "collector/mapping/series_table.h"

#include "collector/mapping/naming.h"

#include <cstring>

namespace cistern::collector {
namespace {

constexpr uint16_t kUnnumbered = UINT16_MAX;  // the label's name follows

void put_number(std::string& out, uint16_t number) {
    out.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

uint16_t take_number(const char*& at) {
    uint16_t number = 0;
    std::memcpy(&number, at, sizeof(number));
    at += sizeof(number);
    return number;
}

// One byte of length for most texts, three for long ones.
constexpr unsigned char kLong = 0xff;

void put(std::string& out, std::string_view text) {
    if (text.size() < kLong) {
        out += static_cast<char>(text.size());
    } else {
        out += static_cast<char>(kLong);
        put_number(out, static_cast<uint16_t>(text.size()));
    }
    out.append(text);
}

std::string_view take(const char*& at) {
    size_t size = static_cast<unsigned char>(*at++);
    if (size == kLong) {
        size = take_number(at);
    }
    const std::string_view text(at, size);
    at += size;
    return text;
}

}  // namespace

void SeriesTable::pack(std::string_view db, const store::Labels& labels) {
    packed_.clear();
    put(packed_, db);
    for (const store::Label& label : labels.all()) {
        const uint16_t name = name_id(label.name);
        put_number(packed_, name);
        if (name == kUnnumbered) {
            put(packed_, label.name);
        }
        put(packed_, label.value);
    }
}

void SeriesTable::grow() {
    constexpr size_t kFirst = 64;
    heads_.assign(std::max(kFirst, heads_.size() * 2), kNoSlot);
    for (uint32_t slot = 0; slot < records_.size(); ++slot) {
        if (records_[slot].references > 0) {
            uint32_t& head = heads_[records_[slot].hash & (heads_.size() - 1)];
            records_[slot].next = head;
            head = slot;
        }
    }
}

uint32_t SeriesTable::acquire(std::string_view db,
                              const store::Labels& labels,
                              const About& about,
                              bool& is_new) {
    pack(db, labels);
    const auto hash = static_cast<uint32_t>(hash_text(packed_));
    if (size() + 1 > heads_.size()) {
        grow();
    }
    for (uint32_t slot = heads_[hash & (heads_.size() - 1)]; slot != kNoSlot;
         slot = records_[slot].next) {
        const Record& record = records_[slot];
        if (record.hash == hash &&
            std::string_view(record.blob.get(), record.blob_size) == packed_) {
            ++records_[slot].references;
            is_new = false;
            return slot;
        }
    }
    uint32_t slot = 0;
    if (free_.empty()) {
        slot = static_cast<uint32_t>(records_.size());
        records_.emplace_back();
    } else {
        slot = free_.back();
        free_.pop_back();
    }
    Record& record = records_[slot];
    record.blob = std::make_unique<char[]>(packed_.size());
    std::memcpy(record.blob.get(), packed_.data(), packed_.size());
    record.blob_size = static_cast<uint32_t>(packed_.size());
    record.references = 1;
    record.hash = hash;
    record.about = about;
    record.mark = {};
    uint32_t& head = heads_[hash & (heads_.size() - 1)];
    record.next = head;
    head = slot;
    blob_bytes_ += packed_.size() + 16;
    is_new = true;
    return slot;
}

void SeriesTable::unlink(uint32_t slot) {
    uint32_t* link = &heads_[records_[slot].hash & (heads_.size() - 1)];
    while (*link != slot) {
        link = &records_[*link].next;
    }
    *link = records_[slot].next;
}

int SeriesTable::release(uint32_t slot) {
    Record& record = records_[slot];
    if (--record.references > 0) {
        return -1;
    }
    unlink(slot);
    blob_bytes_ -= record.blob_size + 16;
    record.blob.reset();
    record.blob_size = 0;
    ++record.generation;
    free_.push_back(slot);
    return record.about.rule;
}

bool SeriesTable::is_valid(SeriesKey key) const {
    return key.slot() < records_.size() && records_[key.slot()].references > 0 &&
           this->key(key.slot()) == key;
}

void SeriesTable::labels_of(uint32_t slot, std::string& db, store::Labels& labels) const {
    const Record& record = records_[slot];
    const char* at = record.blob.get();
    const char* end = at + record.blob_size;
    db = take(at);
    std::vector<store::Label> list;
    while (at < end) {
        const uint16_t number = take_number(at);
        const std::string_view name =
            number == kUnnumbered ? take(at) : std::string_view(names_[number]);
        list.push_back({std::string(name), std::string(take(at))});
    }
    labels = store::Labels(std::move(list));
}

void SeriesTable::describe(uint32_t slot, MappedSeries& into) const {
    labels_of(slot, into.db, into.labels);
    const About& about = records_[slot].about;
    into.unit = units_[about.unit];
    into.type = about.type == 0 ? "" : about.type == 1 ? "gauge" : "counter";
    into.stale_after_ns = stale_afters_[about.stale_after];
}

uint16_t SeriesTable::name_id(std::string_view name) {
    for (size_t i = 0; i < names_.size(); ++i) {
        if (names_[i] == name) {
            return static_cast<uint16_t>(i);
        }
    }
    constexpr size_t kNamesMax = 512;  // names come from payloads, too: the rest is spelled out
    if (names_.size() >= kNamesMax) {
        return kUnnumbered;
    }
    names_.emplace_back(name);
    return static_cast<uint16_t>(names_.size() - 1);
}

uint16_t SeriesTable::stale_after_id(int64_t ns) {
    for (size_t i = 0; i < stale_afters_.size(); ++i) {
        if (stale_afters_[i] == ns) {
            return static_cast<uint16_t>(i);
        }
    }
    constexpr size_t kDifferentMax = 4096;
    if (stale_afters_.size() >= kDifferentMax) {
        return 0;
    }
    stale_afters_.push_back(ns);
    return static_cast<uint16_t>(stale_afters_.size() - 1);
}

uint16_t SeriesTable::unit_id(std::string_view unit) {
    for (size_t i = 0; i < units_.size(); ++i) {
        if (units_[i] == unit) {
            return static_cast<uint16_t>(i);
        }
    }
    constexpr size_t kUnitsMax = 4096;  // units come from payloads too: not without end
    if (units_.size() >= kUnitsMax || unit.size() > 64) {
        return 0;
    }
    units_.emplace_back(unit);
    return static_cast<uint16_t>(units_.size() - 1);
}

}  // namespace cistern::collector
