// SPDX-License-Identifier: MIT
// Prometheus remote read: the request, and both forms of the answer.
// Source: prompb/remote.proto, prompb/types.proto.
#pragma once

#include "store/base/result.h"
#include "store/model/labels.h"
#include "store/model/matcher.h"
#include "store/model/sample.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::web {

struct RemoteReadQuery {
    int64_t start_ms = 0;  // both ends belong to it
    int64_t end_ms = 0;
    std::vector<store::Matcher> matchers;
};

struct RemoteReadRequest {
    std::vector<RemoteReadQuery> queries;
    bool wants_chunks = false;  // else samples
};

inline constexpr size_t kRemoteReadQueriesMax = 100;

// InvalidArgument: not such a message, or a bad matcher.
Result<RemoteReadRequest> decode_remote_read(std::string_view message);

// Timestamps in ms, ascending and unique (of equal milliseconds the last is kept).
store::SampleColumns to_milliseconds(const store::SampleColumns& columns);

// Appends a TimeSeries field to the message of a QueryResult.
void append_time_series(std::string& query_result,
                        const store::Labels& labels,
                        const store::SampleColumns& columns_ms);
// Appends a QueryResult field to the message of a ReadResponse.
void append_query_result(std::string& read_response, std::string_view query_result);

// Writes one series as frames of at most about 1 MiB: length, CRC-32C, ChunkedReadResponse. False
// when `write` was.
bool write_chunked_series(const store::Labels& labels,
                          const store::SampleColumns& columns_ms,
                          int64_t query_index,
                          const std::function<bool(std::string_view)>& write);

}  // namespace cistern::web
