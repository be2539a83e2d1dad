// SPDX-License-Identifier: MIT
// The catalog and its files: catalog.log is what counts, catalog.json follows it.
#include "store/catalog/catalog_log.h"
#include "store/catalog/catalog_snapshot.h"
#include "store/catalog/file_catalog.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::store {
namespace {

constexpr size_t kWriteBytes = 1 << 20;
// Metadata replaces itself; above this, and above half of the file, the file is written anew.
constexpr uint64_t kReplacedBytesMin = 1 << 20;

}  // namespace

Status FileCatalog::load(std::vector<std::string>& warnings) {
    bool damaged = false;
    if (TRY(fs_->exists(log_path_))) {
        TRY(load_log(warnings, damaged));
    } else if (TRY(fs_->exists(folder_ + "/catalog.json"))) {
        warnings.push_back(fmt::format("{}: the file is missing", log_path_));
        damaged = true;
    }
    if (damaged) {
        load_snapshot(warnings);
    }
    return {};
}

Status FileCatalog::load_log(std::vector<std::string>& warnings, bool& damaged) {
    auto reader = TRY(CatalogLogReader::open(*fs_, log_path_));
    const MutexLock persist_lock(persist_mutex_);
    const WriterLock lock(mutex_);
    CatalogRecord record;
    uint64_t contradictions = 0;
    while (TRY(reader.next(record))) {
        if (record.type == CatalogRecordType::ReservedIds) {
            index_.reserve_ids(record.id);
        } else if (record.type == CatalogRecordType::Metadata) {
            if (index_.has(record.id)) {
                change_metadata(record.id, record.metadata);
            }
        } else if (index_.has(record.id) || index_.find(record.labels)) {
            contradictions += index_.find(record.labels) == record.id ? 0 : 1;
        } else {
            TRY(insert(record.id, record.value_type, record.labels));
        }
    }
    labels_cache_.fit(index_.id_end());
    warnings.insert(warnings.end(), reader.warnings().begin(), reader.warnings().end());
    if (contradictions > 0) {
        warnings.push_back(fmt::format("{}: {} definitions contradict earlier ones and are skipped",
                                       log_path_,
                                       contradictions));
    }
    damaged = !reader.warnings().empty();
    log_end_ = reader.end();
    rewrite_ = !reader.header_is_good();
    return {};
}

void FileCatalog::load_snapshot(std::vector<std::string>& warnings) {
    uint64_t recovered = 0;
    const auto status =
        read_snapshot(*fs_, folder_ + "/catalog.json", [&](const SnapshotEntry& entry) {
            const uint32_t before = series_count();
            if (restore(entry.definition).has_value() && series_count() > before) {
                set_metadata(entry.definition.id, entry.metadata);
                ++recovered;
            }
        });
    if (status.has_value() && recovered > 0) {
        warnings.push_back(fmt::format(
            "{}: {} lost definitions were found in catalog.json", log_path_, recovered));
    }
}

FileCatalog::Changes FileCatalog::take_changes() {
    const WriterLock lock(mutex_);
    Changes changes = std::move(changes_);
    changes_ = Changes();
    std::sort(changes.metadata.begin(), changes.metadata.end());
    changes.metadata.erase(std::unique(changes.metadata.begin(), changes.metadata.end()),
                           changes.metadata.end());
    return changes;
}

void FileCatalog::give_back(const Changes& changes) {
    const WriterLock lock(mutex_);
    changes_.definitions.insert(
        changes_.definitions.begin(), changes.definitions.begin(), changes.definitions.end());
    changes_.metadata.insert(
        changes_.metadata.end(), changes.metadata.begin(), changes.metadata.end());
    changes_.reserved = changes_.reserved || changes.reserved;
}

