// SPDX-License-Identifier: MIT
#include "web/remote_read.h"

#include "store/base/crc32c.h"
#include "store/base/time_units.h"
#include "web/xor_chunk.h"

#include <fmt/format.h>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include <span>

namespace cistern::web {
namespace {

using protozero::pbf_reader;
using protozero::pbf_writer;

// A field of another wire type than the protocol says is skipped like an unknown one: protozero
// itself only asserts.
constexpr uint32_t varint(uint32_t tag) {
    return protozero::tag_and_type(tag, protozero::pbf_wire_type::varint);
}
constexpr uint32_t bytes(uint32_t tag) {
    return protozero::tag_and_type(tag, protozero::pbf_wire_type::length_delimited);
}

constexpr uint16_t kChunkSamples = 120;  // as Prometheus cuts them
constexpr size_t kFrameBytes = 1 << 20;

Result<store::Matcher> decode_matcher(pbf_reader reader) {
    int32_t type = 0;
    std::string name;
    std::string value;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case varint(1):
                type = reader.get_int32();
                break;
            case bytes(2):
                name = reader.get_string();
                break;
            case bytes(3):
                value = reader.get_string();
                break;
            default:
                reader.skip();
        }
    }
    if (type < 0 || type > 3)
        return fail(ErrorCode::InvalidArgument, fmt::format("unknown matcher type {}", type));
    return store::Matcher::create(
        std::move(name), static_cast<store::MatchOp>(type), std::move(value));
}

Result<RemoteReadQuery> decode_query(pbf_reader reader) {
    RemoteReadQuery query;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case varint(1):
                query.start_ms = reader.get_int64();
                break;
            case varint(2):
                query.end_ms = reader.get_int64();
                break;
            case bytes(3):
                query.matchers.push_back(TRY(decode_matcher(reader.get_message())));
                break;
            default:
                reader.skip();
        }
    }
    return query;
}

// The first type that we know decides; none means samples.
class AcceptedTypes {
  public:
    void take(pbf_reader& reader) {
        if (reader.wire_type() == protozero::pbf_wire_type::varint) {
            take(reader.get_int32());
            return;
        }
        for (const int32_t type : reader.get_packed_int32())
            take(type);
    }
    [[nodiscard]] bool chunks() const { return first_ == 1; }

  private:
    void take(int32_t type) {
        if (first_ < 0 && (type == 0 || type == 1)) first_ = type;
    }
    int32_t first_ = -1;
};

Result<RemoteReadRequest> decode(std::string_view message) {
    RemoteReadRequest request;
    AcceptedTypes accepted;
    pbf_reader reader(message.data(), message.size());
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case bytes(1):
                if (request.queries.size() == kRemoteReadQueriesMax) {
                    return fail(
                        ErrorCode::InvalidArgument,
                        fmt::format("more than {} queries in one request", kRemoteReadQueriesMax));
                }
                request.queries.push_back(TRY(decode_query(reader.get_message())));
                break;
            case varint(2):
            case bytes(2):
                accepted.take(reader);
                break;
            default:
                reader.skip();
        }
    }
    request.wants_chunks = accepted.chunks();
    return request;
}

void append_labels(pbf_writer& writer, const store::Labels& labels) {
    for (const store::Label& label : labels.all()) {
        pbf_writer one(writer, 1);
        one.add_string(1, label.name);
        one.add_string(2, label.value);
    }
}

void append_varint(std::string& out, uint64_t value) {
    while (value >= 0x80) {
        out += static_cast<char>(value | 0x80);
        value >>= 7;
    }
    out += static_cast<char>(value);
}

std::string frame_of(std::string_view payload) {
    std::string frame;
    append_varint(frame, payload.size());
    const uint32_t crc = crc32c(std::as_bytes(std::span(payload)));
    for (int shift = 24; shift >= 0; shift -= 8)
        frame += static_cast<char>(crc >> shift);
    frame += payload;
    return frame;
}

std::string chunk_message(const XorChunk& chunk) {
    std::string message;
    pbf_writer writer(message);
    writer.add_int64(1, chunk.min_time_ms());
    writer.add_int64(2, chunk.max_time_ms());
    writer.add_enum(3, 1);  // XOR
    writer.add_bytes(4, chunk.bytes());
    return message;
}

// Collects chunks of one series and sends them a frame at a time.
class FrameWriter {
  public:
    FrameWriter(const store::Labels& labels,
                int64_t query_index,
                const std::function<bool(std::string_view)>& write)
        : query_index_(query_index), write_(write) {
        pbf_writer writer(labels_);
        append_labels(writer, labels);
    }
    bool add(const XorChunk& chunk) {
        pbf_writer writer(chunks_);
        writer.add_message(2, chunk_message(chunk));
        return labels_.size() + chunks_.size() < kFrameBytes || flush();
    }
    bool flush() {
        if (chunks_.empty()) return true;
        std::string payload;
        pbf_writer writer(payload);
        writer.add_message(1, labels_ + chunks_);
        if (query_index_ != 0) writer.add_int64(2, query_index_);
        chunks_.clear();
        return write_(frame_of(payload));
    }

  private:
    std::string labels_;
    std::string chunks_;
    int64_t query_index_;
    const std::function<bool(std::string_view)>& write_;
};

}  // namespace

Result<RemoteReadRequest> decode_remote_read(std::string_view message) {
    try {
        return decode(message);
    } catch (const protozero::exception& error) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the body is not valid protobuf: {}", error.what()));
    }
}

store::SampleColumns to_milliseconds(const store::SampleColumns& columns) {
    store::SampleColumns out;
    out.timestamps.reserve(columns.size());
    out.values.reserve(columns.size());
    for (size_t i = 0; i < columns.size(); ++i) {
        const int64_t ns = columns.timestamps[i];
        const int64_t ms = ns / kNsPerMs - (ns % kNsPerMs < 0 ? 1 : 0);
        if (!out.timestamps.empty() && out.timestamps.back() == ms) {
            out.values.back() = columns.values[i];
            continue;
        }
        out.timestamps.push_back(ms);
        out.values.push_back(columns.values[i]);
    }
    return out;
}

void append_time_series(std::string& query_result,
                        const store::Labels& labels,
                        const store::SampleColumns& columns_ms) {
    pbf_writer result(query_result);
    pbf_writer series(result, 1);
    append_labels(series, labels);
    for (size_t i = 0; i < columns_ms.size(); ++i) {
        pbf_writer sample(series, 2);
        sample.add_double(1, columns_ms.values[i]);
        sample.add_int64(2, columns_ms.timestamps[i]);
    }
}

void append_query_result(std::string& read_response, std::string_view query_result) {
    pbf_writer writer(read_response);
    writer.add_message(1, query_result.data(), query_result.size());
}

bool write_chunked_series(const store::Labels& labels,
                          const store::SampleColumns& columns_ms,
                          int64_t query_index,
                          const std::function<bool(std::string_view)>& write) {
    FrameWriter frames(labels, query_index, write);
    XorChunk chunk;
    for (size_t i = 0; i < columns_ms.size(); ++i) {
        chunk.append(columns_ms.timestamps[i], columns_ms.values[i]);
        if (chunk.count() < kChunkSamples && i + 1 < columns_ms.size()) continue;
        if (!frames.add(chunk)) return false;
        chunk = {};
    }
    return frames.flush();
}

}  // namespace cistern::web
