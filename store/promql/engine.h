// SPDX-License-Identifier: MIT
// The query engine: query text and a store's querier -> result. Thread safe; one per process.
#pragma once

#include "store/base/mutex.h"
#include "store/base/result.h"
#include "store/promql/ast.h"
#include "store/promql/engine_options.h"
#include "store/promql/grid.h"
#include "store/promql/query_context.h"
#include "store/promql/query_result.h"
#include "store/promql/range_vector.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace cistern::promql {

// The errorType of the HTTP API: bad_data, execution, timeout, canceled, internal. The engine's
// errors use the codes so: InvalidArgument = the query is wrong; Unsupported, ResourceExhausted =
// evaluation failed; Unavailable = out of time; Cancelled = the caller went away; others come from
// the store.
std::string_view error_type(ErrorCode code);

// What may come with one query. Whatever it points to must outlive the call.
struct QueryOptions {
    const CancelToken* cancel = nullptr;
    DatabaseResolver databases;
    int64_t timeout_ms = 0;   // 0, or longer than the engine's: the engine's
    int64_t lookback_ms = 0;  // 0 = the engine's
    // The samples of an instant query for m[5m] are not in the result but read one series after the
    // other through QueryResult::samples, so that they are never in memory together.
    bool stream_samples = false;
};

class Engine {
  public:
    explicit Engine(EngineOptions options = {}) : options_(options) {}

    // Times are ms since the Unix epoch. Blocks while `max_concurrency` others run.
    [[nodiscard]] Result<QueryResult> instant(const store::Querier& querier,
                                              std::string_view query,
                                              int64_t time_ms,
                                              const QueryOptions& options = {});
    // At start, start + step, ... not after end.
    [[nodiscard]] Result<QueryResult> range(const store::Querier& querier,
                                            std::string_view query,
                                            int64_t start_ms,
                                            int64_t end_ms,
                                            int64_t step_ms,
                                            const QueryOptions& options = {});

    [[nodiscard]] const EngineOptions& options() const { return options_; }

  private:
    struct Request {
        const store::Querier& querier;
        const Expr& expr;
        Grid grid;
        int64_t end_ms;  // as asked
        bool instant;
        const QueryOptions& options;
    };
    Result<QueryResult> run(const Request& request);
    struct Running;
    [[nodiscard]] Result<QueryResult> evaluate(const Request& request,
                                               const std::shared_ptr<Running>& running) const;
    Status stream_samples(const RangeVector& range,
                          const std::shared_ptr<Running>& running,
                          QueryResult& result) const;
    Status wait_for_turn(const QueryContext& context, int64_t deadline_ns);
    void leave();

    EngineOptions options_;
    Mutex mutex_;
    CondVar left_;
    uint32_t running_ CISTERN_GUARDED_BY(mutex_) = 0;
};

}  // namespace cistern::promql
