// SPDX-License-Identifier: MIT
// Remote write 1.0 and 2.0 and remote read, after and before snappy.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "store/base/assert.h"
#include "web/remote_read.h"
#include "web/remote_write.h"
#include "web/snappy_block.h"
#include "web/xor_chunk.h"

namespace {

void decode(std::string_view message) {
    using namespace cistern;
    using namespace cistern::web;
    size_t samples = 0;
    RemoteWriteSink sink;
    sink.on_series = [&samples](const RemoteSeries& series, const RemoteWriteSink::LabelsOf& labels_of) -> Status {
        samples += series.samples.size();
        const auto labels = labels_of();
        if (labels) (void)store::validate_labels(*labels);
        return {};
    };
    sink.on_metadata = [](const RemoteMetadata&) {};
    (void)decode_remote_write_1(message, sink);
    (void)decode_remote_write_2(message, sink);
    // A sample takes two bytes of the message at least, in each of both readings.
    CISTERN_ASSERT(samples <= message.size());
    const auto request = decode_remote_read(message);
    if (request) CISTERN_ASSERT(request->queries.size() <= kRemoteReadQueriesMax);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    decode(input);
    const auto message = cistern::web::decompress_snappy(input, 1 << 20);
    if (message) {
        CISTERN_ASSERT(message->size() <= 1 << 20);
        decode(*message);
    }
    const auto columns = cistern::web::decode_xor_chunk(input);
    if (columns) CISTERN_ASSERT(columns->timestamps.size() == columns->values.size());
    return 0;
}
