// SPDX-License-Identifier: MIT
// A series' identity as text, metric{a="1",b="2"}, in the dialects of our line protocol and of the
// Prometheus exposition format. Slow beside finding the text in a SeriesCache; used on a miss.
#pragma once

#include "store/base/result.h"
#include "store/model/labels.h"

#include <string>
#include <string_view>

namespace cistern::store {

enum class KeyDialect : uint8_t {
    // Bare metric names [A-Za-z_:][A-Za-z0-9_:.\-/]*; escapes \\ \" \n \r \t \xNN.
    LineProtocol,
    // Bare metric names [A-Za-z_:][A-Za-z0-9_:]*; escapes \\ \" \n; other backslashes stay.
    Prometheus,
};

// In both dialects names that cannot stand bare are quoted inside the braces, {"room temp", "a
// b"="1"}. InvalidArgument names what is wrong; the result satisfies validate_labels.
Result<Labels> parse_series_key(std::string_view key, KeyDialect dialect);

// The inverse for the line protocol: no space outside quotes, no newline anywhere.
void append_series_key(std::string& out, const Labels& labels);

// Where the key at the beginning of `text` ends: after the bare name and its braces. npos when a
// brace or a quote is not closed. Looks at no character twice.
size_t series_key_end(std::string_view text);

}  // namespace cistern::store
