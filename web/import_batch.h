// SPDX-License-Identifier: MIT
// Samples on their way from a text or protobuf body into the databases: found or created series,
// collected and appended some thousand at a time.
#pragma once

#include "store/base/result.h"
#include "store/model/labels.h"
#include "store/model/sample.h"
#include "web/http.h"
#include "web/import_caches.h"
#include "web/services.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::web {

struct ImportCounts {
    uint64_t stored = 0;    // replaced ones too
    uint64_t rejected = 0;  // by the database: too old, too new, out of order
};

// Adds what is told to what is known of a series.
void note_metadata(store::Database& database,
                   store::SeriesId series,
                   const store::SeriesMetadata& told);

// One request; not thread safe.
class ImportBatch {
  public:
    // Turns the bytes of a key into labels; called when the cache does not know the key.
    using ParseKey = std::function<Result<store::Labels>(std::string_view key)>;

    // `database` is where samples without a database of their own go.
    ImportBatch(const Services& services,
                const Request& request,
                std::string database,
                KeyKind kind,
                ParseKey parse_key);
    // Labels that every sample gets; the caches are not used then.
    void set_extra_labels(std::vector<store::Label> labels);
    // What is known about a series that the cache did not know; null for nothing.
    using MetadataOf = std::function<const store::SeriesMetadata*(const store::Labels& labels)>;
    void set_metadata_of(MetadataOf metadata_of) { metadata_of_ = std::move(metadata_of); }

    // InvalidArgument: this sample is bad, go on with the next. Any other code: storing failed,
    // stop. Samples before are stored or wait for flush().
    Status add(std::string_view database,
               std::string_view key,
               store::ValueType type,
               store::ValueBits value,
               store::TimestampNs timestamp);
    // The series of a key, for several samples in a row.
    struct Target;
    struct Series {
        Target* target = nullptr;
        store::SeriesCache::Series series;
    };
    Result<Series> find_series(std::string_view database,
                               std::string_view key,
                               store::ValueType type);
    Status add(const Series& series,
               store::ValueType type,
               store::ValueBits value,
               store::TimestampNs timestamp);
    // Appends what waits.
    Status flush();

    [[nodiscard]] const ImportCounts& counts() const { return counts_; }
    ~ImportBatch();

  private:
    Result<Target*> find_target(std::string_view database);
    Result<store::SeriesCache::Series> create_series(Target& target,
                                                     std::string_view key,
                                                     store::ValueType type);
    Status flush(Target& target);

    const Services& services_;
    const Request& request_;
    std::string default_database_;
    ParseKey parse_key_;
    MetadataOf metadata_of_;
    ImportCaches::Lease caches_;
    std::vector<store::Label> extra_labels_;
    std::map<std::string, std::unique_ptr<Target>, std::less<>> targets_;
    Target* last_target_ = nullptr;
    ImportCounts counts_;
};

}  // namespace cistern::web
