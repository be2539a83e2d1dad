// SPDX-License-Identifier: MIT
// What became of an import, and the answers that say so.
#pragma once

#include "store/base/metrics.h"
#include "store/base/result.h"
#include "store/engine/store.h"
#include "web/http.h"
#include "web/import_batch.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cistern::web {

struct ImportReport {
    uint64_t failed = 0;
    std::vector<store::LineError> errors;  // the first kLineErrorsMax
    std::optional<Error> stopped;  // storing or reading failed: what follows was not looked at

    void add(size_t line, std::string reason);
};

// 200 with the count; 400 when lines were bad or rejected, with the counts and the first reasons;
// 507, 503, 413 and so on when it stopped.
Response import_answer(const ImportReport& report, const ImportCounts& counts);
// Counts what was not stored in cistern_samples_dropped_total: `bad` samples or lines that could
// not be read, and those that the database rejected.
void count_dropped(MetricsRegistry& registry, uint64_t bad, uint64_t rejected);
// The answer when storing failed: 507 with Retry-After for a full disk, else 500 or 503. A sender
// that retries on 5xx keeps its data.
Response storing_failed(const Error& error);

}  // namespace cistern::web
