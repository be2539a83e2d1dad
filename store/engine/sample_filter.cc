// SPDX-License-Identifier: MIT
#include "store/engine/sample_filter.h"

#include <algorithm>
#include <limits>
#include <map>

namespace cistern::store {
namespace {

constexpr std::string_view kTooOld = "older than max_past";
constexpr std::string_view kTooNew = "further in the future than max_future";
constexpr std::string_view kOutOfOrder =
    "older than the newest sample of the series (out_of_order = \"reject\")";

}  // namespace

std::span<const Sample> SampleFilter::accept(std::span<const Sample> samples,
                                             TimestampNs now,
                                             std::vector<Rejection>& rejections) {
    rejections.clear();
    const bool ordered = options_.out_of_order == OutOfOrder::Reject;
    if (!ordered && options_.max_past_ns == 0 && options_.max_future_ns == 0) {
        return samples;
    }
    std::map<SeriesId, TimestampNs> in_batch;  // the order holds within the batch too
    for (size_t i = 0; i < samples.size(); ++i) {
        const Sample& sample = samples[i];
        std::string_view reason = refuse(sample, now);
        if (reason.empty() && ordered) {
            const auto [entry, first] = in_batch.try_emplace(sample.series, sample.timestamp);
            reason = !first && sample.timestamp < entry->second ? kOutOfOrder : reason;
            entry->second = std::max(entry->second, sample.timestamp);
        }
        if (!reason.empty()) {
            rejections.push_back({i, reason});
        }
    }
    if (rejections.empty()) {
        return samples;
    }
    kept_.clear();
    auto rejection = rejections.begin();
    for (size_t i = 0; i < samples.size(); ++i) {
        if (rejection != rejections.end() && rejection->sample == i) {
            ++rejection;
        } else {
            kept_.push_back(samples[i]);
        }
    }
    return kept_;
}

std::string_view SampleFilter::refuse(const Sample& sample, TimestampNs now) const {
    TimestampNs bound = 0;
    const bool has_oldest =
        options_.max_past_ns > 0 && !__builtin_sub_overflow(now, options_.max_past_ns, &bound);
    if (has_oldest && sample.timestamp < bound) {
        return kTooOld;
    }
    const bool has_newest =
        options_.max_future_ns > 0 && !__builtin_add_overflow(now, options_.max_future_ns, &bound);
    if (has_newest && sample.timestamp > bound) {
        return kTooNew;
    }
    if (options_.out_of_order == OutOfOrder::Reject && sample.series.value() < last_.size() &&
        sample.timestamp < last_[sample.series.value()]) {
        return kOutOfOrder;
    }
    return {};
}

void SampleFilter::commit(std::span<const Sample> accepted) {
    if (options_.out_of_order == OutOfOrder::Reject) {
        for (const Sample& sample : accepted) {
            note_last(sample.series, sample.timestamp);
        }
    }
}

void SampleFilter::note_last(SeriesId series, TimestampNs timestamp) {
    if (options_.out_of_order != OutOfOrder::Reject) {
        return;
    }
    if (series.value() >= last_.size()) {
        last_.resize(series.value() + size_t{1}, std::numeric_limits<TimestampNs>::min());
    }
    last_[series.value()] = std::max(last_[series.value()], timestamp);
}

}  // namespace cistern::store
