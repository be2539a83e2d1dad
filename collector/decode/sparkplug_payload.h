// SPDX-License-Identifier: MIT
// A Sparkplug B payload (org.eclipse.tahu.protobuf.Payload) as structs, and back to bytes for the
// few messages that a host sends. Aliases and missing datatypes are left as they are: a session
// resolves them (collector/mapping/sparkplug_session.h).
// Source: Sparkplug 3.0.0, "Sparkplug B Payload Definition"; eclipse/tahu sparkplug_b.proto.
#pragma once

#include "store/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cistern::collector {

enum class SparkplugType : uint8_t {
    Unknown = 0,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float,
    Double,
    Boolean,
    String,
    DateTime,
    Text,
    Uuid,
    DataSet,
    Bytes,
    File,
    Template,
    PropertySet,
    PropertySetList,
    Int8Array,
    Int16Array,
    Int32Array,
    Int64Array,
    UInt8Array,
    UInt16Array,
    UInt32Array,
    UInt64Array,
    FloatArray,
    DoubleArray,
    BooleanArray,
    StringArray,
    DateTimeArray,
};

// The member of the protobuf oneof that a value came in; `bits` is as sent, so that the datatype,
// which may be known only from the birth, decides about width and sign.
struct SparkplugRaw {
    enum class Member : uint8_t { None, Int, Long, Float, Double, Boolean, String, Bytes };
    Member member = Member::None;
    uint64_t bits = 0;      // Int, Long, Float (32 bits), Double, Boolean
    std::string_view text;  // String, Bytes: within the payload
};

struct SparkplugProperty {
    std::string_view key;
    uint32_t type = 0;
    bool is_null = false;
    SparkplugRaw value;  // nested property sets are skipped
};

struct SparkplugDataSet {
    std::vector<std::string_view> columns;
    std::vector<uint32_t> types;
    std::vector<std::vector<SparkplugRaw>> rows;
};

struct SparkplugTemplate;

struct SparkplugMetric {
    std::string_view name;  // empty: by alias
    std::optional<uint64_t> alias;
    std::optional<uint64_t> timestamp_ms;
    uint32_t datatype = 0;  // SparkplugType; 0: see the birth
    bool is_historical = false;
    bool is_transient = false;
    bool is_null = false;
    SparkplugRaw value;
    std::vector<SparkplugProperty> properties;
    std::string_view description;  // of the metadata
    // Indexes into the payload's lists; -1 = none.
    int dataset = -1;
    int template_ = -1;

    [[nodiscard]] const SparkplugProperty* property(std::string_view key) const;
};

struct SparkplugTemplate {
    std::string_view version;
    std::string_view reference;
    bool is_definition = false;
    std::vector<SparkplugMetric> metrics;
    std::vector<SparkplugProperty> parameters;
};

// Views into the bytes that were parsed.
struct SparkplugPayload {
    std::optional<uint64_t> timestamp_ms;
    std::optional<uint64_t> seq;
    std::string_view uuid;
    std::string_view body;
    std::vector<SparkplugMetric> metrics;
    std::vector<SparkplugDataSet> datasets;
    std::vector<SparkplugTemplate> templates;

    void clear();
};

struct SparkplugLimits {
    size_t depth = 16;       // templates within templates
    size_t metrics = 65536;  // of one payload, members of templates included
    size_t values = 65536;   // properties and data set cells of one payload
};

// Replaces `into`. InvalidArgument: no such protobuf; ResourceExhausted: beyond the limits.
Status parse_sparkplug(std::string_view bytes,
                       const SparkplugLimits& limits,
                       SparkplugPayload& into);

// What a value means under its datatype.
struct SparkplugValue {
    enum class Kind : uint8_t { None, Number, Boolean, Text, Array, Texts };
    Kind kind = Kind::None;
    double number = 0;                    // Number, Boolean (0 and 1); DateTime in seconds
    bool inexact = false;                 // a 64-bit integer that a double cannot hold
    std::string_view text;                // Text
    std::vector<double> numbers;          // Array
    std::vector<std::string_view> texts;  // Texts
};
// Truncates to the datatype's width before it extends the sign (Int8 -5 arrives as 0xFB or as
// 0xFFFFFFFB), accepts any numeric member, and reads arrays as little-endian. A datatype of 0 goes
// by the member alone. False: the bytes do not fit the datatype.
bool interpret_sparkplug(const SparkplugRaw& raw, uint32_t datatype, SparkplugValue& into);

// NCMD that asks an edge node to be born again: Node Control/Rebirth = true, no seq.
std::string encode_rebirth_command(uint64_t timestamp_ms);

// For simulators and tests: enough to write births, data and deaths.
struct SparkplugOutMetric {
    std::string name;
    std::optional<uint64_t> alias;
    uint64_t timestamp_ms = 0;
    SparkplugType type = SparkplugType::Unknown;  // Unknown: not written, as in data messages
    bool is_historical = false;
    bool is_null = false;
    std::variant<int64_t, uint64_t, double, bool, std::string> value;
    std::string unit;  // property engUnit
};
std::string encode_sparkplug(uint64_t timestamp_ms,
                             std::optional<uint64_t> seq,
                             const std::vector<SparkplugOutMetric>& metrics);

}  // namespace cistern::collector
