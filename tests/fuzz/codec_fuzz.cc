// SPDX-License-Identifier: MIT
// Any bytes as a column of any length, through every decoder; and any bytes as values, which must
// come back bit for bit.
#include "store/codec/describe.h"
#include "store/codec/doubles.h"
#include "store/codec/integers.h"
#include "store/codec/time_column.h"
#include "store/codec/times.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

using namespace cistern::store::codec;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void decode_all(std::span<const std::byte> bytes, size_t count) {
    std::vector<double> doubles(count);
    std::vector<int64_t> integers(count);
    decode_doubles(bytes, doubles);
    decode_integers(bytes, integers);
    TimeColumn column;
    const bool decoded = decode_times(bytes, integers);
    require(decode_times(bytes, count, column) == decoded);
    if (decoded) {
        require(std::is_sorted(integers.begin(), integers.end()));
        std::vector<int64_t> copied(count);
        column.copy(0, copied);
        require(copied == integers);
    }
    describe_doubles(bytes, count);
    describe_integers(bytes, count);
    describe_times(bytes, count);
}

void round_trip(std::span<const std::byte> bytes, Effort effort) {
    std::vector<int64_t> integers(bytes.size() / sizeof(int64_t));
    if (integers.empty()) {
        return;
    }
    std::memcpy(integers.data(), bytes.data(), integers.size() * sizeof(int64_t));
    std::vector<double> doubles(integers.size());
    std::memcpy(doubles.data(), integers.data(), integers.size() * sizeof(int64_t));

    std::vector<std::byte> encoded;
    encode_integers(integers, effort, encoded);
    std::vector<int64_t> decoded(integers.size());
    require(decode_integers(encoded, decoded) && decoded == integers);

    encoded.clear();
    DoubleEncoder().encode(doubles, effort, encoded);
    std::vector<double> back(doubles.size());
    require(decode_doubles(encoded, back));
    require(std::memcmp(back.data(), doubles.data(), back.size() * sizeof(double)) == 0);

    std::sort(integers.begin(), integers.end());
    integers.erase(std::unique(integers.begin(), integers.end()), integers.end());
    encoded.clear();
    encode_times(integers, effort, encoded);
    decoded.resize(integers.size());
    require(decode_times(encoded, decoded) && decoded == integers);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
    if (size < 3) {
        return 0;
    }
    const size_t count = 1 + (static_cast<size_t>(input[0]) | static_cast<size_t>(input[1]) << 8);
    const auto bytes = std::as_bytes(std::span(input, size)).subspan(3);
    if (input[2] % 4 == 0) {
        round_trip(bytes, input[2] % 8 == 0 ? Effort::Fast : Effort::Seal);
    } else {
        decode_all(bytes, count);
    }
    return 0;
}
