// SPDX-License-Identifier: MIT
// Reads one TOML table key by key, checks types and ranges, and at the end reports every key that
// nobody asked for with the nearest known one. Collects problems instead of stopping at the first.
#pragma once

#include "config/document.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cistern::config {

struct Problem {
    std::string file;
    uint32_t line = 0;  // 0 = the file as a whole
    std::string key;    // dotted path, e.g. broker[0].url
    std::string message;
    std::string suggestion;  // may be empty
    bool warning = false;    // reported, but the settings are usable

    // file:line: key: message (suggestion)
    [[nodiscard]] std::string to_string() const;
};
using Problems = std::vector<Problem>;

bool has_errors(const Problems& problems);

// Of all candidates the one within edit distance 2 (or a third of the length), else empty.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

class TableReader {
  public:
    // `path` is the table's dotted name for messages, empty for the root.
    TableReader(const Node& table, std::string file, std::string path, Problems& problems);

    // Each reads one key: nothing when absent; a problem and nothing when the value does not fit.
    std::optional<std::string> text(std::string_view key);
    std::optional<bool> boolean(std::string_view key);
    std::optional<int64_t> integer(std::string_view key, int64_t min, int64_t max);
    std::optional<double> number(std::string_view key);
    // Go style: "1h30m"; also days and weeks: "7d", "2w". Result in ns.
    std::optional<int64_t> duration_ns(std::string_view key);
    // 1048576, "1MiB", "2GB".
    std::optional<uint64_t> bytes(std::string_view key);
    // A string or an array of strings.
    std::optional<std::vector<std::string>> texts(std::string_view key);
    // One of the choices; the index of the chosen one.
    std::optional<size_t> choice(std::string_view key, const std::vector<std::string>& choices);

    // Sub-tables. An absent one gives nothing; something else is a problem.
    std::optional<TableReader> table(std::string_view key);
    std::vector<TableReader> tables(std::string_view key);  // [[key]], or [key] as a single one
    // Tables with free keys.
    std::vector<std::pair<std::string, const Node*>> members(std::string_view key);
    // The raw value, marked as known; null when absent.
    const Node* raw(std::string_view key);

    void problem(std::string_view key, std::string message, std::string suggestion = {});
    void warning(std::string_view key, std::string message);
    // Reports the keys that were never asked for.
    void finish();

    [[nodiscard]] const Node& node() const { return *table_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] const std::string& file() const { return file_; }

  private:
    const Node* expect(std::string_view key, NodeKind kind);
    [[nodiscard]] std::string dotted(std::string_view key) const;
    void add(std::string_view key, std::string message, std::string suggestion, bool is_warning);

    const Node* table_;
    std::string file_;
    std::string path_;
    Problems* problems_;
    std::vector<std::string> known_;
};

// 4096, "64MiB", "2GB".
Result<uint64_t> parse_byte_size(std::string_view text);

}  // namespace cistern::config