// Records from `position` (definitions first, then metadata) until a buffer is full.
void FileCatalog::encode(const Changes& changes, size_t& position, ByteWriter& out) const {
    const ReaderLock lock(mutex_);
    std::vector<LabelView> labels;
    const size_t definitions = changes.definitions.size();
    for (; position < definitions + changes.metadata.size() && out.size() < kWriteBytes;
         ++position) {
        if (position < definitions) {
            const uint32_t id = changes.definitions[position];
            index_.labels(id, labels);
            append_definition(out, id, index_.type(id), labels);
        } else {
            const uint32_t id = changes.metadata[position - definitions];
            append_metadata(out, id, metadata_[index_.metadata(id)]);
        }
    }
}

Status FileCatalog::append(const Changes& changes) {
    if (log_ == nullptr) {
        log_ = TRY(fs_->open(log_path_, OpenMode::ReadWrite));
        if (TRY(log_->size()) > log_end_) {
            TRY(log_->truncate(log_end_));  // a torn tail
        }
    }
    uint64_t end = log_end_;
    size_t position = 0;
    ByteWriter out;
    if (changes.reserved) {
        append_reserved_ids(out, id_end());
    }
    do {
        encode(changes, position, out);
        TRY(log_->pwrite(end, out.bytes()));
        end += out.size();
        out.clear();
    } while (position < changes.definitions.size() + changes.metadata.size());
    if (auto synced = log_->sync_data(); !synced.has_value()) {
        rewrite_ = true;  // what a failed sync leaves behind must not be trusted
        return synced;
    }
    log_end_ = end;
    return {};
}

// The whole catalog into a new file, which replaces the old one when it is complete.
Status FileCatalog::rewrite() {
    rewrite_ = true;  // until it worked
    Changes all;
    {
        const ReaderLock lock(mutex_);
        all.definitions = index_.all_ids();
        for (const uint32_t id : all.definitions) {
            if (index_.metadata(id) != 0) {
                all.metadata.push_back(id);
            }
        }
    }
    log_.reset();
    const std::string temporary = log_path_ + ".tmp";
    auto file = TRY(fs_->open(temporary, OpenMode::Create));
    ByteWriter out;
    append_file_header(out);
    append_reserved_ids(out, std::max(id_end(), 1U));
    uint64_t end = 0;
    size_t position = 0;
    do {
        encode(all, position, out);
        TRY(file->pwrite(end, out.bytes()));
        end += out.size();
        out.clear();
    } while (position < all.definitions.size() + all.metadata.size());
    TRY(file->sync_data());
    TRY(fs_->rename(temporary, log_path_));
    TRY(fs_->sync_directory(folder_));
    log_ = std::move(file);
    log_end_ = end;
    metadata_bytes_ = 0;
    rewrite_ = false;
    return {};
}

Status FileCatalog::write_snapshot_file() {
    auto writer = TRY(SnapshotWriter::create(*fs_, folder_ + "/catalog.json"));
    const uint32_t end = id_end();
    for (uint32_t id = 1; id < end; ++id) {
        if (const auto found = labels(SeriesId(id))) {
            TRY(writer.add({{SeriesId(id), type(SeriesId(id)), *found}, metadata(SeriesId(id))}));
        }
    }
    return writer.finish();
}

Status FileCatalog::persist(bool write_snapshot) {
    const MutexLock lock(persist_mutex_);
    const Changes changes = take_changes();
    if (!changes.empty()) {
        const uint64_t before = log_end_;
        auto status =
            rewrite_ || (metadata_bytes_ > kReplacedBytesMin && metadata_bytes_ > log_end_ / 2)
                ? rewrite()
                : append(changes);
        if (!status.has_value()) {
            give_back(changes);
            return std::move(status).with_context("catalog");
        }
        if (changes.definitions.empty() && log_end_ > before) {
            metadata_bytes_ += log_end_ - before;
        }
    }
    if (write_snapshot) {
        return write_snapshot_file().with_context("catalog.json");
    }
    return {};
}

}  // namespace cistern::store
