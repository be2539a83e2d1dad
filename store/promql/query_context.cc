// SPDX-License-Identifier: MIT
#include "store/promql/query_context.h"

#include <algorithm>

namespace cistern::promql {
namespace {

constexpr uint64_t kBytesPerSample = 16;  // timestamp and value

uint64_t samples_max(const EngineOptions& options) {
    return std::min(options.max_samples, options.memory_bytes_max / kBytesPerSample);
}

}  // namespace

Result<std::shared_ptr<const store::Querier>> QueryContext::querier_of(
    std::string_view database) const {
    if (database.empty() || !databases_) {
        return std::shared_ptr<const store::Querier>(&querier_, [](const store::Querier*) {});
    }
    return databases_(database);
}

Status QueryContext::check() const {
    if (cancel_ != nullptr && cancel_->cancelled()) {
        return fail(ErrorCode::Cancelled, "query was canceled in expression evaluation");
    }
    if (options_.clock->monotonic_ns() > deadline_ns_) {
        return fail(ErrorCode::Unavailable, "query timed out in expression evaluation");
    }
    return {};
}

uint64_t QueryContext::samples_left() const {
    const uint64_t most = samples_max(options_);
    return most - std::min(most, held_.load(std::memory_order_relaxed));
}

tl::unexpected<Error> QueryContext::too_many_samples() {
    return fail(ErrorCode::ResourceExhausted,
                "query processing would load too many samples into memory in query execution");
}

Status QueryContext::charge(uint64_t samples) {
    const uint64_t held = held_.fetch_add(samples, std::memory_order_relaxed) + samples;
    if (held > samples_max(options_)) {
        release(samples);
        return too_many_samples();
    }
    uint64_t peak = peak_.load(std::memory_order_relaxed);
    while (held > peak && !peak_.compare_exchange_weak(peak, held, std::memory_order_relaxed)) {
    }
    return {};
}

}  // namespace cistern::promql
