// SPDX-License-Identifier: MIT
// Lines of the line protocol -> appends, in batches per database; a bad line does not stop others.
#pragma once

#include "store/engine/local_database.h"
#include "store/engine/store.h"
#include "store/model/line_protocol.h"
#include "store/model/series_cache.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::store {

// Used for one buffer of lines.
class LineImport {
  public:
    using FindDatabase = std::function<Result<LocalDatabase*>(std::string_view name)>;

    LineImport(FindDatabase find, std::string_view default_database, TimestampNs now_ns)
        : find_(std::move(find)), default_database_(default_database), now_ns_(now_ns) {}

    // Fails when the disk takes no more; lines before that are in, and the message says how many.
    Result<ImportResult> run(std::string_view lines);

  private:
    struct Target {
        LocalDatabase* database = nullptr;
        SeriesCache cache;
        std::vector<Sample> samples;
        std::vector<size_t> lines;  // in step with samples
    };

    Status take(const ParsedLine& line);
    Result<Sample> sample_of(Target& target, const ParsedLine& line);
    Result<Target*> target_of(std::string_view name);
    Status send(Target& target);
    void refuse(size_t line, std::string reason);

    FindDatabase find_;
    const std::string default_database_;
    const TimestampNs now_ns_;
    std::map<std::string, Target, std::less<>> targets_;
    std::vector<Rejection> rejections_;  // reused
    ImportResult result_;
};

}  // namespace cistern::store
