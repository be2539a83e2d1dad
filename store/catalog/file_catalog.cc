// SPDX-License-Identifier: MIT
// The part of the catalog that answers from memory; catalog_persistence.cc has the disk's part.
#include "store/catalog/file_catalog.h"

#include "store/catalog/catalog_format.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::store {
namespace {

std::vector<LabelView> views_of(const Labels& labels) {
    std::vector<LabelView> views;
    views.reserve(labels.size());
    for (const Label& label : labels.all()) {
        views.push_back({label.name, label.value});
    }
    return views;
}

// Metadata comes from devices: cut at a character's begin.
std::string bounded(std::string_view text) {
    if (text.size() <= kMetadataTextBytesMax) {
        return std::string(text);
    }
    size_t size = kMetadataTextBytesMax;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) {
        --size;
    }
    return std::string(text.substr(0, size));
}

std::string key_of(const SeriesMetadata& metadata) {
    return fmt::format("{}\x1f{}\x1f{}\x1f{}",
                       metadata.unit,
                       metadata.type,
                       metadata.stale_after_ns,
                       metadata.help);
}

std::vector<uint32_t> known_ids(const SeriesIndex& index, std::span<const SeriesId> ids) {
    std::vector<uint32_t> values;
    values.reserve(ids.size());
    for (const SeriesId id : ids) {
        if (index.has(id.value())) {
            values.push_back(id.value());
        }
    }
    return values;
}

}  // namespace

FileCatalog::FileCatalog(FileSystem& fs, std::string folder)
    : fs_(&fs), folder_(std::move(folder)), log_path_(folder_ + "/catalog.log"), metadata_(1) {
    labels_cache_.fit(0);
}

std::optional<SeriesId> FileCatalog::find(const Labels& labels) const {
    const auto views = views_of(labels);
    const ReaderLock lock(mutex_);
    const auto id = index_.find(views);
    return id ? std::optional(SeriesId(*id)) : std::nullopt;
}

Status FileCatalog::insert(uint32_t id, ValueType type, std::span<const LabelView> labels) {
    if (id == 0 || id > kSeriesIdMax || !index_.has_room(labels)) {
        return fail(ErrorCode::ResourceExhausted,
                    fmt::format("series id {} is beyond what a catalog can hold", id));
    }
    index_.insert(id, type, labels);
    labels_cache_.fit(index_.id_end());
    return {};
}

Result<SeriesId> FileCatalog::add(const Labels& labels, ValueType type, uint32_t series_max) {
    TRY(validate_labels(labels));
    const auto views = views_of(labels);
    const WriterLock lock(mutex_);
    if (const auto id = index_.find(views)) {
        return SeriesId(*id);
    }
    if (index_.count() >= series_max) {
        return fail(ErrorCode::ResourceExhausted,
                    fmt::format("the database has {} series, as many as series_max allows",
                                index_.count()));
    }
    const uint32_t id = std::max(index_.id_end(), 1U);
    TRY(insert(id, type, views));
    changes_.definitions.push_back(id);
    return SeriesId(id);
}

Status FileCatalog::restore(const SeriesDefinition& definition) {
    TRY(validate_labels(definition.labels));
    const auto views = views_of(definition.labels);
    const uint32_t id = definition.id.value();
    const WriterLock lock(mutex_);
    const auto known = index_.find(views);
    if (known == id) {
        return {};
    }
    if (known || index_.has(id) || id == 0 || id > kSeriesIdMax) {
        return fail(ErrorCode::Corruption,
                    known ? fmt::format("series {} has the labels of series {}", id, *known)
                          : fmt::format("series id {} is taken by {} or beyond the limit",
                                        id,
                                        index_.has(id) ? index_.labels(id).to_string() : "nobody"));
    }
    TRY(insert(id, definition.type, views));
    changes_.definitions.push_back(id);
    return {};
}

void FileCatalog::reserve_ids(SeriesId highest) {
    const WriterLock lock(mutex_);
    const uint32_t end = std::min(highest.value(), kSeriesIdMax) + 1;
    if (end > index_.id_end()) {
        index_.reserve_ids(end);
        labels_cache_.fit(index_.id_end());
        changes_.reserved = true;
    }
}

