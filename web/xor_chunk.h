// SPDX-License-Identifier: MIT
// Prometheus' XOR chunk, as remote read streams it.
// Source: prometheus/tsdb/docs/format/chunks.md, tsdb/chunkenc/xor.go (behaviour); Pelkonen et al.,
// "Gorilla", VLDB 2015.
#pragma once

#include "store/base/result.h"
#include "store/model/sample.h"

#include <cstdint>
#include <string>

namespace cistern::web {

// One chunk: two bytes with the number of samples, then a bit stream. Timestamps in ms.
class XorChunk {
  public:
    // Timestamps ascending; at most 65535 samples.
    void append(int64_t timestamp_ms, double value);
    [[nodiscard]] uint16_t count() const { return count_; }
    [[nodiscard]] int64_t min_time_ms() const { return first_ms_; }
    [[nodiscard]] int64_t max_time_ms() const { return last_ms_; }
    // The bytes so far.
    [[nodiscard]] std::string bytes() const;

  private:
    void write_bits(uint64_t value, int bits);
    void write_varint(int64_t value);
    void write_uvarint(uint64_t value);
    void write_delta_of_delta(int64_t value);
    void write_value(double value);

    std::string stream_;
    int bits_free_ = 0;  // in the last byte
    uint16_t count_ = 0;
    int64_t first_ms_ = 0;
    int64_t last_ms_ = 0;
    int64_t last_delta_ = 0;
    uint64_t last_value_ = 0;
    int leading_ = 0xff;  // of the last written block of bits; 0xff: none yet
    int trailing_ = 0;
};

// The inverse; timestamps in ms. InvalidArgument: not such a chunk.
Result<store::SampleColumns> decode_xor_chunk(std::string_view chunk);

}  // namespace cistern::web
