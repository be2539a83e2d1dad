// SPDX-License-Identifier: MIT
// Which parts of a query have the same value at every step, because all their selectors are pinned
// by @: they are evaluated once.
// Source: Prometheus 2.42 promql/engine.go, preprocessExprHelper (rules).
#pragma once

#include "store/promql/ast.h"

#include <unordered_set>

namespace cistern::promql {

class StepInvariance {
  public:
    explicit StepInvariance(const Expr& root) { visit(root); }
    [[nodiscard]] bool contains(const Expr& expr) const { return invariant_.contains(&expr); }

  private:
    bool visit(const Expr& expr);
    bool visit_children(const Expr& expr);

    std::unordered_set<const Expr*> invariant_;
};

}  // namespace cistern::promql
