// SPDX-License-Identifier: MIT
// A mapper for tests of what comes after mapping. Payloads are words:
//   metric=value          a sample of metric{topic="…"}
//   metric=value@seconds  at a time of its own
//   db/metric=value       in another database
//   metric~text           a text
//   !stale                every series of this topic ends
//   anything else         dropped as decode_error
#pragma once

#include "collector/mapping/mapper.h"
#include "collector/mapping/reasons.h"

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace cistern::collector {

class PlainMapper final : public Mapper {
  public:
    void map(const Message& message, bool, MappedMessage& into) override {
        into = {};
        into.rule = "plain";
        ++mapped;
        std::string_view rest = message.payload;
        while (!rest.empty()) {
            const size_t end = std::min(rest.find(' '), rest.size());
            map_word(message, rest.substr(0, end), into);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    void tick(int64_t, MappedMessage&) override {}
    bool describe(SeriesKey key, MappedSeries& into) const override {
        if (key.slot() >= series_.size()) {
            return false;
        }
        into = series_[key.slot()];
        return true;
    }
    std::vector<TopicFilter> topic_filters() const override { return {{"#", 1}}; }
    std::vector<std::string> warnings() const override { return {}; }
    Usage usage() const override { return {}; }
    std::string save_state() const override { return {}; }
    Status restore_state(std::string_view) override { return {}; }

    int mapped = 0;

  private:
    void map_word(const Message& message, std::string_view word, MappedMessage& into) {
        if (word == "!stale") {
            store::Labels labels;
            labels.set("topic", message.topic);
            into.stale.push_back({"", labels, 0});
            return;
        }
        const size_t sign = word.find_first_of("=~");
        if (sign == std::string_view::npos) {
            into.dropped.push_back({reason::kDecodeError, {}});
            return;
        }
        const SeriesKey key = key_of(message.topic, word.substr(0, sign));
        const std::string value(word.substr(sign + 1));
        if (word[sign] == '~') {
            into.texts.push_back({key, word.substr(sign + 1)});
            return;
        }
        const size_t at = value.find('@');
        MappedSample sample;
        sample.series = key;
        sample.value = std::strtod(value.c_str(), nullptr);
        sample.timestamp_from_payload = at != std::string::npos;
        sample.timestamp_ns =
            at == std::string::npos
                ? message.received_ns
                : std::strtoll(value.c_str() + at + 1, nullptr, 10) * 1'000'000'000;
        into.samples.push_back(sample);
    }
    SeriesKey key_of(std::string_view topic, std::string_view name) {
        const size_t slash = name.find('/');
        MappedSeries series;
        series.db = slash == std::string_view::npos ? "" : std::string(name.substr(0, slash));
        series.labels =
            store::Labels::of_metric(name.substr(slash == std::string_view::npos ? 0 : slash + 1),
                                     {{"topic", std::string(topic)}});
        series.rule = "plain";
        const auto [found, is_new] = slots_.try_emplace({series.db, series.labels}, series_.size());
        if (is_new) {
            series_.push_back(series);
        }
        return {found->second};
    }

    std::map<std::pair<std::string, store::Labels>, uint64_t> slots_;
    std::vector<MappedSeries> series_;
};

}  // namespace cistern::collector
