// SPDX-License-Identifier: MIT
#include "web/import_batch.h"

#include <fmt/format.h>

namespace cistern::web {
namespace {

constexpr size_t kBatchSamples = 4096;

// An error of one sample, whatever its code was: the rest of the request goes on.
Error of_this_sample(const Error& error) {
    return {ErrorCode::InvalidArgument, error.message};
}

}  // namespace

void note_metadata(store::Database& database,
                   store::SeriesId series,
                   const store::SeriesMetadata& told) {
    const store::SeriesMetadata known = database.metadata(series);
    store::SeriesMetadata joined = known;
    if (!told.type.empty()) joined.type = told.type;
    if (!told.help.empty()) joined.help = told.help;
    if (!told.unit.empty()) joined.unit = told.unit;
    if (joined != known) database.set_metadata(series, joined);
}

struct ImportBatch::Target {
    std::string name;
    store::Database* database = nullptr;
    store::SeriesCache* cache = nullptr;
    std::vector<store::Sample> samples;
};

ImportBatch::ImportBatch(const Services& services,
                         const Request& request,
                         std::string database,
                         KeyKind kind,
                         ParseKey parse_key)
    : services_(services),
      request_(request),
      default_database_(std::move(database)),
      parse_key_(std::move(parse_key)),
      caches_(services.import_caches.lease(kind)) {}

ImportBatch::~ImportBatch() = default;

void ImportBatch::set_extra_labels(std::vector<store::Label> labels) {
    extra_labels_ = std::move(labels);
    if (!extra_labels_.empty()) caches_ = std::make_shared<ImportCaches::ByDatabase>();
}

Result<ImportBatch::Target*> ImportBatch::find_target(std::string_view database) {
    const std::string_view name = database.empty() ? std::string_view(default_database_) : database;
    if (last_target_ != nullptr && last_target_->name == name) return last_target_;
    auto at = targets_.find(name);
    if (at == targets_.end()) {
        auto opened = open_for_write(services_, request_, name);
        if (!opened) return tl::unexpected(of_this_sample(opened.error()));
        auto target = std::make_unique<Target>();
        target->name = name;
        target->database = *opened;
        target->cache = &(*caches_)[target->name];
        target->samples.reserve(kBatchSamples);
        at = targets_.emplace(target->name, std::move(target)).first;
    }
    last_target_ = at->second.get();
    return last_target_;
}

Result<store::SeriesCache::Series> ImportBatch::create_series(Target& target,
                                                              std::string_view key,
                                                              store::ValueType type) {
    store::Labels labels = TRY(parse_key_(key));
    for (const store::Label& extra : extra_labels_)
        labels.set(extra.name, extra.value);
    auto created = target.database->series(labels, type);
    if (!created) return tl::unexpected(of_this_sample(created.error()));
    const store::SeriesMetadata* told = metadata_of_ ? metadata_of_(labels) : nullptr;
    if (told != nullptr) note_metadata(*target.database, created->id, *told);
    const store::SeriesCache::Series series{created->id, created->type};
    target.cache->insert(key, series);
    return series;
}

Result<ImportBatch::Series> ImportBatch::find_series(std::string_view database,
                                                     std::string_view key,
                                                     store::ValueType type) {
    Target* target = TRY(find_target(database));
    auto known = target->cache->find(key);
    if (!known) known = TRY(create_series(*target, key, type));
    return Series{target, *known};
}

Status ImportBatch::add(const Series& series,
                        store::ValueType type,
                        store::ValueBits value,
                        store::TimestampNs timestamp) {
    if (type != series.series.type) {
        if (type == store::ValueType::Float) {
            return fail(ErrorCode::InvalidArgument,
                        "a float does not fit into this series of integers");
        }
        value = store::ValueBits::of(static_cast<double>(value.as_int()));
    }
    series.target->samples.push_back({series.series.id, timestamp, value});
    if (series.target->samples.size() < kBatchSamples) return {};
    return flush(*series.target);
}

Status ImportBatch::add(std::string_view database,
                        std::string_view key,
                        store::ValueType type,
                        store::ValueBits value,
                        store::TimestampNs timestamp) {
    const Series series = TRY(find_series(database, key, type));
    return add(series, type, value, timestamp);
}

Status ImportBatch::flush(Target& target) {
    if (target.samples.empty()) return {};
    auto appended = target.database->append({target.samples, {}});
    target.samples.clear();
    if (!appended) {
        // InvalidArgument would be taken for one bad sample.
        Error error = appended.error();
        if (error.code == ErrorCode::InvalidArgument) error.code = ErrorCode::Io;
        return tl::unexpected(std::move(error));
    }
    counts_.stored += appended->stored;
    counts_.rejected += appended->rejected;
    return {};
}

Status ImportBatch::flush() {
    for (auto& [name, target] : targets_)
        TRY(flush(*target));
    return {};
}

}  // namespace cistern::web
