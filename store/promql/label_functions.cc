// SPDX-License-Identifier: MIT
// Functions that change or order by labels. The only place of the query language that knows RE2.
#include "store/promql/format.h"
#include "store/promql/instant_function.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace cistern::promql {
namespace {

constexpr size_t kRegexBytesMax = 16 * 1024;

// Sets a label of every series and merges those that became equal.
template <class ValueOf>
Result<SeriesSet> set_label(SeriesSet set,
                            const std::string& name,
                            const ValueOf& value_of,
                            QueryContext& context) {
    for (SeriesLabels& series : set.labels) {
        std::optional<std::string> value = value_of(series);
        if (value.has_value() && *value != series.get(name)) {
            store::Labels changed = series.to_labels();
            changed.set(name, *value);
            series = SeriesLabels(std::move(changed));
        }
    }
    set.unique_without_name = false;
    return merge_equal(std::move(set), DuplicateRule::PerStep, context);
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The groups of one match, by number and name, for $1 and ${name}.
class Groups {
  public:
    Groups(const re2::RE2& regex, const std::vector<re2::StringPiece>& groups)
        : regex_(regex), groups_(groups) {}

    // As Go's Regexp.Expand: $name takes the longest name, $$ is a dollar sign, and a $ that
    // begins nothing stands for itself.
    [[nodiscard]] std::string expand(std::string_view replacement) const {
        std::string out;
        while (!replacement.empty()) {
            const size_t dollar = replacement.find('$');
            out += replacement.substr(0, dollar);
            if (dollar == std::string_view::npos) {
                break;
            }
            replacement.remove_prefix(dollar + 1);
            expand_one(replacement, out);
        }
        return out;
    }

  private:
    // Behind the dollar sign.
    void expand_one(std::string_view& rest, std::string& out) const {
        if (!rest.empty() && rest[0] == '$') {
            out += '$';
            rest.remove_prefix(1);
            return;
        }
        const bool braced = !rest.empty() && rest[0] == '{';
        const size_t begin = braced ? 1 : 0;
        size_t end = begin;
        while (end < rest.size() && is_name_character(rest[end])) {
            ++end;
        }
        if (end == begin || (braced && (end >= rest.size() || rest[end] != '}'))) {
            out += '$';
            return;
        }
        append_group(rest.substr(begin, end - begin), out);
        rest.remove_prefix(end + (braced ? 1 : 0));
    }

    void append_group(std::string_view name, std::string& out) const {
        size_t index = groups_.size();
        const bool numeric =
            std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (numeric && name.size() < 9 && (name.size() == 1 || name[0] != '0')) {
            index = std::stoul(std::string(name));
        } else if (!numeric) {
            const auto& names = regex_.NamedCapturingGroups();
            const auto found = names.find(std::string(name));
            index = found != names.end() ? static_cast<size_t>(found->second) : index;
        }
        if (index < groups_.size() && groups_[index].data() != nullptr) {
            out.append(groups_[index].data(), groups_[index].size());
        }
    }

    const re2::RE2& regex_;
    const std::vector<re2::StringPiece>& groups_;
};

// Series in an order by `less`; for instant queries, whose answers keep it.
template <class Less>
SeriesSet ordered(Matrix& matrix, const Less& less) {
    std::vector<size_t> order(matrix.labels.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), less);
    Matrix sorted;
    sorted.steps = matrix.steps;
    sorted.unique_without_name = matrix.unique_without_name;
    sorted.charge = std::move(matrix.charge);
    for (const size_t index : order) {
        sorted.add(std::move(matrix.labels[index]), std::move(matrix.columns[index]));
    }
    return to_set(std::move(sorted));
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Numbers in the text compare by value: a2 before a10.
int natural_compare(std::string_view a, std::string_view b) {
    while (!a.empty() && !b.empty()) {
        size_t a_run = 1;
        size_t b_run = 1;
        if (is_digit(a[0]) && is_digit(b[0])) {
            a.remove_prefix(std::min(a.find_first_not_of('0'), a.size() - 1));
            b.remove_prefix(std::min(b.find_first_not_of('0'), b.size() - 1));
            a_run = std::min(a.find_first_not_of("0123456789"), a.size());
            b_run = std::min(b.find_first_not_of("0123456789"), b.size());
            if (a_run != b_run) {
                return a_run < b_run ? -1 : 1;
            }
        }
        const int difference = a.substr(0, a_run).compare(b.substr(0, b_run));
        if (difference != 0) {
            return difference;
        }
        a.remove_prefix(std::min(a_run, a.size()));
        b.remove_prefix(std::min(b_run, b.size()));
    }
    return static_cast<int>(!a.empty()) - static_cast<int>(!b.empty());
}

}  // namespace

Result<SeriesSet> label_replace(FunctionArguments arguments, QueryContext& context) {
    const std::string& target = arguments.texts[0];
    const std::string& replacement = arguments.texts[1];
    const std::string& source = arguments.texts[2];
    const std::string& pattern = arguments.texts[3];
    re2::RE2::Options options;
    options.set_log_errors(false);
    const re2::RE2 regex("^(?:" + pattern.substr(0, kRegexBytesMax) + ")$", options);
    if (!regex.ok() || pattern.size() > kRegexBytesMax) {
        return execution_error("invalid regular expression in label_replace(): " + pattern);
    }
    if (!is_label_name(target)) {
        return execution_error("invalid destination label name in label_replace(): " + target);
    }
    std::vector<re2::StringPiece> groups(static_cast<size_t>(regex.NumberOfCapturingGroups()) + 1);
    const auto value_of = [&](const SeriesLabels& series) -> std::optional<std::string> {
        // RE2 tells an empty group from an absent one by its pointer, so the text must have one.
        const std::string_view value = series.get(source);
        const re2::StringPiece text(value.data() != nullptr ? value.data() : "", value.size());
        if (!regex.Match(text,
                         0,
                         text.size(),
                         re2::RE2::ANCHOR_BOTH,
                         groups.data(),
                         static_cast<int>(groups.size()))) {
            return std::nullopt;
        }
        return Groups(regex, groups).expand(replacement);
    };
    return set_label(std::move(arguments.vector), target, value_of, context);
}

Result<SeriesSet> label_join(FunctionArguments arguments, QueryContext& context) {
    const std::string& target = arguments.texts[0];
    const std::string& separator = arguments.texts[1];
    const std::vector<std::string> sources(arguments.texts.begin() + 2, arguments.texts.end());
    for (const std::string& source : sources) {
        if (!is_label_name(source)) {
            return execution_error("invalid source label name in label_join(): " + source);
        }
    }
    if (!is_label_name(target)) {
        return execution_error("invalid destination label name in label_join(): " + target);
    }
    const auto value_of = [&](const SeriesLabels& series) -> std::optional<std::string> {
        std::string joined;
        for (size_t i = 0; i < sources.size(); ++i) {
            joined += i == 0 ? std::string_view() : std::string_view(separator);
            joined += series.get(sources[i]);
        }
        return joined;
    };
    return set_label(std::move(arguments.vector), target, value_of, context);
}

Result<SeriesSet> sort_by_value(FunctionArguments arguments, QueryContext& context) {
    if (arguments.grid.count != 1) {
        return std::move(arguments.vector);
    }
    const bool descending = arguments.node.function->id == FunctionId::SortDesc;
    Matrix matrix = TRY(materialise(std::move(arguments.vector), context));
    const std::vector<Column>& columns = matrix.columns;
    // NaN comes last either way.
    const auto less = [&columns, descending](size_t a, size_t b) {
        const double left = columns[a][0];
        const double right = columns[b][0];
        if (std::isnan(left) || std::isnan(right)) {
            return !std::isnan(left) && std::isnan(right);
        }
        return descending ? left > right : left < right;
    };
    return ordered(matrix, less);
}

Result<SeriesSet> sort_by_label(FunctionArguments arguments, QueryContext& context) {
    if (arguments.grid.count != 1) {
        return std::move(arguments.vector);
    }
    const bool descending = arguments.node.function->id == FunctionId::SortByLabelDesc;
    Matrix matrix = TRY(materialise(std::move(arguments.vector), context));
    const std::vector<SeriesLabels> labels = matrix.labels;
    const auto less = [&](size_t a, size_t b) {
        for (const std::string& label : arguments.texts) {
            const int difference = natural_compare(labels[a].get(label), labels[b].get(label));
            if (difference != 0) {
                return descending ? difference > 0 : difference < 0;
            }
        }
        const auto rest = labels[a].to_labels() <=> labels[b].to_labels();
        return descending ? rest > 0 : rest < 0;
    };
    return ordered(matrix, less);
}

}  // namespace cistern::promql
