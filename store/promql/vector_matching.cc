// SPDX-License-Identifier: MIT
// Arithmetic and comparison between two vectors. Which series meet which is found once, from the
// labels; the work at each step is plain arithmetic on columns.
#include "store/promql/binary_operation.h"
#include "store/promql/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace cistern::promql {
namespace {

// As Prometheus writes label sets in these messages: {__name__="up", a="b"}.
std::string in_braces(const store::Labels& labels) {
    std::string text = "{";
    for (const store::Label& label : labels.all()) {
        text += fmt::format("{}{}={}", text.size() > 1 ? ", " : "", label.name, quote(label.value));
    }
    return text + "}";
}

using Cardinality = VectorMatching::Cardinality;

// Series of both sides with one match key.
struct MatchGroup {
    std::vector<size_t> many;
    std::vector<size_t> one;
    std::vector<size_t> results;  // of this group, in the output
};

class Matching {
  public:
    // `many` is the side that may have several series for one of the other.
    Matching(const BinaryExpr& node, Matrix many, Matrix one)
        : node_(node),
          many_(std::move(many)),
          one_(std::move(one)),
          swapped_(node.matching.cardinality == Cardinality::OneToMany) {}

    Result<Matrix> run() {
        group();
        TRY(check_one_side());
        const ElementOp op = element_op(node_.op, node_.return_bool);
        Column column(many_.steps);
        for (size_t series = 0; series < many_.labels.size(); ++series) {
            MatchGroup& group = groups_[group_of_many_[series]];
            for (const size_t other : group.one) {
                const Column& many = many_.columns[series];
                const Column& one = one_.columns[other];
                swapped_ ? op(one, many, column) : op(many, one, column);
                TRY(add_result(
                    group, result_labels(many_.labels[series], one_.labels[other]), column));
            }
        }
        result_.steps = many_.steps;
        return std::move(result_);
    }

  private:
    size_t group_index(const SeriesLabels& labels) {
        const auto [found, is_new] =
            index_of_.emplace(match_key(node_.matching, labels), groups_.size());
        if (is_new) {
            groups_.emplace_back();
        }
        return found->second;
    }

    void group() {
        for (size_t i = 0; i < many_.labels.size(); ++i) {
            group_of_many_.push_back(group_index(many_.labels[i]));
            groups_[group_of_many_.back()].many.push_back(i);
        }
        for (size_t i = 0; i < one_.labels.size(); ++i) {
            groups_[group_index(one_.labels[i])].one.push_back(i);
        }
    }

    // Two series of the "one" side with one key are an error at any step where the other side has a
    // value at all, matching or not.
    Status check_one_side() {
        std::vector<bool> occupied;
        for (const MatchGroup& group : groups_) {
            if (group.one.size() < 2) {
                continue;
            }
            if (occupied.empty()) {
                occupied = occupied_steps(many_);
            }
            TRY(check_duplicates(group, occupied));
        }
        return {};
    }

    static std::vector<bool> occupied_steps(const Matrix& side) {
        std::vector<bool> occupied(side.steps, false);
        for (const Column& column : side.columns) {
            for (size_t step = 0; step < side.steps; ++step) {
                occupied[step] = occupied[step] || !is_absent(column[step]);
            }
        }
        return occupied;
    }

    Status check_duplicates(const MatchGroup& group, const std::vector<bool>& occupied) {
        constexpr size_t kNone = SIZE_MAX;
        for (size_t step = 0; step < one_.steps; ++step) {
            size_t first = kNone;
            for (const size_t series : group.one) {
                if (!occupied[step] || is_absent(one_.columns[series][step])) {
                    continue;
                }
                if (first != kNone) {
                    return duplicate_error(first, series);
                }
                first = series;
            }
        }
        return {};
    }

    [[nodiscard]] tl::unexpected<Error> duplicate_error(size_t first, size_t second) const {
        const VectorMatching& matching = node_.matching;
        std::vector<store::Label> matched;
        one_.labels[second].for_each([&](std::string_view name, std::string_view value) {
            const bool listed = std::find(matching.labels.begin(), matching.labels.end(), name) !=
                                matching.labels.end();
            if (listed == matching.on && (matching.on || name != store::kMetricNameLabel)) {
                matched.push_back({std::string(name), std::string(value)});
            }
        });
        return execution_error(fmt::format(
            "found duplicate series for the match group {} on the {} hand-side of the operation: "
            "[{}, {}];many-to-many matching not allowed: matching labels must be unique on one "
            "side",
            in_braces(store::Labels(std::move(matched))),
            swapped_ ? "left" : "right",
            in_braces(one_.labels[second].to_labels()),
            in_braces(one_.labels[first].to_labels())));
    }

