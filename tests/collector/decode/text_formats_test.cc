// SPDX-License-Identifier: MIT
// CSV, key=value and packed payloads.
#include "collector/decode/inflate.h"
#include "tests/collector/decode/tree_text.h"

#include <gtest/gtest.h>

namespace cistern::collector {
namespace {

using test::decode_text;
using test::unhex;

DecoderSpec csv(std::vector<std::string> columns, std::string separator = ",") {
    DecoderSpec spec;
    spec.name = "csv";
    spec.csv_columns = std::move(columns);
    spec.csv_separator = std::move(separator);
    return spec;
}

TEST(CsvDecoder, ReadsColumnsWithTheirTime) {
    EXPECT_EQ(decode_text(csv({"ts:unix", "temperature", "_", "state", "note:text"}),
                          "1767225590,21.5,x,ON,12\r\n"),
              "[<name: 'temperature', value: '21.5', time_ns: 1767225590000000000>, "
              "<name: 'state', value: 'ON', time_ns: 1767225590000000000>, "
              "<name: 'note', value: '12', time_ns: 1767225590000000000, text: true>]");
    EXPECT_EQ(
        decode_text(csv({"a", "t:time"}, ";"), "1;2026-01-01T00:00:00Z\n\n2;2026-01-01 00:00:01"),
        "[<name: 'a', value: '1', time_ns: 1767225600000000000>, <name: 'a', value: '2', time_ns: "
        "1767225601000000000>]");
}

TEST(CsvDecoder, TakesTheFirstLineAsNamesWithoutColumns) {
    EXPECT_EQ(decode_text(csv({}), "a,\"b c\"\n1,\"x,\"\"y\n\"\"\"\n"),
              "[<name: 'a', value: '1'>, <name: 'b c', value: 'x,\"y\n\"'>]");
}

TEST(CsvDecoder, TakesTheTimeThatAHeaderNames) {
    EXPECT_EQ(decode_text(csv({}, ";"), "time;t\n1767225590;21,5\n1767225591;22,5\n"),
              "[<name: 't', value: '21,5', time_ns: 1767225590000000000>, "
              "<name: 't', value: '22,5', time_ns: 1767225591000000000>]");
    EXPECT_EQ(decode_text(csv({}), "Timestamp,t\n2026-01-01T00:00:00Z,5"),
              "[<name: 't', value: '5', time_ns: 1767225600000000000>]");
    EXPECT_EQ(decode_text(csv({}), "time,t\n12:30,5\n7,6"),
              "[<name: 'time', value: '12:30'>, <name: 't', value: '5'>, "
              "<name: 'time', value: '7'>, <name: 't', value: '6'>]")
        << "what is no point in time is a value";
}

TEST(CsvDecoder, KeepsBytesThatAreNoUtf8OutOfTexts) {
    EXPECT_EQ(decode_text(csv({}), "a\xff\n\xfe\n"), "[<name: 'a?', value: bytes(1)>]");
}

TEST(CsvDecoder, RefusesWithTheRow) {
    EXPECT_EQ(decode_text(csv({"a", "b"}), "1,2\n3\n"),
              "error: CSV row 2 has 1 columns instead of 2");
    EXPECT_EQ(decode_text(csv({"t:unix", "b"}), "x,2\n"),
              "error: CSV row 1: column 't' is no time");
    EXPECT_EQ(decode_text(csv({"a"}), "\"x"), "error: the quotes of a CSV column are not closed");
    EXPECT_EQ(decode_text(csv({"a"}), "\"x\"y"), "error: text behind a quoted CSV column");
    EXPECT_EQ(decode_text(csv({"a:float"}), "1")
                  .rfind("no decoder: csv column 'a:float': 'float' is unknown", 0),
              0U);
    EXPECT_FALSE(make_decoder(csv({"a"}, ""), {}).has_value());
}

TEST(KeyValueDecoder, ReadsForms) {
    EXPECT_EQ(decode_text("key_value", "temp=21.5&name=living%20room+2&empty=&%zz=1"),
              "{temp: '21.5', name: 'living room 2', empty: '', %zz: '1'}");
    DecoderSpec spec;
    spec.name = "kv";
    spec.kv_pair_separator = ";";
    spec.kv_separator = ":";
    EXPECT_EQ(decode_text(spec, " a : 1 ; b:\"x;y\"\nc:50%;"), "{a: '1', b: 'x;y', c: '50%'}");
}

TEST(KeyValueDecoder, RefusesWhatIsNone) {
    EXPECT_EQ(decode_text("key_value", "hello"), "error: 'hello' is no key=value");
    EXPECT_EQ(decode_text("key_value", "=1"), "error: '=1' is no key=value");
    EXPECT_EQ(decode_text("key_value", " && "), "error: no key and value in the payload");
}

const char* const kGzip =
    "1f8b0800000000000203ab562a49cd2d482d4a2c29"
    "2d4a55b23232d433ad05"
    "00da388e7a14000000";

TEST(Inflate, UnpacksGzipAndZstdForEveryTextDecoder) {
    const std::string gzip = unhex(kGzip);
    EXPECT_EQ(decode_text("auto", gzip), "{temperature: 21.5f}");
    EXPECT_EQ(decode_text("json", gzip), "{temperature: 21.5f}");
    EXPECT_EQ(decode_text("gzip", gzip), "{temperature: 21.5f}");
    // zstd frame with one raw block: {"t":1}
    EXPECT_EQ(decode_text("auto",
                          unhex("28b52ffd2007390000"
                                "7b2274223a317d")),
              "{t: 1}");
    EXPECT_EQ(decode_text("u8", "\x1f"), "31");
}

TEST(Inflate, RefusesCutAndDamagedPayloads) {
    const std::string gzip = unhex(kGzip);
    for (size_t size = 3; size < gzip.size(); ++size) {
        EXPECT_EQ(decode_text("json", gzip.substr(0, size)), "error: gzip is cut off") << size;
    }
    std::string damaged = gzip;
    damaged[gzip.size() - 6] = static_cast<char>(damaged[gzip.size() - 6] ^ 1);
    EXPECT_EQ(decode_text("json", damaged), "error: damaged gzip");
    EXPECT_EQ(decode_text("json", unhex("28b52ffd20073900")), "error: zstd is cut off");
    EXPECT_EQ(decode_text("json", unhex("28b52ffd20073f0000")).rfind("error: damaged zstd", 0), 0U);
}

TEST(Inflate, BoundsWhatABombBecomes) {
    // 1 MiB of zeros in one run-length block of zstd: 4 bytes become 1 MiB each.
    std::string bomb = unhex("28b52ffd0058");
    for (int i = 0; i < 100; ++i) {
        bomb += unhex("02001000");
    }
    std::string into;
    const auto status = inflate(bomb, 1 << 20, into);
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, ErrorCode::ResourceExhausted);
    EXPECT_LE(into.size(), (200U * bomb.size()) + (64U << 10) + 1);
}

TEST(KnownBinary, TellsMediaByTheirFirstBytes) {
    EXPECT_EQ(decode_text("auto", unhex("ffd8ffe000104a46")),
              "error: a JPEG image, not a measurement");
    EXPECT_EQ(decode_text("auto", unhex("89504e470d0a1a0a")),
              "error: a PNG image, not a measurement");
    EXPECT_EQ(known_binary("RIFF\1\2\3\4WEBPVP8 "), "WebP image");
    EXPECT_EQ(known_binary("21.5"), "");
    EXPECT_EQ(known_binary(""), "");
}

TEST(ListDecoder, TellsPlacesApartAndRefusesWhatIsNoText) {
    DecoderSpec spec;
    spec.name = "list";
    EXPECT_EQ(decode_text(spec, " 1, on ,3\n"), "['1', 'on', '3']");
    EXPECT_EQ(decode_text(spec, "\xca:\x0c"), "error: a list must be UTF-8");
}

TEST(ListDecoder, TakesSemicolonsOrSpacesWhereThereAreNoCommas) {
    DecoderSpec spec;
    spec.name = "list";
    EXPECT_EQ(decode_text(spec, " 1 ; 2,5"), "['1 ; 2', '5']");
    EXPECT_EQ(decode_text(spec, " 1 ; 2 "), "['1', '2']");
    EXPECT_EQ(decode_text(spec, "1 2  3"), "['1', '2', '3']");
}

TEST(PrometheusDecoder, KeepsWhatIsNoNumberForItsReasonAndLeavesExemplarsOut) {
    DecoderSpec spec;
    spec.name = "prometheus";
    EXPECT_EQ(decode_text(spec, "a NaN\nb +Inf\nc 5 # {trace_id=\"x\"} 1\n"),
              "[<name: 'a', value: null>, <name: 'b', value: '+Inf'>, <name: 'c', value: 5f>]");
    EXPECT_EQ(decode_text(spec, "a{x=\"1\"} \n").substr(0, 6), "error:");
}

TEST(InfluxDecoder, MarksBytesOfTextsThatAreNoUtf8) {
    DecoderSpec spec;
    spec.name = "influx";
    EXPECT_EQ(decode_text(spec, "m s=\"a\xa0z\",v=1 1767225600000000000").find('\xa0'),
              std::string::npos);
    EXPECT_NE(decode_text(spec, "m s=\"a\xa0z\",v=1 1767225600000000000").find("a?z"),
              std::string::npos);
}

}  // namespace
}  // namespace cistern::collector
