// SPDX-License-Identifier: MIT
#include "collector/decode/binary_formats.h"
#include "collector/decode/civil_time.h"
#include "collector/decode/record_list.h"
#include "collector/decode/text_scalar.h"
#include "collector/decode/tree_builder.h"
#include "store/model/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

namespace cistern::collector {
namespace {

enum class ColumnKind : uint8_t { Value, Text, Time, Skipped };

struct Column {
    std::string name;
    ColumnKind kind = ColumnKind::Value;
    store::NumberUnit unit = store::NumberUnit::Guess;
    bool lenient = false;  // a time where it is one, else a value
};

// What a header calls the time of its rows.
bool names_time(std::string_view name) {
    constexpr std::string_view kNames[] = {
        "time", "timestamp", "ts", "datetime", "date_time", "unixtime", "epoch"};
    return std::any_of(std::begin(kNames), std::end(kNames), [&](std::string_view one) {
        return equals_ignoring_case(name, one);
    });
}

// "name", "name:text", "name:unix[_ms|_us|_ns]", "name:time" (any form), "" or "_".
Result<Column> parse_column(std::string_view text) {
    text = trim_scalar(text);
    if (text.empty() || text == "_") {
        return Column{{}, ColumnKind::Skipped};
    }
    const size_t colon = text.rfind(':');
    Column column{std::string(text.substr(0, colon))};
    if (colon == std::string_view::npos) {
        return column;
    }
    const std::string_view kind = text.substr(colon + 1);
    constexpr std::pair<std::string_view, store::NumberUnit> kTimes[] = {
        {"unix", store::NumberUnit::Seconds},
        {"unix_s", store::NumberUnit::Seconds},
        {"unix_ms", store::NumberUnit::Milliseconds},
        {"unix_us", store::NumberUnit::Microseconds},
        {"unix_ns", store::NumberUnit::Nanoseconds},
        {"time", store::NumberUnit::Guess},
        {"rfc3339", store::NumberUnit::Guess},
        {"auto", store::NumberUnit::Guess}};
    for (const auto& [name, unit] : kTimes) {
        if (kind == name) {
            column.kind = ColumnKind::Time;
            column.unit = unit;
            return column;
        }
    }
    if (kind != "text" && kind != "number") {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("csv column '{}': '{}' is unknown; there are text, number, unix, "
                                "unix_ms, unix_us, unix_ns and time",
                                text,
                                kind));
    }
    column.kind = kind == "text" ? ColumnKind::Text : ColumnKind::Value;
    return column;
}

class CsvDecoder final : public Decoder {
  public:
    CsvDecoder(std::vector<Column> columns, std::string separator)
        : columns_(std::move(columns)), separator_(std::move(separator)) {}

    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        RecordList records(arena);
        const std::vector<Column>* columns = columns_.empty() ? nullptr : &columns_;
        std::vector<Column> header;
        size_t number = 0;
        while (!payload.empty()) {
            ++number;
            TRY(take_row(payload, arena));
            if (row_.size() == 1 && row_[0].empty()) {
                continue;
            }
            if (columns == nullptr) {
                bool timed = false;
                for (const std::string_view name : row_) {
                    Column column{std::string(name)};
                    if (!timed && names_time(name)) {
                        column.kind = ColumnKind::Time;
                        column.lenient = timed = true;
                    }
                    header.push_back(std::move(column));
                }
                columns = &header;
                continue;
            }
            if (row_.size() < columns->size()) {
                return fail(ErrorCode::InvalidArgument,
                            fmt::format("CSV row {} has {} columns instead of {}",
                                        number,
                                        row_.size(),
                                        columns->size()));
            }
            TRY(add_row(*columns, number, arena, records));
        }
        Decoded out;
        out.root = TRY(records.finish());
        return out;
    }

  private:
    // One row of RFC 4180 into row_: quotes may hold separators, newlines and doubled quotes.
    Status take_row(std::string_view& payload, NodeArena& arena) {
        row_.clear();
        for (;;) {
            while (!payload.empty() && payload[0] == ' ') {
                payload.remove_prefix(1);
            }
            const bool quoted = !payload.empty() && payload[0] == '"';
            row_.push_back(quoted ? TRY(take_quoted(payload, arena)) : take_plain(payload));
            if (payload.substr(0, separator_.size()) != separator_) {
                break;
            }
            payload.remove_prefix(separator_.size());
        }
        const size_t end = std::min(payload.find('\n'), payload.size());
        if (!trim_scalar(payload.substr(0, end)).empty()) {
            return fail(ErrorCode::InvalidArgument, "text behind a quoted CSV column");
        }
        payload.remove_prefix(std::min(end + 1, payload.size()));
        return {};
    }

    std::string_view take_plain(std::string_view& payload) const {
        const size_t line = std::min(payload.find('\n'), payload.size());
        const size_t end = std::min(payload.substr(0, line).find(separator_), line);
        const std::string_view column = trim_scalar(payload.substr(0, end));
        payload.remove_prefix(end);
        return column;
    }

    static Result<std::string_view> take_quoted(std::string_view& payload, NodeArena& arena) {
        std::string text;
        size_t at = 1;
        for (;; ++at) {
            if (at >= payload.size()) {
                return fail(ErrorCode::InvalidArgument,
                            "the quotes of a CSV column are not closed");
            }
            if (payload[at] != '"') {
                text += payload[at];
            } else if (at + 1 < payload.size() && payload[at + 1] == '"') {
                text += payload[at++];
            } else {
                break;
            }
        }
        payload.remove_prefix(at + 1);
        while (!payload.empty() && payload[0] == ' ') {
            payload.remove_prefix(1);
        }
        return arena.copy(text);
    }

    Status add_row(const std::vector<Column>& columns,
                   size_t number,
                   NodeArena& arena,
                   RecordList& records) {
        RecordFields fields;
        for (size_t i = 0; i < columns.size(); ++i) {
            if (columns[i].kind != ColumnKind::Time) {
                continue;
            }
            const auto time = store::parse_time(row_[i], 0, columns[i].unit);
            if (columns[i].lenient &&
                (!time.has_value() || *time < kClocksAreSetNs || row_[i] == "now")) {
                continue;
            }
            if (!time.has_value() || row_[i] == "now") {
                return fail(
                    ErrorCode::InvalidArgument,
                    fmt::format("CSV row {}: column '{}' is no time", number, columns[i].name));
            }
            fields.has_time = true;
            fields.time_ns = *time;
        }
        for (size_t i = 0; i < columns.size(); ++i) {
            const bool value = columns[i].kind == ColumnKind::Value ||
                               columns[i].kind == ColumnKind::Text ||
                               (columns[i].lenient && !fields.has_time);
            if (!value) {
                continue;
            }
            fields.name = arena.copy(columns[i].name);
            fields.text = columns[i].kind == ColumnKind::Text;
            fields.value = TreeBuilder(arena).text(row_[i]);
            records.add(fields);
        }
        return {};
    }

    std::vector<Column> columns_;
    std::string separator_;
    std::vector<std::string_view> row_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_csv_decoder(const DecoderSpec& spec) {
    if (spec.csv_separator.empty() ||
        spec.csv_separator.find_first_of("\"\n\r") != std::string::npos) {
        return fail(ErrorCode::InvalidArgument,
                    "the csv separator must be a character other than a quote");
    }
    std::vector<Column> columns;
    for (const std::string& text : spec.csv_columns) {
        columns.push_back(TRY(parse_column(text)));
    }
    return std::unique_ptr<Decoder>(
        std::make_unique<CsvDecoder>(std::move(columns), spec.csv_separator));
}

}  // namespace cistern::collector
