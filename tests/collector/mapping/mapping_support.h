// SPDX-License-Identifier: MIT
// Maps messages and shows the outcome as lines that tests can compare.
#pragma once

#include "collector/mapping/mapper.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace cistern::collector::test {

inline constexpr int64_t kReceived = 1'767'225'600'000'000'000;  // 2026-01-01T00:00:00Z

class MapperUnderTest {
  public:
    explicit MapperUnderTest(const MappingOptions& options = {}) {
        auto created = Mapper::create(options);
        EXPECT_TRUE(created.has_value()) << (created.has_value() ? "" : created.error().message);
        mapper_ = std::move(*created);
    }
    static MapperUnderTest with_rule(const RuleOptions& rule) {
        MappingOptions options;
        options.rules = {rule};
        return MapperUnderTest(options);
    }

    MapperUnderTest& send(std::string_view topic,
                          std::string_view payload,
                          int64_t received_ns = kReceived) {
        Message message;
        message.topic = topic;
        message.payload = payload;
        message.received_ns = received_ns;
        return send(message);
    }
    MapperUnderTest& send(const Message& message) {
        mapper_->map(message, true, mapped_);
        return *this;
    }

    // 'metric{label="v"} value unit', sorted
    [[nodiscard]] std::vector<std::string> samples() const {
        std::vector<std::string> lines;
        for (const MappedSample& sample : mapped_.samples) {
            const MappedSeries series = describe(sample.series);
            lines.push_back(fmt::format("{}{}{} {}{}{}",
                                        series.db,
                                        series.db.empty() ? "" : "/",
                                        series.labels.to_string(),
                                        sample.value,
                                        series.unit.empty() ? "" : " ",
                                        series.unit));
        }
        std::sort(lines.begin(), lines.end());
        return lines;
    }
    [[nodiscard]] std::vector<std::string> texts() const {
        std::vector<std::string> lines;
        for (const MappedText& text : mapped_.texts) {
            lines.push_back(
                fmt::format("{}={}", describe(text.series).labels.to_string(), text.value));
        }
        std::sort(lines.begin(), lines.end());
        return lines;
    }
    [[nodiscard]] std::vector<std::string> stale() const {
        std::vector<std::string> lines;
        for (const StaleSeries& one : mapped_.stale) {
            lines.push_back(one.labels.to_string());
        }
        return lines;
    }
    [[nodiscard]] std::vector<std::string> dropped() const { return reasons(mapped_.dropped); }
    [[nodiscard]] std::vector<std::string> notes() const { return reasons(mapped_.notes); }
    [[nodiscard]] MappedSeries describe(SeriesKey key) const {
        MappedSeries series;
        EXPECT_TRUE(mapper_->describe(key, series));
        return series;
    }
    [[nodiscard]] const MappedMessage& mapped() const { return mapped_; }
    [[nodiscard]] Mapper& mapper() { return *mapper_; }

  private:
    static std::vector<std::string> reasons(const std::vector<DroppedField>& list) {
        std::vector<std::string> lines;
        for (const DroppedField& one : list) {
            lines.push_back(std::string(one.reason) + (one.field.empty() ? "" : " " + one.field));
        }
        return lines;
    }

    std::unique_ptr<Mapper> mapper_;
    MappedMessage mapped_;
};

using Lines = std::vector<std::string>;

inline RuleOptions rule(std::string name, std::vector<std::string> topics) {
    RuleOptions out;
    out.name = std::move(name);
    out.topics = std::move(topics);
    return out;
}

}  // namespace cistern::collector::test
