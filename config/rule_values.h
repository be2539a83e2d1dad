// SPDX-License-Identifier: MIT
// The shapes that values of a [[rule]] take: a text or a table per field, word maps, timestamps.
#pragma once

#include "collector/mapping/options.h"
#include "config/table_reader.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cistern::config {

// Keeps what is there when nothing was read.
template <class T, class U>
void assign(T& into, std::optional<U> value) {
    if (value) {
        into = static_cast<T>(std::move(*value));
    }
}

// { a = "x", b = "y" }
std::vector<std::pair<std::string, std::string>> read_text_map(TableReader& table,
                                                               std::string_view key);
// { off = 0, heat = 1 }; true and false count as 1 and 0
collector::ValueMap read_value_map(TableReader& table, std::string_view key);

// A single value for every field, or a table from field (or glob) to value.
collector::ByName<std::string> read_by_name_text(TableReader& table, std::string_view key);
collector::ByName<double> read_by_name_number(TableReader& table, std::string_view key);
collector::ByName<collector::ValueMap> read_by_name_map(TableReader& table, std::string_view key);

std::optional<collector::OnUnmapped> read_on_unmapped(TableReader& table);
// on_change = true, or { deadband = 0.2 | "5%", max_gap = "10m" }
std::optional<collector::OnChangeOptions> read_on_change(TableReader& table);
// timestamp = "receive", or { field, format, tz, max_past, max_future }
std::optional<collector::TimestampOptions> read_timestamp(TableReader& table);
// stale_after = "auto", "never" or a duration
std::optional<int64_t> read_stale_after(TableReader& table);
// decode = "json", or { binary = […] }, { csv = { columns = […], separator = ";" } }, …
collector::DecoderSpec read_decoder(TableReader& table);

}  // namespace cistern::config
