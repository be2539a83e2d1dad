// SPDX-License-Identifier: MIT
// Runs scripts in Prometheus' promqltest notation against the engine:
//   clear
//   load <step> [stale_after <duration>|never], then lines `metric{label="v"} values` where values
//   are 1 -2.5 _ _x3 stale 1x4; stale_after is ours 1+2x3 eval[_fail|_ordered] instant at <time>
//   <query>, then the expected series or one number
// Each eval is run as the middle step of a range query too, as Prometheus' own runner does.
#pragma once

#include "store/promql/engine.h"
#include "tests/support/fake_querier.h"

#include <string>
#include <vector>

namespace cistern::promql::test {

class ScriptRunner {
  public:
    struct Outcome {
        size_t evaluations = 0;
        std::vector<std::string> failures;  // line: what
    };
    Outcome run(const std::string& script);

  private:
    struct Expected {
        std::vector<ResultSeries> series;
        bool is_scalar = false;
        double scalar = 0;
    };

    void load(const std::string& header);
    void evaluate(const std::string& header);
    void check_range(const std::string& query, int64_t time_ms, const Expected& expected);
    std::vector<std::string> take_block();
    Expected read_expected();
    void compare(const Expected& expected, const std::vector<ResultSeries>& got, bool ordered);
    void failed(const std::string& what);

    std::vector<std::string> lines_;
    size_t at_ = 0;
    size_t eval_line_ = 0;
    std::string eval_text_;
    Outcome outcome_;
    cistern::test::FakeQuerier querier_;
    Engine engine_;
};

}  // namespace cistern::promql::test
