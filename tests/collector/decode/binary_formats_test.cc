// SPDX-License-Identifier: MIT
#include "collector/decode/binary_formats.h"

#include "tests/collector/decode/tree_text.h"

#include <gtest/gtest.h>

namespace cistern::collector {
namespace {

using test::decode_text;
using test::unhex;

// Examples of RFC 8949, appendix A.
TEST(CborDecoder, ReadsTheExamplesOfTheRfc) {
    const std::vector<std::pair<const char*, const char*>> cases = {
        {"00", "0"},
        {"1bffffffffffffffff", "18446744073709551615u"},
        {"c249010000000000000000", "1.8446744073709552e+19f"},
        {"3bffffffffffffffff", "-1.8446744073709552e+19f"},
        {"20", "-1"},
        {"3903e7", "-1000"},
        {"f90000", "0f"},
        {"f93c00", "1f"},
        {"fb3ff199999999999a", "1.1f"},
        {"f97bff", "65504f"},
        {"fa47c35000", "100000f"},
        {"f90001", "5.9604644775390625e-08f"},
        {"f9c400", "-4f"},
        {"f97c00", "inff"},
        {"fa7fc00000", "null"},
        {"f4", "false"},
        {"f5", "true"},
        {"f6", "null"},
        {"f7", "null"},
        {"f0", "null"},
        {"c11a514b67b0", "1363896240"},
        {"c1fb41d452d9ec200000", "1363896240.5f"},
        {"4401020304", "bytes(4)"},
        {"62c3bc", "'ü'"},
        {"83010203", "[1, 2, 3]"},
        {"8301820203820405", "[1, [2, 3], [4, 5]]"},
        {"a201020304", "{1: 2, 3: 4}"},
        {"a26161016162820203", "{a: 1, b: [2, 3]}"},
        {"5f42010243030405ff", "bytes(5)"},
        {"7f657374726561646d696e67ff", "'streaming'"},
        {"9f018202039f0405ffff", "[1, [2, 3], [4, 5]]"},
        {"bf6346756ef563416d7421ff", "{Fun: true, Amt: -2}"},
        {"c48221196ab3", "273.15f"},
        {"c5822003", "1.5f"},
        {"d9d9f700", "0"},
        {"80", "[]"},
        {"a0", "{}"}};
    for (const auto& [hex, expected] : cases) {
        EXPECT_EQ(decode_text("cbor", unhex(hex)), expected) << hex;
    }
}

TEST(CborDecoder, ReadsTypedArrays) {
    EXPECT_EQ(decode_text("cbor", unhex("d84542010a")), "[2561]");                   // u16le
    EXPECT_EQ(decode_text("cbor", unhex("d84942fffe")), "[-2]");                     // i16be
    EXPECT_EQ(decode_text("cbor", unhex("d855480000ac410000803f")), "[21.5f, 1f]");  // f32le
    EXPECT_EQ(decode_text("cbor", unhex("d84043010203")), "[1, 2, 3]");
}

TEST(CborDecoder, RefusesWhatIsBroken) {
    for (const char* hex : {"",
                            "18",
                            "1c",
                            "62c3",
                            "8301",
                            "a1",
                            "a161",
                            "ff",
                            "0000",
                            "5f01ff",
                            "9f01",
                            "bf6161ff",
                            "a1f600",
                            "9bffffffffffffffff",
                            "7bffffffffffffffff61",
                            "3f"}) {
        EXPECT_EQ(decode_text("cbor", unhex(hex)).rfind("error: ", 0), 0U) << hex;
    }
    EXPECT_EQ(decode_text("cbor", std::string(1000, '\x81')), "error: CBOR nested too deeply");
    EXPECT_EQ(decode_text("cbor", std::string(1000, '\xc1')), "error: CBOR nested too deeply");
    DecodeLimits limits;
    limits.nodes = 10;
    EXPECT_EQ(decode_text("cbor", "\x8b" + std::string(11, '\1'), limits),
              "error: more fields than allowed");
}

TEST(MsgpackDecoder, ReadsEveryType) {
    const std::vector<std::pair<const char*, const char*>> cases = {
        {"07", "7"},
        {"ff", "-1"},
        {"c0", "null"},
        {"c2", "false"},
        {"c3", "true"},
        {"ccff", "255"},
        {"cdffff", "65535"},
        {"cfffffffffffffffff", "18446744073709551615u"},
        {"d0fb", "-5"},
        {"d1fffe", "-2"},
        {"d3ffffffffffffffff", "-1"},
        {"ca41ac0000", "21.5f"},
        {"cb4035800000000000", "21.5f"},
        {"cb7ff8000000000000", "null"},
        {"a3616263", "'abc'"},
        {"d9026869", "'hi'"},
        {"c403010203", "bytes(3)"},
        {"93010203", "[1, 2, 3]"},
        {"dc00020102", "[1, 2]"},
        {"81a174cb4035800000000000", "{t: 21.5f}"},
        {"de00010102", "{1: 2}"},
        {"d6ff5a4af6a5", "1514862245000000000"},
        {"d7ff000000045a4af6a5", "1514862245000000001"},
        {"c70cff000000010000000000000002", "2000000001"},
        {"d40501", "bytes(1)"}};
    for (const auto& [hex, expected] : cases) {
        EXPECT_EQ(decode_text("msgpack", unhex(hex)), expected) << hex;
    }
}

TEST(MsgpackDecoder, RefusesWhatIsBroken) {
    for (const char* hex : {"",
                            "c1",
                            "cc",
                            "a3616",
                            "9301",
                            "81a174",
                            "810101ff",
                            "81c001",
                            "ddffffffff",
                            "dfffffffff",
                            "c6ffffffff01",
                            "c705ff0000000000"}) {
        EXPECT_EQ(decode_text("msgpack", unhex(hex)).rfind("error: ", 0), 0U) << hex;
    }
    EXPECT_EQ(decode_text("msgpack", std::string(1000, '\x91')),
              "error: MessagePack nested too deeply");
}

// Examples of RFC 8428, section 5.
TEST(SenmlDecoder, ReadsJsonWithBases) {
    EXPECT_EQ(decode_text("senml", R"([{"n":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}])"),
              "[<name: 'urn:dev:ow:10e2073a01080063', value: 23.1f, unit: '°C'>]");
    EXPECT_EQ(
        decode_text(
            "senml",
            R"([{"bn":"urn:dev:mac:1:","bt":1.276020076001e+09,"bu":"A","n":"voltage","u":"V","v":120.1},
                                      {"n":"current","t":-5,"v":1.2},{"n":"on","vb":true},
                {"n":"s","vs":"x"},{"n":"e","s":5}])"),
        "[<name: 'voltage', value: 120.1f, unit: 'V', time_ns: 1276020076001000000, labels: "
        "{device: 'urn:dev:mac:1'}>, "
        "<name: 'current', value: 1.2f, unit: 'A', time_ns: 1276020071001000000, labels: {device: "
        "'urn:dev:mac:1'}>, "
        "<name: 'on', value: true, unit: 'A', time_ns: 1276020076001000000, labels: {device: "
        "'urn:dev:mac:1'}>, "
        "<name: 's', value: 'x', unit: 'A', time_ns: 1276020076001000000, labels: {device: "
        "'urn:dev:mac:1'}>, "
        "<name: 'e_sum', value: 5f, unit: 'A', time_ns: 1276020076001000000, labels: {device: "
        "'urn:dev:mac:1'}>]");
}

TEST(SenmlDecoder, KeepsTimesBeforeTheReceptionRelative) {
    EXPECT_EQ(decode_text("senml", R"([{"n":"t","v":1,"t":-2.5},{"n":"t","v":2}])"),
              "[<name: 't', value: 1f, time_offset_ns: -2500000000>, <name: 't', value: 2f>]");
}

TEST(SenmlDecoder, ReadsCborLabels) {
    // [{-2: "d:", 0: "t", 1: "Cel", 2: 21.5}]
    EXPECT_EQ(decode_text("senml",
                          unhex("81a42162643a0061740163"
                                "43656c"
                                "02f94d60")),
              "[<name: 't', value: 21.5f, unit: '°C', labels: {device: 'd'}>]");
}

TEST(SenmlDecoder, RefusesWhatIsNone) {
    EXPECT_EQ(decode_text("senml", "{}"), "error: not SenML: no array of records");
    EXPECT_EQ(decode_text("senml", "[1]"), "error: not SenML: a record is no object");
    EXPECT_EQ(decode_text("senml", "[{\"v\":1}]"), "error: not SenML: a record has no name");
    EXPECT_EQ(decode_text("senml", "[{\"n\":\"a\",\"bver\":11,\"v\":1}]"),
              "error: SenML version 11 is newer than 10");
}

TEST(BinaryDecoder, ReadsFieldsAtTheirPlacesWithScaleAndUnit) {
    DecoderSpec spec;
    spec.name = "binary";
    spec.binary = {{"temperature", "u16be", -1, 0.01, 0, "°C"},
                   {"humidity", "u16be", -1, 0.01, 0, ""},
                   {"raw", "i8", 0, 1, 0, ""},
                   {"flag", "bool", 3, 1, 0, ""},
                   {"shifted", "u8", 0, 2, -40, ""}};
    EXPECT_EQ(decode_text(spec, unhex("086612d4")),
              "[<name: 'temperature', value: 21.5f, unit: '°C'>, <name: 'humidity', value: 48.2f>, "
              "<name: 'raw', value: 8>, "
              "<name: 'flag', value: true>, <name: 'shifted', value: -24f>]");
    EXPECT_EQ(decode_text(spec, unhex("0866")),
              "error: 2 bytes are too few: 'humidity' needs bytes 2 to 3");
}

TEST(BinaryDecoder, TakesBitsOutOfUnsignedNumbers) {
    DecoderSpec spec;
    spec.name = "binary";
    const auto bits = [](const char* name, const char* type, long at, int bit, int count) {
        BinaryField field;
        field.name = name;
        field.type = type;
        field.offset_at = at;
        field.bit = bit;
        field.bits = count;
        return field;
    };
    spec.binary = {bits("high", "u8", 0, 4, 4),
                   bits("low", "u8", 0, 0, 4),
                   bits("alarm", "u16le", 1, 15, 1),
                   bits("all", "u16be", 1, 0, 16)};
    EXPECT_EQ(decode_text(spec, unhex("a50080")),
              "[<name: 'high', value: 10>, <name: 'low', value: 5>, <name: 'alarm', value: 1>, "
              "<name: 'all', value: 128>]");
    for (const BinaryField& bad :
         {bits("x", "i8", 0, 1, 1), bits("x", "u8", 0, 4, 5), bits("x", "f32le", 0, 0, 1)}) {
        spec.binary = {bad};
        EXPECT_EQ(decode_text(spec, "1234").substr(0, 10), "no decoder");
    }
}

TEST(BinaryDecoder, ReadsAWholePayloadAsOneValue) {
    EXPECT_EQ(decode_text("f32le", unhex("0000ac41")), "21.5f");
    EXPECT_EQ(decode_text("f64be", unhex("4035800000000000")), "21.5f");
    EXPECT_EQ(decode_text("i16le", unhex("feff")), "-2");
    EXPECT_EQ(decode_text("i24be", unhex("fffffe")), "-2");
    EXPECT_EQ(decode_text("u64le", unhex("ffffffffffffffff")), "18446744073709551615u");
    EXPECT_EQ(decode_text("f16be", unhex("4d60")), "21.5f");
    EXPECT_EQ(decode_text("f32le", unhex("0000ac4100")), "error: 5 bytes are no f32le");
}

TEST(BinaryDecoder, RefusesABadLayout) {
    DecoderSpec spec;
    spec.name = "binary";
    EXPECT_FALSE(make_decoder(spec, {}).has_value());
    spec.binary = {{"a", "u12", -1, 1, 0, ""}};
    EXPECT_EQ(make_decoder(spec, {}).error().message,
              "binary field 'a': type 'u12' is unknown (u8, i16be, f32le, …)");
    spec.binary = {{"a", "u8", -2, 1, 0, ""}};
    EXPECT_FALSE(make_decoder(spec, {}).has_value());
}

// Examples of the Cayenne LPP documentation.
TEST(CayenneDecoder, ReadsItsDocumentsExamples) {
    EXPECT_EQ(decode_text("cayenne_lpp", unhex("03670110056700ff")),
              "[<name: 'temperature', value: 27.2f, unit: '°C', labels: {channel: '3'}>, "
              "<name: 'temperature', value: 25.5f, unit: '°C', labels: {channel: '5'}>]");
    EXPECT_EQ(decode_text("lpp", "0167ffd7"),
              "[<name: 'temperature', value: -4.1f, unit: '°C', labels: {channel: '1'}>]");
    EXPECT_EQ(decode_text("lpp", unhex("067104d2fb2e0000")),
              "[<name: 'acceleration_x', value: 1.234f, unit: 'g', labels: {channel: '6'}>, "
              "<name: 'acceleration_y', value: -1.234f, unit: 'g', labels: {channel: '6'}>, "
              "<name: 'acceleration_z', value: 0f, unit: 'g', labels: {channel: '6'}>]");
    EXPECT_EQ(decode_text("lpp", unhex("018806765ff2960a0003e8")),
              "[<name: 'latitude', value: 42.3519f, unit: '°', labels: {channel: '1'}>, "
              "<name: 'longitude', value: -87.9094f, unit: '°', labels: {channel: '1'}>, "
              "<name: 'altitude', value: 10f, unit: 'm', labels: {channel: '1'}>]");
}

TEST(CayenneDecoder, RefusesUnknownTypesAndCutValues) {
    EXPECT_EQ(decode_text("lpp", ""), "error: not Cayenne LPP: empty");
    EXPECT_EQ(decode_text("lpp", unhex("01ff00")),
              "error: not Cayenne LPP: type 255 at byte 2 is unknown");
    EXPECT_EQ(decode_text("lpp", unhex("016701")), "error: not Cayenne LPP: a value is cut off");
}

}  // namespace
}  // namespace cistern::collector
