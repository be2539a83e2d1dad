// SPDX-License-Identifier: MIT
// and, or, unless.
#include "store/promql/binary_operation.h"

#include <unordered_map>

namespace cistern::promql {
namespace {

// For each match key the steps at which some series of a side has a value, as 0 and 1.
class Presence {
  public:
    Presence(const VectorMatching& matching, const Matrix& side)
        : matching_(matching), steps_(side.steps) {
        for (size_t i = 0; i < side.labels.size(); ++i) {
            auto& at = steps_of_[match_key(matching, side.labels[i])];
            at.resize(steps_, false);
            for (size_t step = 0; step < steps_; ++step) {
                at[step] = at[step] || !is_absent(side.columns[i][step]);
            }
        }
    }

    // Drops the values at steps where the other side's presence is not `wanted`.
    void keep_where(bool wanted, const SeriesLabels& series, Column& column) const {
        const auto found = steps_of_.find(match_key(matching_, series));
        if (found == steps_of_.end()) {
            if (wanted) {
                column.assign(steps_, absent());
            }
            return;
        }
        for (size_t step = 0; step < steps_; ++step) {
            if (found->second[step] != wanted) {
                column[step] = absent();
            }
        }
    }

  private:
    const VectorMatching& matching_;
    size_t steps_;
    std::unordered_map<std::string, std::vector<bool>> steps_of_;
};

void keep_where(bool wanted, const Presence& presence, Matrix& side) {
    for (size_t i = 0; i < side.labels.size(); ++i) {
        presence.keep_where(wanted, side.labels[i], side.columns[i]);
    }
    side.drop_empty();
}

}  // namespace

Result<SeriesSet> set_operation(const BinaryExpr& node,
                                SeriesSet left,
                                SeriesSet right,
                                QueryContext& context) {
    Matrix lhs = TRY(materialise(std::move(left), context));
    Matrix rhs = TRY(materialise(std::move(right), context));
    if (node.op != BinaryOp::Or) {
        keep_where(node.op == BinaryOp::And, Presence(node.matching, rhs), lhs);
        return to_set(std::move(lhs));
    }
    keep_where(false, Presence(node.matching, lhs), rhs);
    for (size_t i = 0; i < rhs.labels.size(); ++i) {
        lhs.add(std::move(rhs.labels[i]), std::move(rhs.columns[i]));
    }
    lhs.unique_without_name = false;
    // Series that are on both sides, at different steps.
    return merge_equal(to_set(std::move(lhs)), DuplicateRule::PerStep, context);
}

}  // namespace cistern::promql
