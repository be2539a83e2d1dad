// SPDX-License-Identifier: MIT
// What bounds one query: cancellation, deadline, samples and series. Shared by the threads that
// work on it.
#pragma once

#include "store/base/clock.h"
#include "store/base/result.h"
#include "store/engine/querier.h"
#include "store/promql/engine_options.h"
#include "store/promql/grid.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace cistern::promql {

class QueryContext {
  public:
    QueryContext(const store::Querier& querier,
                 const DatabaseResolver& databases,
                 const EngineOptions& options)
        : querier_(querier), databases_(databases), options_(options) {}

    [[nodiscard]] const EngineOptions& options() const { return options_; }
    // Of a selector's database; the query's own for an empty name.
    [[nodiscard]] Result<std::shared_ptr<const store::Querier>> querier_of(
        std::string_view database) const;

    [[nodiscard]] bool resolves_databases() const { return static_cast<bool>(databases_); }

    void set_cancel(const CancelToken* cancel) { cancel_ = cancel; }
    void set_deadline(int64_t monotonic_ns) { deadline_ns_ = monotonic_ns; }
    // Cancelled, or Unavailable when the time is up. Ask at least once per series.
    [[nodiscard]] Status check() const;

    // Counts samples held in memory; ResourceExhausted when there are too many.
    [[nodiscard]] Status charge(uint64_t samples);
    // What charge says of too many.
    [[nodiscard]] static tl::unexpected<Error> too_many_samples();
    // How many more it would take.
    [[nodiscard]] uint64_t samples_left() const;
    void release(uint64_t samples) { held_.fetch_sub(samples, std::memory_order_relaxed); }
    void count_read(uint64_t samples) { read_.fetch_add(samples, std::memory_order_relaxed); }
    [[nodiscard]] uint64_t samples_read() const { return read_.load(std::memory_order_relaxed); }
    [[nodiscard]] uint64_t samples_peak() const { return peak_.load(std::memory_order_relaxed); }

    // The time bounds of the query as asked, for start() and end().
    int64_t start_ms = 0;
    int64_t end_ms = 0;
    // While selectors are planned: times after it are out of their sight (References::horizon_ms).
    int64_t horizon_ms = kQueryTimeMsMax;

  private:
    const store::Querier& querier_;
    const DatabaseResolver& databases_;
    const EngineOptions& options_;
    const CancelToken* cancel_ = nullptr;
    int64_t deadline_ns_ = INT64_MAX;
    std::atomic<uint64_t> held_ = 0;
    std::atomic<uint64_t> peak_ = 0;
    std::atomic<uint64_t> read_ = 0;
};

// Samples that count as held until this goes.
class Charge {
  public:
    Charge() = default;
    static Result<Charge> take(QueryContext& context, uint64_t samples) {
        TRY(context.charge(samples));
        Charge charge;
        charge.context_ = &context;
        charge.samples_ = samples;
        return charge;
    }
    Charge(const Charge&) = delete;
    Charge& operator=(const Charge&) = delete;
    Charge(Charge&& other) noexcept
        : context_(std::exchange(other.context_, nullptr)),
          samples_(std::exchange(other.samples_, 0)) {}
    Charge& operator=(Charge&& other) noexcept {
        std::swap(context_, other.context_);
        std::swap(samples_, other.samples_);
        return *this;
    }
    ~Charge() {
        if (context_ != nullptr) {
            context_->release(samples_);
        }
    }

  private:
    QueryContext* context_ = nullptr;
    uint64_t samples_ = 0;
};

// An error of evaluation: the query is well formed but the data do not fit it.
inline tl::unexpected<Error> execution_error(std::string message) {
    return fail(ErrorCode::Unsupported, std::move(message));
}

}  // namespace cistern::promql
