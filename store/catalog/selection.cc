// SPDX-License-Identifier: MIT
// SeriesIndex::select: the cheapest conditions narrow the set, the dear ones see what is left.
#include "store/catalog/series_index.h"

#include <algorithm>
#include <unordered_map>

namespace cistern::store {
namespace {

// One matcher whose satisfaction depends on values that must be looked at one by one.
struct Condition {
    const Matcher* matcher = nullptr;
    uint32_t name = 0;
    bool matches_absent = false;
};

class Selection {
  public:
    explicit Selection(const SeriesIndex& index) : index_(index), pairs_(index.pairs()) {}

    std::vector<uint32_t> run(std::span<const Matcher> matchers) {
        if (!sort_out(matchers)) {
            return {};
        }
        begin();
        for (const Condition& condition : conditions_) {
            if (ids_.empty()) {
                break;
            }
            apply(condition);
        }
        return std::move(ids_);
    }

  private:
    // False when a matcher can be satisfied by no series.
    bool sort_out(std::span<const Matcher> matchers) {
        for (const Matcher& matcher : matchers) {
            const auto name = pairs_.find_name(matcher.label());
            const bool absent = matcher.matches_empty();
            if (!name) {
                if (!absent) {
                    return false;
                }
                continue;
            }
            if (matcher.op() == MatchOp::Equal && !absent) {
                const auto pair = pairs_.find(matcher.label(), matcher.value());
                if (!pair) {
                    return false;
                }
                required_.push_back(pairs_.pair(*pair).postings.ids());
                continue;
            }
            conditions_.push_back({&matcher, *name, absent});
        }
        std::sort(required_.begin(), required_.end(), [](IdSpan a, IdSpan b) {
            return a.size() < b.size();
        });
        // Conditions that say what must be there come before those that say what must not.
        std::stable_sort(
            conditions_.begin(), conditions_.end(), [this](const Condition& a, const Condition& b) {
                return cost(a) < cost(b);
            });
        return true;
    }

    [[nodiscard]] size_t cost(const Condition& condition) const {
        if (condition.matches_absent) {
            return SIZE_MAX;
        }
        const auto& alternatives = condition.matcher->alternatives();
        const bool listed = condition.matcher->op() == MatchOp::Regex && !alternatives.empty();
        return listed ? alternatives.size() : pairs_.pairs_of(condition.name).size();
    }

    void begin() {
        if (!required_.empty()) {
            ids_.assign(required_[0].begin(), required_[0].end());
            for (size_t i = 1; i < required_.size(); ++i) {
                intersect(ids_, required_[i]);
            }
        } else if (!conditions_.empty() && !conditions_[0].matches_absent) {
            ids_ = unite_disjoint(lists(conditions_[0], true), index_.id_end());
            conditions_.erase(conditions_.begin());
        } else {
            ids_ = index_.all_ids();
        }
    }

    // Posting lists of the label's values that satisfy the matcher (or that do not).
    [[nodiscard]] std::vector<IdSpan> lists(const Condition& condition, bool satisfied) const {
        std::vector<IdSpan> found;
        const Matcher& matcher = *condition.matcher;
        if (satisfied && matcher.op() == MatchOp::Regex && !matcher.alternatives().empty()) {
            std::vector<std::string> values = matcher.alternatives();
            std::sort(values.begin(), values.end());
            values.erase(std::unique(values.begin(), values.end()), values.end());
            for (const std::string& value : values) {
                if (const auto pair = pairs_.find(matcher.label(), value)) {
                    found.push_back(pairs_.pair(*pair).postings.ids());
                }
            }
            return found;
        }
        for (const uint32_t pair : pairs_.pairs_of(condition.name)) {
            if (matcher.matches(pairs_.value(pair)) == satisfied) {
                found.push_back(pairs_.pair(pair).postings.ids());
            }
        }
        return found;
    }

    void apply(const Condition& condition) {
        // Fewer series than values: ask each series.
        if (ids_.size() < std::min(cost(condition), pairs_.pairs_of(condition.name).size())) {
            std::erase_if(ids_, [&](uint32_t id) { return !satisfies(condition, id); });
            return;
        }
        const bool wanted = !condition.matches_absent;
        const auto ids = unite_disjoint(lists(condition, wanted), index_.id_end());
        if (wanted) {
            intersect(ids_, ids);
        } else {
            subtract(ids_, ids);
        }
    }

    [[nodiscard]] bool satisfies(const Condition& condition, uint32_t id) const {
        const auto pair = index_.pair_of(id, condition.name);
        return pair ? condition.matcher->matches(pairs_.value(*pair)) : condition.matches_absent;
    }

    const SeriesIndex& index_;
    const LabelPairs& pairs_;
    std::vector<IdSpan> required_;
    std::vector<Condition> conditions_;
    std::vector<uint32_t> ids_;
};

}  // namespace

std::vector<uint32_t> SeriesIndex::select(std::span<const Matcher> matchers) const {
    return Selection(*this).run(matchers);
}

}  // namespace cistern::store
