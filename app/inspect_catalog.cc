// SPDX-License-Identifier: MIT
#include "app/inspection.h"
#include "app/inspection_result.h"
#include "app/live_folder.h"
#include "app/terminal.h"
#include "store/base/file_system.h"
#include "store/catalog/catalog.h"

#include <fmt/format.h>

namespace cistern::app {

Result<Inspection> inspect_catalog(const InspectedFolder& folder) {
    const auto [catalog, warnings] = TRY(open_live_catalog(folder.path()));
    nlohmann::json series = nlohmann::json::array();
    Table table({"id", "type", "unit", "series"});
    for (const store::SeriesId id : catalog->select({})) {
        const std::string type = catalog->type(id) == store::ValueType::Int ? "int" : "float";
        const store::SeriesMetadata metadata = catalog->metadata(id);
        nlohmann::json labels = nlohmann::json::object();
        for (const store::Label& label : catalog->labels(id)->all()) {
            labels[label.name] = label.value;
        }
        series.push_back({{"id", id.value()},
                          {"type", type},
                          {"labels", labels},
                          {"unit", metadata.unit},
                          {"kind", metadata.type},
                          {"stale_after_ns", metadata.stale_after_ns}});
        table.row(
            {std::to_string(id.value()), type, metadata.unit, catalog->labels(id)->to_string()});
    }
    Inspection result;
    result.damaged = !warnings.empty();
    result.json = {{"series", series}, {"count", catalog->series_count()}, {"warnings", warnings}};
    result.text =
        table.to_string() + fmt::format("{} series\n", human_count(catalog->series_count()));
    for (const std::string& warning : warnings) {
        result.text += warning + "\n";
    }
    return result;
}

}  // namespace cistern::app
