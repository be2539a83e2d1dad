// SPDX-License-Identifier: MIT
#include "collector/decode/text_scalar.h"

#include <gtest/gtest.h>

#include <string>

namespace cistern::collector {
namespace {

// "number 21.5 °C", "word 1", "absent", "rejected", "text".
std::string read(std::string_view text, const ScalarSyntax& syntax = {}) {
    const Scalar scalar = parse_scalar(text, syntax);
    char value[40];
    std::snprintf(value, sizeof(value), "%.17g", scalar.value);
    switch (scalar.kind) {
        case ScalarKind::Number:
            return "number " + std::string(value) +
                   (scalar.unit.empty() ? "" : " " + std::string(scalar.unit));
        case ScalarKind::Word:
            return "word " + std::string(value);
        case ScalarKind::Absent:
            return "absent";
        case ScalarKind::Rejected:
            return "rejected";
        case ScalarKind::Text:
            return "text";
    }
    return {};
}

TEST(TextScalar, ReadsNumbersAsDevicesWriteThem) {
    EXPECT_EQ(read(" 21.5\r\n"), "number 21.5");
    EXPECT_EQ(read(std::string_view("21.5\0\0", 6)), "number 21.5");
    EXPECT_EQ(read("\xef\xbb\xbf-7"), "number -7");
    EXPECT_EQ(read("+.5"), "number 0.5");
    EXPECT_EQ(read("5."), "number 5");
    EXPECT_EQ(read("007"), "number 7");
    EXPECT_EQ(read("1E-3"), "number 0.001");
}

TEST(TextScalar, RefusesWhatNoDoubleHoldsAndGivesNoValue) {
    for (const char* text : {"1e999", "-1e999", ".988E88829929299m"}) {
        EXPECT_EQ(read(text), "rejected") << text;
        EXPECT_EQ(parse_scalar(text, {}).value, 0) << text;
    }
}

TEST(TextScalar, TakesUnitsOfTheListOnly) {
    EXPECT_EQ(read("21.5 °C"), "number 21.5 °C");
    EXPECT_EQ(read("21.5°C"), "number 21.5 °C");
    EXPECT_EQ(read("12.0%"), "number 12 %");
    EXPECT_EQ(read("-67 dBm"), "number -67 dBm");
    EXPECT_EQ(read("0Y"), "text");
    EXPECT_EQ(read("3 of 5"), "text");
    ScalarSyntax plain;
    plain.units = false;
    EXPECT_EQ(read("12 W", plain), "text");
}

TEST(TextScalar, WhatOnlyLooksLikeANumberStaysText) {
    for (const char* text : {"12:30",
                             "2026-01-01",
                             "192.168.1.10",
                             "1.2.3",
                             "0x1F",
                             "1,234.5",
                             "A4C138112233",
                             "1e",
                             "e5",
                             "--5",
                             "1 2",
                             "٢١",
                             "−5",
                             "5..",
                             "."}) {
        EXPECT_EQ(read(text), "text") << text;
    }
}

TEST(TextScalar, KnowsWordsWhateverTheirCase) {
    EXPECT_EQ(read("On"), "word 1");
    EXPECT_EQ(read("NOT_HOME"), "word 0");
    EXPECT_EQ(read("onn"), "text");
    ScalarSyntax plain;
    plain.words = false;
    EXPECT_EQ(read("on", plain), "text");
    EXPECT_EQ(read("unavailable", plain), "absent");
}

TEST(TextScalar, TellsAbsentFromRejected) {
    for (const char* text : {"", " ", "null", "None", "NaN", "unknown", "undefined", "-"}) {
        EXPECT_EQ(read(text), "absent") << text;
    }
    for (const char* text : {"inf", "-Infinity", "1e999", "-1e400"}) {
        EXPECT_EQ(read(text), "rejected") << text;
    }
}

TEST(TextScalar, DecimalCommaIsForThoseWhoAskForIt) {
    ScalarSyntax comma;
    comma.decimal = ',';
    EXPECT_EQ(read("21,5", comma), "number 21.5");
    EXPECT_EQ(read("21,5"), "text");
    EXPECT_EQ(read("21.5", comma), "text");
}

TEST(TextScalar, MarksIntegersThatADoubleCannotHold) {
    EXPECT_FALSE(parse_scalar("9007199254740992").inexact);
    EXPECT_TRUE(parse_scalar("9007199254740993").inexact);
    EXPECT_TRUE(parse_scalar("123456789012345678901234567890").inexact);
}

TEST(TextScalar, LongTextsAreNoTrouble) {
    EXPECT_EQ(read(std::string(300'000, 'x')), "text");
    EXPECT_EQ(read(std::string(1'000, '9')), "rejected");
    EXPECT_EQ(read("0." + std::string(100'000, '0') + "1"), "number 0");
}

}  // namespace
}  // namespace cistern::collector
