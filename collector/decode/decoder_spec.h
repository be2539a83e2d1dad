// SPDX-License-Identifier: MIT
// What a rule says about decoding: a decoder's name and, for the formats that do not describe
// themselves, where the fields are. Plain data, filled by config.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cistern::collector {

// One field of a fixed binary layout: decode = { binary = [ … ] }.
struct BinaryField {
    std::string name;
    std::string type;     // u8 i8 u16le u16be i16le … u64be f32le f32be f64le f64be bool
    long offset_at = -1;  // byte offset; -1 = right after the previous field
    double scale = 1;
    double offset = 0;
    std::string unit;
    int bit = -1;  // of an unsigned type: only `bits` bits from this one, 0 = the lowest
    int bits = 1;

    bool operator==(const BinaryField&) const = default;
};

struct DecoderSpec {
    // auto, text, json, ndjson, influx, prometheus, obis, csv, key_value, cbor, msgpack, senml,
    // binary, cayenne_lpp, sparkplug, or a single binary type such as f32le.
    std::string name = "auto";
    std::vector<BinaryField> binary;       // for name == "binary"
    std::vector<std::string> csv_columns;  // "name", "name:unix", "name:text", "" or "_" = skipped
    std::string csv_separator = ",";
    std::string kv_pair_separator = "&";  // key=value&key=value
    std::string kv_separator = "=";

    bool operator==(const DecoderSpec&) const = default;
};

struct DecodeLimits {
    size_t depth = 64;
    size_t nodes = 65536;             // per message, against memory bombs
    size_t inflated_bytes = 1 << 20;  // of a gzip or zstd payload
};

}  // namespace cistern::collector
