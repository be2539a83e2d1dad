// SPDX-License-Identifier: MIT
#include "config/table_reader.h"

#include "store/model/time_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

namespace cistern::config {
namespace {

size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= a.size(); ++i) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
        }
    }
    return row.back();
}

struct Unit {
    std::string_view name;
    double factor;
};

constexpr std::array<Unit, 11> kByteUnits{{{"KiB", 1024.0},
                                           {"MiB", 1048576.0},
                                           {"GiB", 1073741824.0},
                                           {"TiB", 1099511627776.0},
                                           {"kB", 1e3},
                                           {"KB", 1e3},
                                           {"MB", 1e6},
                                           {"GB", 1e9},
                                           {"TB", 1e12},
                                           {"B", 1},
                                           {"", 1}}};

// Splits "12.5MiB" into the number and what follows it.
std::optional<double> take_number(std::string_view& text) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc() || value < 0 || !std::isfinite(value)) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    return value;
}

}  // namespace

std::string Problem::to_string() const {
    std::string out = line > 0 ? fmt::format("{}:{}: ", file, line) : fmt::format("{}: ", file);
    if (warning) {
        out += "warning: ";
    }
    if (!key.empty()) {
        out += key + ": ";
    }
    out += message;
    if (!suggestion.empty()) {
        out += fmt::format(" ({})", suggestion);
    }
    return out;
}

bool has_errors(const Problems& problems) {
    return std::any_of(
        problems.begin(), problems.end(), [](const Problem& p) { return !p.warning; });
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
    size_t best = std::max<size_t>(2, word.size() / 3) + 1;
    std::string found;
    for (const std::string& candidate : candidates) {
        const size_t distance = edit_distance(word, candidate);
        if (distance < best) {
            best = distance;
            found = candidate;
        }
    }
    return found;
}

Result<uint64_t> parse_byte_size(std::string_view text) {
    std::string_view rest = text;
    const auto value = take_number(rest);
    while (value && !rest.empty() && rest.front() == ' ') {
        rest.remove_prefix(1);
    }
    for (const Unit& unit : kByteUnits) {
        if (value && rest == unit.name && *value * unit.factor < 9e18) {
            return static_cast<uint64_t>(*value * unit.factor);
        }
    }
    return fail(ErrorCode::InvalidArgument,
                fmt::format("'{}' is not a size such as 4096, \"64MiB\" or \"2GB\"", text));
}

TableReader::TableReader(const Node& table, std::string file, std::string path, Problems& problems)
    : table_(&table), file_(std::move(file)), path_(std::move(path)), problems_(&problems) {}

std::string TableReader::dotted(std::string_view key) const {
    return path_.empty() || key.empty() ? path_ + std::string(key)
                                        : fmt::format("{}.{}", path_, key);
}

void TableReader::add(std::string_view key,
                      std::string message,
                      std::string suggestion,
                      bool is_warning) {
    const Node* value = table_->find(key);
    problems_->push_back({file_,
                          value != nullptr ? value->line : table_->line,
                          dotted(key),
                          std::move(message),
                          std::move(suggestion),
                          is_warning});
}

void TableReader::problem(std::string_view key, std::string message, std::string suggestion) {
    add(key, std::move(message), std::move(suggestion), false);
}

void TableReader::warning(std::string_view key, std::string message) {
    add(key, std::move(message), {}, true);
}

const Node* TableReader::raw(std::string_view key) {
    known_.emplace_back(key);
    return table_->find(key);
}

const Node* TableReader::expect(std::string_view key, NodeKind kind) {
    const Node* value = raw(key);
    if (value == nullptr || value->kind == kind ||
        (kind == NodeKind::Number && value->kind == NodeKind::Integer)) {
        return value;
    }
    problem(key, fmt::format("must be {}, not {}", kind_name(kind), kind_name(value->kind)));
    return nullptr;
}

std::optional<std::string> TableReader::text(std::string_view key) {
    const Node* value = expect(key, NodeKind::Text);
    return value != nullptr ? std::optional(value->text) : std::nullopt;
}

std::optional<bool> TableReader::boolean(std::string_view key) {
    const Node* value = expect(key, NodeKind::Boolean);
    return value != nullptr ? std::optional(value->boolean) : std::nullopt;
}

