// SPDX-License-Identifier: MIT
// A series' identity: its metric name (label __name__) and its other labels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/base/result.h"

namespace cistern::store {

inline constexpr std::string_view kMetricNameLabel = "__name__";

struct Label {
    std::string name;
    std::string value;
    auto operator<=>(const Label&) const = default;
};

// Sorted by name, names unique, no empty values (an empty value means "not there", as in
// Prometheus). A value type; safe to read from any thread.
class Labels {
  public:
    Labels() = default;
    // Sorts, and drops empty values. Of equal names the last wins.
    explicit Labels(std::vector<Label> labels);
    static Labels of_metric(std::string_view metric, std::vector<Label> labels = {});

    [[nodiscard]] std::string_view metric() const { return get(kMetricNameLabel); }
    // Empty when absent.
    [[nodiscard]] std::string_view get(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const { return !get(name).empty(); }
    // An empty value removes.
    void set(std::string_view name, std::string_view value);
    void remove(std::string_view name) { set(name, {}); }

    [[nodiscard]] const std::vector<Label>& all() const { return labels_; }
    [[nodiscard]] bool empty() const { return labels_.empty(); }
    [[nodiscard]] size_t size() const { return labels_.size(); }
    // Stable between runs and machines.
    [[nodiscard]] uint64_t hash() const;
    // metric{a="1",b="x\"y"}; a metric name that PromQL cannot write bare is quoted inside the braces.
    [[nodiscard]] std::string to_string() const;

    auto operator<=>(const Labels&) const = default;

  private:
    std::vector<Label> labels_;
};

// Limits of design section 3: what may be stored.
inline constexpr size_t kMetricNameBytesMax = 255;
inline constexpr size_t kLabelCountMax = 64;
inline constexpr size_t kLabelNameBytesMax = 255;
inline constexpr size_t kLabelValueBytesMax = 4096;

// Names what is wrong and where.
Status validate_metric_name(std::string_view name);
Status validate_label_name(std::string_view name);
Status validate_labels(const Labels& labels);
bool is_valid_utf8(std::string_view text);
// [a-z0-9][a-z0-9_-]{0,62}
Status validate_database_name(std::string_view name);

}  // namespace cistern::store