    [[nodiscard]] SeriesLabels result_labels(const SeriesLabels& many,
                                             const SeriesLabels& one) const {
        const VectorMatching& matching = node_.matching;
        const bool one_to_one = matching.cardinality == Cardinality::OneToOne;
        const bool nameless = drops_name(node_.op) || node_.return_bool;
        if (one_to_one && !matching.on && matching.labels.empty()) {
            SeriesLabels same = many;
            if (nameless) {
                same.drop_name();
            }
            return same;
        }
        std::vector<store::Label> kept;
        many.for_each([&](std::string_view name, std::string_view value) {
            const bool listed = std::find(matching.labels.begin(), matching.labels.end(), name) !=
                                matching.labels.end();
            const bool dropped = (nameless && name == store::kMetricNameLabel) ||
                                 (one_to_one && listed != matching.on);
            if (!dropped) {
                kept.push_back({std::string(name), std::string(value)});
            }
        });
        store::Labels labels(std::move(kept));
        for (const std::string& name : matching.include) {
            labels.set(name, one.get(name));
        }
        if (node_.return_bool) {
            labels.remove(store::kMetricNameLabel);
        }
        return SeriesLabels(std::move(labels));
    }

    // Adds the column of one pair. Within its group a step may have one result (one-to-one), or
    // one for each label set (grouped); across groups label sets must differ.
    Status add_result(MatchGroup& group, SeriesLabels labels, const Column& column) {
        if (!any_present(column)) {
            return {};
        }
        const bool one_to_one = node_.matching.cardinality == Cardinality::OneToOne;
        for (const size_t other : one_to_one ? group.results : std::vector<size_t>()) {
            if (overlap(result_.columns[other], column)) {
                return execution_error(
                    "multiple matches for labels: many-to-one matching must be explicit "
                    "(group_left/group_right)");
            }
        }
        const auto [found, is_new] = result_of_.emplace(labels.key(), result_.labels.size());
        if (is_new) {
            result_.add(std::move(labels), column);
            group.results.push_back(found->second);
            return {};
        }
        return merge_into(group, found->second, column);
    }

    Status merge_into(MatchGroup& group, size_t result, const Column& column) {
        Column& into = result_.columns[result];
        if (overlap(into, column)) {
            const bool same_group = std::find(group.results.begin(), group.results.end(), result) !=
                                    group.results.end();
            return execution_error(
                same_group
                    ? "multiple matches for labels: grouping labels must ensure unique matches"
                    : "vector cannot contain metrics with the same labelset");
        }
        for (size_t step = 0; step < into.size(); ++step) {
            into[step] = is_absent(column[step]) ? into[step] : column[step];
        }
        if (std::find(group.results.begin(), group.results.end(), result) == group.results.end()) {
            group.results.push_back(result);
        }
        return {};
    }

    static bool overlap(const Column& a, const Column& b) {
        for (size_t step = 0; step < a.size(); ++step) {
            if (!is_absent(a[step]) && !is_absent(b[step])) {
                return true;
            }
        }
        return false;
    }

    const BinaryExpr& node_;
    Matrix many_;
    Matrix one_;
    bool swapped_;
    std::unordered_map<std::string, size_t> index_of_;
    std::vector<MatchGroup> groups_;
    std::vector<size_t> group_of_many_;
    Matrix result_;
    std::unordered_map<std::string, size_t> result_of_;
};

}  // namespace

Result<SeriesSet> vector_with_vector(const BinaryExpr& node,
                                     SeriesSet left,
                                     SeriesSet right,
                                     QueryContext& context) {
    Matrix lhs = TRY(materialise(std::move(left), context));
    Matrix rhs = TRY(materialise(std::move(right), context));
    const bool swap = node.matching.cardinality == Cardinality::OneToMany;
    Matching matching(
        node, swap ? std::move(rhs) : std::move(lhs), swap ? std::move(lhs) : std::move(rhs));
    Matrix result = TRY(matching.run());
    result.charge =
        TRY(Charge::take(context, static_cast<uint64_t>(result.steps) * result.labels.size()));
    return to_set(std::move(result));
}

}  // namespace cistern::promql