std::optional<int64_t> TableReader::integer(std::string_view key, int64_t min, int64_t max) {
    const Node* value = expect(key, NodeKind::Integer);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->integer < min || value->integer > max) {
        problem(key, fmt::format("{} is outside {} .. {}", value->integer, min, max));
        return std::nullopt;
    }
    return value->integer;
}

std::optional<double> TableReader::number(std::string_view key) {
    const Node* value = expect(key, NodeKind::Number);
    return value != nullptr ? std::optional(value->number) : std::nullopt;
}

std::optional<int64_t> TableReader::duration_ns(std::string_view key) {
    const auto written = text(key);
    if (!written) {
        return std::nullopt;
    }
    const auto parsed = store::parse_duration(*written);
    if (!parsed) {
        problem(key, parsed.error().message);
        return std::nullopt;
    }
    if (*parsed < 0) {
        problem(key, "must not be negative");
        return std::nullopt;
    }
    return *parsed;
}

std::optional<uint64_t> TableReader::bytes(std::string_view key) {
    const Node* value = raw(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->kind == NodeKind::Integer && value->integer >= 0) {
        return static_cast<uint64_t>(value->integer);
    }
    const auto parsed = parse_byte_size(value->kind == NodeKind::Text ? value->text : "");
    if (!parsed) {
        problem(key, parsed.error().message);
        return std::nullopt;
    }
    return *parsed;
}

std::optional<std::vector<std::string>> TableReader::texts(std::string_view key) {
    const Node* value = raw(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->kind == NodeKind::Text) {
        return std::vector{value->text};
    }
    std::vector<std::string> found;
    for (const Node& item : value->items) {
        if (item.kind == NodeKind::Text) {
            found.push_back(item.text);
        }
    }
    if (value->kind != NodeKind::Array || found.size() != value->items.size()) {
        problem(key, "must be a string or an array of strings");
        return std::nullopt;
    }
    return found;
}

std::optional<size_t> TableReader::choice(std::string_view key,
                                          const std::vector<std::string>& choices) {
    const auto written = text(key);
    if (!written) {
        return std::nullopt;
    }
    const auto found = std::find(choices.begin(), choices.end(), *written);
    if (found == choices.end()) {
        const std::string near = nearest(*written, choices);
        problem(key,
                fmt::format("'{}' is none of {}", *written, fmt::join(choices, ", ")),
                near.empty() ? "" : fmt::format("did you mean '{}'?", near));
        return std::nullopt;
    }
    return static_cast<size_t>(found - choices.begin());
}

std::optional<TableReader> TableReader::table(std::string_view key) {
    const Node* value = expect(key, NodeKind::Table);
    if (value == nullptr) {
        return std::nullopt;
    }
    return TableReader(*value, file_, dotted(key), *problems_);
}

std::vector<TableReader> TableReader::tables(std::string_view key) {
    const Node* value = raw(key);
    std::vector<TableReader> found;
    if (value == nullptr) {
        return found;
    }
    if (value->kind == NodeKind::Table) {
        found.emplace_back(*value, file_, dotted(key), *problems_);
        return found;
    }
    for (size_t i = 0; i < value->items.size(); ++i) {
        if (value->items[i].kind == NodeKind::Table) {
            found.emplace_back(
                value->items[i], file_, fmt::format("{}[{}]", dotted(key), i), *problems_);
        }
    }
    if (value->kind != NodeKind::Array || found.size() != value->items.size()) {
        problem(key, fmt::format("must be tables: write [[{}]]", dotted(key)));
    }
    return found;
}

std::vector<std::pair<std::string, const Node*>> TableReader::members(std::string_view key) {
    std::vector<std::pair<std::string, const Node*>> found;
    if (const Node* value = expect(key, NodeKind::Table)) {
        for (const auto& [name, member] : value->members) {
            found.emplace_back(name, &member);
        }
    }
    return found;
}

void TableReader::finish() {
    for (const auto& [name, value] : table_->members) {
        if (std::find(known_.begin(), known_.end(), name) != known_.end()) {
            continue;
        }
        const std::string near = nearest(name, known_);
        add(name,
            "unknown key",
            near.empty() ? "" : fmt::format("did you mean '{}'?", near),
            false);
    }
}

}  // namespace cistern::config
