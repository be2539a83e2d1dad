// SPDX-License-Identifier: MIT
#include "store/base/base64.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

TEST(Base64, WritesTheVectorsOfTheSpecification) {
    // RFC 4648, section 10.
    EXPECT_EQ(encode_base64(""), "");
    EXPECT_EQ(encode_base64("f"), "Zg==");
    EXPECT_EQ(encode_base64("fo"), "Zm8=");
    EXPECT_EQ(encode_base64("foo"), "Zm9v");
    EXPECT_EQ(encode_base64("foob"), "Zm9vYg==");
    EXPECT_EQ(encode_base64("\xfb\xff"), "+/8=");
}

TEST(Base64, ReadsWhatItWritesForEveryByte) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        bytes += static_cast<char>(i);
        EXPECT_EQ(decode_base64(encode_base64(bytes)).value(), bytes);
    }
}

TEST(Base64, ReadsTheAlphabetOfUrlsAndTextWithoutPaddingOrOnSeveralLines) {
    EXPECT_EQ(decode_base64("-_8").value(), "\xfb\xff");
    EXPECT_EQ(decode_base64("Zm9v\r\nYg==\r\n").value(), "foob");
}

TEST(Base64, RefusesOtherCharacters) {
    EXPECT_FALSE(decode_base64("a b").has_value());
    EXPECT_FALSE(decode_base64("Zg==Zg==").has_value());
    EXPECT_FALSE(decode_base64("Zg\xc3\xa4").has_value());
}

}  // namespace
}  // namespace cistern
