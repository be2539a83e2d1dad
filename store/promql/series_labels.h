// SPDX-License-Identifier: MIT
// The labels of a series under evaluation: shared with the store, and perhaps without the metric
// name, which most operations drop; so dropping it copies nothing.
#pragma once

#include "store/model/labels.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cistern::promql {

class SeriesLabels {
  public:
    SeriesLabels() : labels_(empty()) {}
    explicit SeriesLabels(std::shared_ptr<const store::Labels> labels)
        : labels_(std::move(labels)) {}
    explicit SeriesLabels(store::Labels labels)
        : labels_(std::make_shared<const store::Labels>(std::move(labels))) {}

    void drop_name() { named_ = false; }
    [[nodiscard]] bool named() const { return named_; }
    // Empty when absent.
    [[nodiscard]] std::string_view get(std::string_view name) const {
        return !named_ && name == store::kMetricNameLabel ? std::string_view() : labels_->get(name);
    }
    // Calls visit(name, value) in the order of names.
    template <class Visit>
    void for_each(const Visit& visit) const {
        for (const store::Label& label : labels_->all()) {
            if (named_ || label.name != store::kMetricNameLabel) {
                visit(label.name, label.value);
            }
        }
    }
    [[nodiscard]] store::Labels to_labels() const {
        store::Labels copy = *labels_;
        if (!named_) {
            copy.remove(store::kMetricNameLabel);
        }
        return copy;
    }
    // Equal for equal labels, different for different ones.
    [[nodiscard]] std::string key() const {
        std::string out;
        for_each([&out](std::string_view name, std::string_view value) {
            append_to_key(out, name, value);
        });
        return out;
    }
    static void append_to_key(std::string& key, std::string_view name, std::string_view value) {
        // 0xff is in no UTF-8 text; the lengths guard against label values that are none.
        key.append(name).append(1, '\xff').append(value).append(1, '\xff');
        key.append(std::to_string(name.size())).append(1, ',').append(std::to_string(value.size()));
    }
    [[nodiscard]] std::string to_string() const { return to_labels().to_string(); }

  private:
    static const std::shared_ptr<const store::Labels>& empty() {
        static const auto none = std::make_shared<const store::Labels>();
        return none;
    }

    std::shared_ptr<const store::Labels> labels_;
    bool named_ = true;
};

}  // namespace cistern::promql
