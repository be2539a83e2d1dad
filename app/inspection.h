// SPDX-License-Identifier: MIT
// What the files of a database hold, read without writing, as JSON and as text for people. Damage
// is shown, not stumbled over.
#pragma once

#include "store/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace cistern::app {

struct InspectedFolder {
    std::string root;
    std::string database;
    bool verbose = false;  // every record and block, not only the sums

    [[nodiscard]] std::string path() const { return root + "/" + database; }
};

// The named database alone, or every one of the root. NotFound: there is no such root or database,
// or none at all.
Result<std::vector<std::string>> databases_of(const std::string& root, const std::string& database);

struct Inspection;  // see inspection_result.h

// Sums of the database: series, samples, files, log.
Result<Inspection> inspect_database(const InspectedFolder& folder);
// Series definitions.
Result<Inspection> inspect_catalog(const InspectedFolder& folder);
// Partition files, with `verbose` their blocks.
Result<Inspection> inspect_partitions(const InspectedFolder& folder);
// Segments of the log, with `verbose` their records.
Result<Inspection> inspect_log(const InspectedFolder& folder);

}  // namespace cistern::app
