// SPDX-License-Identifier: MIT
#include "collector/decode/json.h"

#include "tests/collector/decode/tree_text.h"

#include <gtest/gtest.h>

namespace cistern::collector::test {
namespace {

std::string repeated(std::string_view text, size_t times) {
    std::string out;
    for (size_t i = 0; i < times; ++i) {
        out += text;
    }
    return out;
}
bool is_error(const std::string& text) {
    return text.rfind("error: ", 0) == 0;
}

TEST(Json, KeepsIntegersExactAndTellsThemFromDoubles) {
    EXPECT_EQ(
        decode_text("json", R"({"a":9007199254740993,"b":-1,"c":1.5,"d":18446744073709551615})"),
        "{a: 9007199254740993, b: -1, c: 1.5f, d: 18446744073709551615u}");
}

TEST(Json, ToleratesNanAndInfinityAsNull) {
    EXPECT_EQ(decode_text("json", R"({"t":NaN,"u":-Infinity,"h":48})"),
              "{t: null, u: null, h: 48}");
    EXPECT_EQ(decode_text("json", R"({"s":"NaN"})"), "{s: 'NaN'}") << "a string stays a string";
}

TEST(Json, ANumberBeyondDoubleCostsNoOther) {
    EXPECT_EQ(decode_text("json", R"({"a":1e400,"b":-1e400,"c":1})"),
              "{a: '1e400', b: '-1e400', c: 1}");
}

TEST(Json, RefusesWhatIsNoJsonAsAWhole) {
    for (const char* text : {"{temperature: 21.5}",
                             "{'t': 21.5}",
                             R"({"t":+21.5})",
                             R"({"t":1}{"t":2})",
                             R"({"t":1,})",
                             "{\"t\":1",
                             "// c\n{\"t\":1}",
                             "",
                             "{",
                             "]"}) {
        EXPECT_TRUE(is_error(decode_text("json", text))) << text;
    }
}

TEST(Json, KeepsNumbersBesideStringsThatAreNoUtf8) {
    EXPECT_NE(decode_text("json", "{\"t\":21.5,\"s\":\"\xff\xfe\"}").find("t: 21.5f"),
              std::string::npos);
    EXPECT_NE(decode_text("json", R"({"t":1,"s":"\ud83d"})").find("t: 1"), std::string::npos);
}

TEST(Json, DepthBombsAreRefusedWithoutRecursion) {
    EXPECT_TRUE(is_error(decode_text("json", repeated("[", 100'000) + repeated("]", 100'000))));
    EXPECT_TRUE(
        is_error(decode_text("json", repeated("{\"a\":", 50'000) + "1" + repeated("}", 50'000))));
    EXPECT_TRUE(is_error(decode_text("json", repeated("[", 100'000))));
    DecodeLimits limits;
    limits.depth = 4;
    EXPECT_EQ(decode_text("json", "[[[1]]]", limits), "[[[1]]]");
    EXPECT_TRUE(is_error(decode_text("json", "[[[[[1]]]]]", limits)));
}

TEST(Json, WideDocumentsStopAtTheLimitOfNodes) {
    DecodeLimits limits;
    limits.nodes = 100;
    EXPECT_TRUE(is_error(decode_text("json", "[" + repeated("1,", 1'000) + "1]", limits)));
}

TEST(Json, NewlineDelimitedDocumentsBecomeAnArray) {
    EXPECT_EQ(decode_text("ndjson", "{\"t\":1}\n{\"t\":2}\n"), "[{t: 1}, {t: 2}]");
    EXPECT_TRUE(is_error(decode_text("ndjson", "{\"t\":1}\n{\"t\":")));
}

TEST(Json, TheLastOfEqualKeysCounts) {
    DecoderSpec spec;
    spec.name = "json";
    auto decoder = make_decoder(spec, {});
    ASSERT_TRUE(decoder.has_value());
    NodeArena arena;
    const auto decoded = (*decoder)->decode(R"({"t":1,"t":2})", arena);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_TRUE(decoded->duplicate_keys);
    EXPECT_EQ(decoded->root->find("t")->integer, 2);
}

}  // namespace
}  // namespace cistern::collector::test
