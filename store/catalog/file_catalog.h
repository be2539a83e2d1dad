// SPDX-License-Identifier: MIT
// The Catalog on an in-memory index and catalog.log.
#pragma once

#include "store/base/bytes.h"
#include "store/base/mutex.h"
#include "store/catalog/catalog.h"
#include "store/catalog/labels_cache.h"
#include "store/catalog/series_index.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cistern::store {

class FileCatalog final : public Catalog {
  public:
    FileCatalog(FileSystem& fs, std::string folder);

    // Fills the empty catalog from the log and, after damage, from the snapshot.
    [[nodiscard]] Status load(std::vector<std::string>& warnings);

    [[nodiscard]] std::optional<SeriesId> find(const Labels& labels) const override;
    [[nodiscard]] Result<SeriesId> add(const Labels& labels,
                                       ValueType type,
                                       uint32_t series_max) override;
    [[nodiscard]] Status restore(const SeriesDefinition& definition) override;
    void reserve_ids(SeriesId highest) override;
    [[nodiscard]] Status persist(bool write_snapshot) override;
    [[nodiscard]] std::vector<SeriesId> select(std::span<const Matcher> matchers) const override;
    [[nodiscard]] bool has(SeriesId id) const override;
    [[nodiscard]] std::optional<SeriesDefinition> definition(SeriesId id) const override;
    [[nodiscard]] std::shared_ptr<const Labels> labels(SeriesId id) const override;
    [[nodiscard]] ValueType type(SeriesId id) const override;
    [[nodiscard]] SeriesMetadata metadata(SeriesId id) const override;
    void set_metadata(SeriesId id, const SeriesMetadata& metadata) override;
    [[nodiscard]] int64_t stale_after_ns(SeriesId id) const override;
    [[nodiscard]] std::vector<std::string> label_names(
        std::span<const SeriesId> ids) const override;
    [[nodiscard]] std::vector<std::string> label_values(
        std::string_view label, std::span<const SeriesId> ids) const override;
    [[nodiscard]] std::vector<std::string> label_names() const override;
    [[nodiscard]] std::vector<std::string> label_values(std::string_view label) const override;
    [[nodiscard]] uint32_t series_count() const override;
    [[nodiscard]] uint64_t memory_bytes() const override;

  private:
    struct Changes {
        std::vector<uint32_t> definitions;
        std::vector<uint32_t> metadata;
        bool reserved = false;
        [[nodiscard]] bool empty() const {
            return definitions.empty() && metadata.empty() && !reserved;
        }
    };

    [[nodiscard]] Status load_log(std::vector<std::string>& warnings, bool& damaged);
    void load_snapshot(std::vector<std::string>& warnings);
    [[nodiscard]] Status insert(uint32_t id, ValueType type, std::span<const LabelView> labels)
        CISTERN_REQUIRES(mutex_);
    void change_metadata(uint32_t id, const SeriesMetadata& metadata) CISTERN_REQUIRES(mutex_);

    Changes take_changes();
    void give_back(const Changes& changes);
    [[nodiscard]] Status append(const Changes& changes) CISTERN_REQUIRES(persist_mutex_);
    [[nodiscard]] Status rewrite() CISTERN_REQUIRES(persist_mutex_);
    [[nodiscard]] Status write_snapshot_file() CISTERN_REQUIRES(persist_mutex_);
    void encode(const Changes& changes, size_t& position, ByteWriter& out) const;
    [[nodiscard]] uint32_t id_end() const;

    // Constant after construction.
    FileSystem* fs_;
    std::string folder_;
    std::string log_path_;

    mutable SharedMutex mutex_;
    SeriesIndex index_ CISTERN_GUARDED_BY(mutex_);
    std::vector<SeriesMetadata> metadata_ CISTERN_GUARDED_BY(mutex_);  // distinct ones; 0 is empty
    std::map<std::string, uint32_t, std::less<>> metadata_index_ CISTERN_GUARDED_BY(mutex_);
    Changes changes_ CISTERN_GUARDED_BY(mutex_);  // since the last persist
    // Its slots have their own locks; resized under mutex_ held exclusively.
    mutable LabelsCache labels_cache_;

    // Held for the whole of persist(); taken before mutex_.
    Mutex persist_mutex_;
    std::unique_ptr<File> log_ CISTERN_GUARDED_BY(persist_mutex_);
    uint64_t log_end_ CISTERN_GUARDED_BY(persist_mutex_) = 0;
    uint64_t metadata_bytes_ CISTERN_GUARDED_BY(persist_mutex_) =
        0;                                                    // written since the last rewrite
    bool rewrite_ CISTERN_GUARDED_BY(persist_mutex_) = true;  // no trustworthy file to append to
};

}  // namespace cistern::store
