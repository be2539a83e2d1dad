// SPDX-License-Identifier: MIT
// Prometheus remote write 1.0 and 2.0: the decompressed protobuf, series by series.
// Source: prompb/remote.proto, prompb/types.proto, prompb/io/prometheus/write/v2/types.proto.
#pragma once

#include "store/base/result.h"
#include "store/model/labels.h"
#include "store/model/series.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::web {

struct RemoteSample {
    int64_t timestamp_ms = 0;
    double value = 0;
};

// Views are valid during the call that receives it.
struct RemoteSeries {
    // Identifies the label set within this format: what a SeriesCache is asked for.
    std::string_view key;
    std::vector<RemoteSample> samples;
    uint32_t histograms = 0;  // native histograms and exemplars: not stored
    uint32_t exemplars = 0;
    bool has_metadata = false;  // 2.0
    store::SeriesMetadata metadata;
};

// One family's metadata (1.0).
struct RemoteMetadata {
    std::string_view family;
    store::SeriesMetadata metadata;
};

struct RemoteWriteSink {
    // The series's labels; InvalidArgument when they are bad. Only valid during on_series.
    using LabelsOf = std::function<Result<store::Labels>()>;
    // An error stops the decoding and is returned.
    std::function<Status(const RemoteSeries& series, const LabelsOf& labels)> on_series;
    std::function<void(const RemoteMetadata& metadata)> on_metadata;
};

// InvalidArgument: not such a message.
Status decode_remote_write_1(std::string_view message, const RemoteWriteSink& sink);
Status decode_remote_write_2(std::string_view message, const RemoteWriteSink& sink);

// From labels as they came: sorted; InvalidArgument when a name comes twice.
Result<store::Labels> labels_in_any_order(std::vector<store::Label> labels);

}  // namespace cistern::web