std::vector<SeriesId> FileCatalog::select(std::span<const Matcher> matchers) const {
    std::vector<uint32_t> ids;
    {
        const ReaderLock lock(mutex_);
        ids = index_.select(matchers);
    }
    std::vector<SeriesId> found;
    found.reserve(ids.size());
    for (const uint32_t id : ids) {
        found.emplace_back(id);
    }
    return found;
}

bool FileCatalog::has(SeriesId id) const {
    const ReaderLock lock(mutex_);
    return index_.has(id.value());
}

std::optional<SeriesDefinition> FileCatalog::definition(SeriesId id) const {
    const ReaderLock lock(mutex_);
    if (!index_.has(id.value())) {
        return std::nullopt;
    }
    return SeriesDefinition{id, index_.type(id.value()), index_.labels(id.value())};
}

std::shared_ptr<const Labels> FileCatalog::labels(SeriesId id) const {
    const ReaderLock lock(mutex_);
    if (!index_.has(id.value())) {
        return nullptr;
    }
    return labels_cache_.get(id.value(),
                             [index = &index_, id] { return index->labels(id.value()); });
}

ValueType FileCatalog::type(SeriesId id) const {
    const ReaderLock lock(mutex_);
    return index_.has(id.value()) ? index_.type(id.value()) : ValueType::Float;
}

SeriesMetadata FileCatalog::metadata(SeriesId id) const {
    const ReaderLock lock(mutex_);
    return index_.has(id.value()) ? metadata_[index_.metadata(id.value())] : SeriesMetadata();
}

int64_t FileCatalog::stale_after_ns(SeriesId id) const {
    const ReaderLock lock(mutex_);
    return index_.has(id.value()) ? metadata_[index_.metadata(id.value())].stale_after_ns : 0;
}

void FileCatalog::change_metadata(uint32_t id, const SeriesMetadata& metadata) {
    const std::string key = key_of(metadata);
    auto found = metadata_index_.find(key);
    if (found == metadata_index_.end()) {
        const auto number =
            metadata == SeriesMetadata() ? 0 : static_cast<uint32_t>(metadata_.size());
        if (number != 0) {
            metadata_.push_back(metadata);
        }
        found = metadata_index_.emplace(key, number).first;
    }
    index_.set_metadata(id, found->second);
}

void FileCatalog::set_metadata(SeriesId id, const SeriesMetadata& metadata) {
    const SeriesMetadata kept{bounded(metadata.unit),
                              bounded(metadata.help),
                              bounded(metadata.type),
                              metadata.stale_after_ns};
    const WriterLock lock(mutex_);
    if (!index_.has(id.value()) || metadata_[index_.metadata(id.value())] == kept) {
        return;
    }
    change_metadata(id.value(), kept);
    changes_.metadata.push_back(id.value());
}

std::vector<std::string> FileCatalog::label_names(std::span<const SeriesId> ids) const {
    const ReaderLock lock(mutex_);
    const auto values = known_ids(index_, ids);
    return index_.label_names(&values);
}

std::vector<std::string> FileCatalog::label_values(std::string_view label,
                                                   std::span<const SeriesId> ids) const {
    const ReaderLock lock(mutex_);
    const auto values = known_ids(index_, ids);
    return index_.label_values(label, &values);
}

std::vector<std::string> FileCatalog::label_names() const {
    const ReaderLock lock(mutex_);
    return index_.label_names(nullptr);
}

std::vector<std::string> FileCatalog::label_values(std::string_view label) const {
    const ReaderLock lock(mutex_);
    return index_.label_values(label, nullptr);
}

uint32_t FileCatalog::series_count() const {
    const ReaderLock lock(mutex_);
    return index_.count();
}

uint32_t FileCatalog::id_end() const {
    const ReaderLock lock(mutex_);
    return index_.id_end();
}

uint64_t FileCatalog::memory_bytes() const {
    const ReaderLock lock(mutex_);
    uint64_t bytes =
        index_.memory_bytes() +
        (changes_.definitions.capacity() + changes_.metadata.capacity()) * sizeof(uint32_t);
    for (const SeriesMetadata& metadata : metadata_) {
        bytes += 2 * (sizeof(metadata) + metadata.unit.size() + metadata.help.size() +
                      metadata.type.size());
    }
    return bytes;
}

}  // namespace cistern::store
