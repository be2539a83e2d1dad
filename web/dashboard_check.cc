// SPDX-License-Identifier: MIT
#include "web/dashboards.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace cistern::web {
namespace {

using nlohmann::json;

constexpr size_t kPanelsMax = 200;
constexpr std::array<std::string_view, 10> kPanelTypes = {
    "number", "numbers", "line", "band", "bar", "state", "gauge", "table", "event", "text"};

class Checker {
  public:
    std::vector<std::string> faults;

    void check(const json& document) {
        if (!document.is_object()) {
            fault("the document must be a JSON object");
            return;
        }
        if (document.contains("schema") && document["schema"] != 1) {
            fault("schema must be 1: this server knows no other version");
        }
        if (!is_text(document, "title") || document["title"].get<std::string>().empty())
            fault("title is missing");
        check_texts(document, "tags", "tags");
        if (document.contains("panels") && !document["panels"].is_array()) {
            fault("panels must be a list");
        } else if (document.contains("panels")) {
            check_panels(document["panels"]);
        }
        for (const char* key : {"variables", "annotations"}) {
            if (document.contains(key) && !document[key].is_array())
                fault(fmt::format("{} must be a list", key));
        }
    }

  private:
    void fault(std::string text) { faults.push_back(std::move(text)); }

    static bool is_text(const json& object, const char* key) {
        return object.contains(key) && object[key].is_string();
    }

    void check_texts(const json& object, const char* key, const std::string& where) {
        if (!object.contains(key)) return;
        const json& list = object[key];
        const bool good =
            list.is_array() &&
            std::all_of(list.begin(), list.end(), [](const json& one) { return one.is_string(); });
        if (!good) fault(fmt::format("{} must be a list of texts", where));
    }

    void check_panels(const json& panels) {
        if (panels.size() > kPanelsMax) {
            fault(fmt::format("{} panels, more than {}", panels.size(), kPanelsMax));
            return;
        }
        std::set<std::string> ids;
        for (size_t i = 0; i < panels.size(); ++i)
            check_panel(panels[i], fmt::format("panels[{}]", i), ids);
    }

    void check_panel(const json& panel, const std::string& where, std::set<std::string>& ids) {
        if (!panel.is_object()) {
            fault(where + " must be an object");
            return;
        }
        if (panel.contains("id")) {
            const std::string id =
                panel["id"].is_string() ? panel["id"].get<std::string>() : panel["id"].dump();
            if (!ids.insert(id).second) fault(fmt::format("{}: id {} is used twice", where, id));
        }
        if (!is_text(panel, "type")) {
            fault(where + ": type is missing");
        } else if (std::find(kPanelTypes.begin(),
                             kPanelTypes.end(),
                             panel["type"].get<std::string>()) == kPanelTypes.end()) {
            fault(fmt::format("{}: unknown type \"{}\"; known are {}",
                              where,
                              panel["type"].get<std::string>(),
                              fmt::join(kPanelTypes, ", ")));
        }
        if (panel.contains("grid")) check_grid(panel["grid"], where + ".grid");
        if (panel.contains("series")) check_series(panel["series"], where + ".series");
    }

    void check_grid(const json& grid, const std::string& where) {
        for (const char* key : {"x", "y", "w", "h"}) {
            const bool good = grid.is_object() && grid.contains(key) &&
                              grid[key].is_number_integer() && grid[key].get<int64_t>() >= 0 &&
                              grid[key].get<int64_t>() <= 10'000;
            if (!good) fault(fmt::format("{}.{} must be a whole number from 0", where, key));
        }
    }

    void check_series(const json& series, const std::string& where) {
        if (!series.is_array()) {
            fault(where + " must be a list");
            return;
        }
        for (size_t i = 0; i < series.size(); ++i) {
            const json& one = series[i];
            if (one.is_object() && (is_text(one, "query") || is_text(one, "source"))) continue;
            fault(fmt::format("{}[{}] needs a query", where, i));
        }
    }
};

}  // namespace

std::vector<std::string> Dashboards::faults_of(std::string_view document) {
    if (document.size() > kDashboardBytesMax) {
        return {fmt::format(
            "the document has {} bytes, more than {}", document.size(), kDashboardBytesMax)};
    }
    try {
        Checker checker;
        checker.check(json::parse(document));
        return checker.faults;
    } catch (const json::exception& error) {
        return {fmt::format("not JSON: {}", error.what())};
    }
}

}  // namespace cistern::web
