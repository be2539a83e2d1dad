// SPDX-License-Identifier: MIT
#include "tests/support/power_cut.h"

#include <algorithm>
#include <cstring>

namespace cistern::test {
namespace {

constexpr uint64_t kSectorBytes = 512;

bool is_entry_of(const DiskChange& change, const std::string& directory) {
    return parent_directory(change.path) == directory ||
           (change.kind == DiskChange::Kind::Rename && parent_directory(change.to) == directory);
}

}  // namespace

void PowerCut::advance_to(size_t count) {
    for (; done_ < count; ++done_) {
        apply(changes_[done_]);
    }
}

void PowerCut::apply(const DiskChange& change) {
    switch (change.kind) {
        case DiskChange::Kind::Write:
        case DiskChange::Kind::Truncate:
            pending_data_[change.inode].changes.push_back(&change);
            break;
        case DiskChange::Kind::SyncFile: {
            auto& file = durable_.files[change.inode];
            for (const DiskChange* pending : pending_data_[change.inode].changes) {
                apply_all(*pending, file);
            }
            pending_data_.erase(change.inode);
            break;
        }
        case DiskChange::Kind::Create:
        case DiskChange::Kind::Rename:
        case DiskChange::Kind::Remove:
        case DiskChange::Kind::MakeDirectory:
            pending_entries_.push_back(&change);
            break;
        case DiskChange::Kind::SyncDirectory:
            std::erase_if(pending_entries_, [&](const DiskChange* pending) {
                const bool covered = is_entry_of(*pending, change.path);
                if (covered) {
                    apply_entry(*pending, durable_);
                }
                return covered;
            });
            break;
        case DiskChange::Kind::Note:
            break;
    }
}

void PowerCut::apply_entry(const DiskChange& change, DiskImage& image) {
    switch (change.kind) {
        case DiskChange::Kind::Create:
            image.entries[change.path] = change.inode;
            break;
        case DiskChange::Kind::Rename:
            image.entries.erase(change.path);
            image.entries[change.to] = change.inode;
            break;
        case DiskChange::Kind::Remove:
            image.entries.erase(change.path);
            break;
        case DiskChange::Kind::MakeDirectory:
            image.directories.insert(change.path);
            break;
        default:
            break;
    }
}

void PowerCut::apply_all(const DiskChange& change, std::vector<std::byte>& file) {
    if (change.kind == DiskChange::Kind::Truncate) {
        file.resize(change.offset);
        return;
    }
    file.resize(std::max<uint64_t>(file.size(), change.offset + change.bytes.size()));
    std::memcpy(file.data() + change.offset, change.bytes.data(), change.bytes.size());
}

void PowerCut::apply_data(const DiskChange& change,
                          std::vector<std::byte>& file,
                          std::mt19937_64& random) {
    if (change.kind == DiskChange::Kind::Truncate) {
        if (random() % 2 == 0) {
            file.resize(change.offset);
        }
        return;
    }
    const uint64_t end = change.offset + change.bytes.size();
    for (uint64_t from = change.offset; from < end;) {
        const uint64_t to = std::min(end, (from / kSectorBytes + 1) * kSectorBytes);
        const uint64_t fate = random() % 4;  // kept, kept, lost, zeroed
        if (fate != 2) {
            file.resize(std::max(file.size(), to));
            if (fate == 3) {
                std::memset(file.data() + from, 0, to - from);
            } else {
                std::memcpy(
                    file.data() + from, change.bytes.data() + (from - change.offset), to - from);
            }
        } else if (random() % 2 == 0) {
            file.resize(std::max(file.size(), to));  // the size landed, the data did not
        }
        from = to;
    }
}

DiskImage PowerCut::cut(DirectoryModel model, std::mt19937_64& random) const {
    DiskImage image;
    image.entries = durable_.entries;
    image.directories = durable_.directories;
    const size_t prefix = random() % (pending_entries_.size() + 1);
    for (size_t i = 0; i < pending_entries_.size(); ++i) {
        const bool kept = model == DirectoryModel::Killed ||
                          (model == DirectoryModel::Prefix ? i < prefix : random() % 2 == 0);
        if (kept) {
            apply_entry(*pending_entries_[i], image);
        }
    }
    for (const auto& [path, inode] : image.entries) {
        auto& file = image.files[inode];
        if (const auto durable = durable_.files.find(inode); durable != durable_.files.end()) {
            file = durable->second;
        }
        if (const auto pending = pending_data_.find(inode); pending != pending_data_.end()) {
            for (const DiskChange* change : pending->second.changes) {
                if (model == DirectoryModel::Killed) {
                    apply_all(*change, file);
                } else {
                    apply_data(*change, file, random);
                }
            }
        }
    }
    // An entry needs its directory; a directory needs its own.
    std::erase_if(image.entries, [&](const auto& entry) {
        return !image.directories.contains(parent_directory(entry.first));
    });
    return image;
}

}  // namespace cistern::test
