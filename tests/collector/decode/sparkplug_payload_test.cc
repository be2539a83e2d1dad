// SPDX-License-Identifier: MIT
#include "collector/decode/sparkplug_payload.h"

#include "tests/collector/decode/tree_text.h"

#include <gtest/gtest.h>

#include <vector>

namespace cistern::collector {
namespace {

using Member = SparkplugRaw::Member;
using Kind = SparkplugValue::Kind;

SparkplugValue interpret(Member member, uint64_t bits, SparkplugType type) {
    SparkplugValue value;
    EXPECT_TRUE(interpret_sparkplug({member, bits, {}}, static_cast<uint32_t>(type), value));
    return value;
}
SparkplugValue interpret_bytes(std::string_view bytes, SparkplugType type) {
    SparkplugValue value;
    EXPECT_TRUE(interpret_sparkplug({Member::Bytes, 0, bytes}, static_cast<uint32_t>(type), value));
    return value;
}

TEST(SparkplugPayload, EncodesTheRebirthCommandByteForByte) {
    EXPECT_EQ(encode_rebirth_command(1'767'225'600'000),
              test::unhex("0880d0eab6b73312210a144e6f646520436f6e74726f6c2f5265626972746818"
                          "80d0eab6b733200b7001"));
}

TEST(SparkplugPayload, ReadsBackWhatItWrites) {
    SparkplugOutMetric metric;
    metric.name = "Pressure";
    metric.alias = 12;
    metric.timestamp_ms = 5;
    metric.type = SparkplugType::Double;
    metric.is_historical = true;
    metric.value = 5.125;
    metric.unit = "bar";
    const std::string bytes = encode_sparkplug(7, 3, {metric});
    SparkplugPayload payload;
    ASSERT_TRUE(parse_sparkplug(bytes, {}, payload).has_value());
    EXPECT_EQ(payload.timestamp_ms, 7U);
    EXPECT_EQ(payload.seq, 3U);
    ASSERT_EQ(payload.metrics.size(), 1U);
    EXPECT_EQ(payload.metrics[0].name, "Pressure");
    EXPECT_EQ(payload.metrics[0].alias, 12U);
    EXPECT_TRUE(payload.metrics[0].is_historical);
    ASSERT_NE(payload.metrics[0].property("engUnit"), nullptr);
    EXPECT_EQ(payload.metrics[0].property("engUnit")->value.text, "bar");
    EXPECT_EQ(payload.metrics[0].property("none"), nullptr);
}

TEST(SparkplugPayload, SkipsUnknownFieldsAndWrongWireTypes) {
    // Field 19 as bytes, field 2 of the payload as a varint, then seq 1.
    SparkplugPayload payload;
    ASSERT_TRUE(parse_sparkplug(test::unhex("9a01021122"
                                            "1005"
                                            "1801"),
                                {},
                                payload)
                    .has_value());
    EXPECT_TRUE(payload.metrics.empty());
    EXPECT_EQ(payload.seq, 1U);
}

TEST(SparkplugPayload, RefusesBrokenProtobufAtEveryLength) {
    SparkplugOutMetric metric;
    metric.name = "m";
    metric.type = SparkplugType::Double;
    metric.value = 1.0;
    metric.unit = "u";
    const std::string bytes = encode_sparkplug(7, std::nullopt, {metric});
    SparkplugPayload payload;
    for (size_t size = 3; size < bytes.size(); ++size) {
        EXPECT_FALSE(parse_sparkplug(bytes.substr(0, size), {}, payload).has_value()) << size;
    }
    EXPECT_FALSE(parse_sparkplug(test::unhex("088080808080808080808001"), {}, payload).has_value());
}

// In a block of its own size, so that the sanitizer sees a look beyond its end.
TEST(SparkplugPayload, RefusesABoolWithoutItsByte) {
    const std::string bytes = test::unhex("1203583050");
    SparkplugPayload payload;
    const std::vector<char> block(bytes.begin(), bytes.end());
    EXPECT_FALSE(parse_sparkplug({block.data(), block.size()}, {}, payload).has_value());
    const std::vector<char> inner = {
        0x12, 0x01, 0x40};  // a metric whose is_transient ends the message
    EXPECT_FALSE(parse_sparkplug({inner.data(), inner.size()}, {}, payload).has_value());
}

TEST(SparkplugPayload, BoundsTemplatesWithinTemplates) {
    std::string inner;
    for (int i = 0; i < 40; ++i) {
        const auto wrap = [](char tag, const std::string& content) {
            std::string out(1, tag);
            for (size_t size = content.size();; size >>= 7) {
                out += static_cast<char>((size & 0x7f) | (size >= 0x80 ? 0x80 : 0));
                if (size < 0x80) {
                    break;
                }
            }
            return out + content;
        };
        inner = wrap('\x12', "\x92\x01" + wrap('x', inner).substr(1));  // metric { template { … } }
    }
    SparkplugPayload payload;
    const auto status = parse_sparkplug(inner, {}, payload);
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, ErrorCode::ResourceExhausted);
}

TEST(SparkplugValue, TruncatesToTheDatatypeAndExtendsTheSign) {
    EXPECT_EQ(interpret(Member::Int, 0xfb, SparkplugType::Int8).number, -5);
    EXPECT_EQ(interpret(Member::Int, 0xfffffffb, SparkplugType::Int8).number, -5);
    EXPECT_EQ(interpret(Member::Int, 0xfffffa56, SparkplugType::Int32).number, -1450);
    EXPECT_EQ(interpret(Member::Long, 0xffffffffffffffff, SparkplugType::Int64).number, -1);
    EXPECT_EQ(interpret(Member::Int, 0xffffffff, SparkplugType::Int64).number, -1);
    EXPECT_EQ(interpret(Member::Long, 0xffffffff, SparkplugType::UInt32).number, 4294967295.0);
    EXPECT_EQ(interpret(Member::Int, 0x1ff, SparkplugType::UInt8).number, 255);
    EXPECT_TRUE(interpret(Member::Long, 0xffffffffffffffff, SparkplugType::UInt64).inexact);
    EXPECT_FALSE(interpret(Member::Long, uint64_t{1} << 60, SparkplugType::UInt64).inexact);
    EXPECT_EQ(interpret(Member::Long, 1'767'000'000'000, SparkplugType::DateTime).number,
              1'767'000'000);
}

TEST(SparkplugValue, TakesANumberFromAnyMember) {
    EXPECT_EQ(interpret(Member::Double, std::bit_cast<uint64_t>(2.5), SparkplugType::Float).number,
              2.5);
    EXPECT_EQ(interpret(Member::Int, 7, SparkplugType::Double).number, 7);
    EXPECT_EQ(interpret(Member::Float, std::bit_cast<uint32_t>(3.0F), SparkplugType::Int32).number,
              3);
    EXPECT_EQ(interpret(Member::Int, 1, SparkplugType::Boolean).kind, Kind::Boolean);
    EXPECT_EQ(
        interpret(Member::Float, std::bit_cast<uint32_t>(21.5F), SparkplugType::Unknown).number,
        21.5);
}

TEST(SparkplugValue, ReadsArrays) {
    using Numbers = std::vector<double>;
    EXPECT_EQ(interpret_bytes(test::unhex("feffffff01000000"), SparkplugType::Int32Array).numbers,
              (Numbers{-2, 1}));
    EXPECT_EQ(interpret_bytes(test::unhex("fe01"), SparkplugType::UInt8Array).numbers,
              (Numbers{254, 1}));
    EXPECT_EQ(interpret_bytes(test::unhex("0000ac41"), SparkplugType::FloatArray).numbers,
              (Numbers{21.5}));
    EXPECT_EQ(interpret_bytes(test::unhex("0c0000004dd0"), SparkplugType::BooleanArray).numbers,
              (Numbers{0, 1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 1}));
    EXPECT_EQ(interpret_bytes(std::string_view("ab\0c\0", 5), SparkplugType::StringArray).texts,
              (std::vector<std::string_view>{"ab", "c"}));
    EXPECT_EQ(interpret_bytes(test::unhex("00a0d26f9b010000"), SparkplugType::DateTimeArray)
                  .numbers.size(),
              1U);
    SparkplugValue value;
    EXPECT_FALSE(interpret_sparkplug(
        {Member::Bytes, 0, "abc"}, static_cast<uint32_t>(SparkplugType::Int32Array), value));
    EXPECT_FALSE(interpret_sparkplug({Member::Bytes, 0, "\xff\xff\xff\xff\1"},
                                     static_cast<uint32_t>(SparkplugType::BooleanArray),
                                     value));
    EXPECT_FALSE(interpret_sparkplug(
        {Member::String, 0, "\xff"}, static_cast<uint32_t>(SparkplugType::String), value));
    EXPECT_FALSE(interpret_sparkplug(
        {Member::Bytes, 0, "x"}, static_cast<uint32_t>(SparkplugType::File), value));
}

TEST(SparkplugDecoder, GivesRecordsOfNamedMetrics) {
    SparkplugOutMetric metric;
    metric.name = "Temp";
    metric.timestamp_ms = 1'767'225'590'000;
    metric.type = SparkplugType::Float;
    metric.value = 21.5;
    metric.unit = "°C";
    EXPECT_EQ(test::decode_text("sparkplug", encode_sparkplug(7, 3, {metric})),
              "[<name: 'Temp', value: 21.5f, unit: '°C', time_ns: 1767225590000000000>]");
    EXPECT_EQ(test::decode_text("sparkplug_b", "\x08").rfind("error: not Sparkplug B", 0), 0U);
}

}  // namespace
}  // namespace cistern::collector
