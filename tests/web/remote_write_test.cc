// SPDX-License-Identifier: MIT
#include "web/remote_write.h"

#include "store/base/crc32c.h"
#include "tests/web/api_fixture.h"
#include "web/remote_read.h"
#include "web/snappy_block.h"
#include "web/xor_chunk.h"

#include <bit>

namespace cistern::web {
namespace {

using test::Answer;

// Protobuf by hand: the tests do not share the reader's library.
std::string varint(uint64_t value) {
    std::string out;
    for (; value >= 0x80; value >>= 7)
        out += static_cast<char>(value | 0x80);
    return out + static_cast<char>(value);
}
std::string field(int number, std::string_view bytes) {
    return varint(static_cast<uint64_t>(number) << 3 | 2) + varint(bytes.size()) +
           std::string(bytes);
}
std::string field(int number, uint64_t value) {
    return varint(static_cast<uint64_t>(number) << 3) + varint(value);
}
std::string field_double(int number, double value) {
    std::string out = varint(static_cast<uint64_t>(number) << 3 | 1);
    const auto bits = std::bit_cast<uint64_t>(value);
    return out.append(reinterpret_cast<const char*>(&bits), 8);
}
std::string sample(double value, int64_t ms) {
    return field_double(1, value) + field(2, static_cast<uint64_t>(ms));
}
std::string label(std::string_view name, std::string_view value) {
    return field(1, name) + field(2, value);
}
std::string series(std::initializer_list<std::pair<const char*, const char*>> labels,
                   std::initializer_list<std::pair<double, int64_t>> samples) {
    std::string out;
    for (const auto& [name, value] : labels)
        out += field(1, label(name, value));
    for (const auto& [value, ms] : samples)
        out += field(2, sample(value, ms));
    return field(1, out);
}

class RemoteWrite : public test::ApiTest {
  protected:
    Answer write(std::string_view message, std::string_view headers = "") {
        return post("/api/v1/write",
                    compress_snappy(message),
                    "Content-Encoding: snappy\r\nContent-Type: application/x-protobuf\r\n" +
                        std::string(headers));
    }
    std::vector<std::pair<int64_t, double>> stored(const std::string& selector) {
        std::vector<std::pair<int64_t, double>> samples;
        const auto querier = store_.find("main")->querier();
        const auto selected = querier->select({}, {});
        for (const auto& handle : *selected) {
            if (handle.labels->to_string() != selector) continue;
            store::SampleColumns columns;
            EXPECT_TRUE(querier->read(handle, {}, columns).has_value());
            for (size_t i = 0; i < columns.size(); ++i)
                samples.emplace_back(columns.timestamps[i], columns.values[i]);
        }
        return samples;
    }
};

TEST_F(RemoteWrite, StoresSamplesOfSortedAndUnsortedLabels) {
    const Answer answer = write(series({{"__name__", "up"}, {"a", "1"}}, {{1.5, 1000}, {0, 0}}) +
                                series({{"a", "1"}, {"__name__", "up"}}, {{2.5, -2000}}));
    EXPECT_EQ(answer.status, 204) << answer.body;
    EXPECT_EQ(answer.body, "");
    const std::vector<std::pair<int64_t, double>> expected = {
        {-2'000'000'000, 2.5}, {0, 0}, {1'000'000'000, 1.5}};
    EXPECT_EQ(stored("up{a=\"1\"}"), expected);
}

TEST_F(RemoteWrite, KeepsStaleMarkersBitForBit) {
    ASSERT_EQ(write(series({{"__name__", "up"}}, {{store::stale_marker(), 1000}})).status, 204);
    EXPECT_TRUE(store::is_stale_marker(stored("up").at(0).second));
}

TEST_F(RemoteWrite, StoresTheGoodSamplesAndNamesTheBadOnes) {
    const Answer answer =
        write(series({{"__name__", "a"}}, {{1, 1000}}) +
              series({{"__name__", "b"}, {"x", "1"}, {"x", "2"}}, {{1, 1000}, {2, 2000}}) +
              series({{"__name__", "c"}}, {{1, 1000}, {2, INT64_MAX}}) + series({}, {{1, 1}}));
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(document(answer)["error"].get<std::string>().find("label name \"x\" is not unique"),
              std::string::npos)
        << answer.body;
    EXPECT_EQ(stored("a").size(), 1u);
    EXPECT_EQ(stored("c").size(), 1u);
}

TEST_F(RemoteWrite, KnowsSeriesAgainInTheNextRequest) {
    for (int i = 1; i <= 3; ++i) {
        ASSERT_EQ(write(series({{"__name__", "a"}, {"l", "v"}}, {{1.0 * i, 1000 * i}}) +
                        series({{"__name__", "b"}, {"l", "v"}}, {{2.0 * i, 1000 * i}}))
                      .status,
                  204);
    }
    EXPECT_EQ(stored("a{l=\"v\"}").size(), 3u);
    EXPECT_EQ(stored("b{l=\"v\"}").back().second, 6);
}

TEST_F(RemoteWrite, RefusesDamageAndLies) {
    EXPECT_EQ(post("/api/v1/write", "not snappy", "Content-Encoding: snappy\r\n").status, 400);
    EXPECT_EQ(write("\x0a\xff\xff").status, 400);
    // Claims 4 GB in a few bytes, and more than the limit.
    EXPECT_EQ(post("/api/v1/write", varint(0xffffffff) + "abc").status, 413);
    EXPECT_EQ(post("/api/v1/write", varint(30'000'000) + "abc").status, 400);
    EXPECT_EQ(post("/api/v1/write", "").status, 204);
    EXPECT_EQ(post("/api/v1/write", "x", "Content-Encoding: zstd\r\n").status, 415);
    EXPECT_EQ(post("/api/v1/write", "x", "Content-Type: text/plain\r\n").status, 415);
    EXPECT_EQ(
        post("/api/v1/write", "x", "Content-Type: application/x-protobuf;proto=other\r\n").status,
        415);
}

TEST_F(RemoteWrite, SkipsFieldsOfTheWrongWireType) {
    const std::string wrong = field(1, uint64_t{7}) + field(3, uint64_t{7}) + field_double(1, 1);
    EXPECT_EQ(write(wrong + series({{"__name__", "a"}}, {{1, 1000}})).status, 204);
    EXPECT_EQ(write(field(1, field(1, uint64_t{5}) + field(2, uint64_t{5}))).status, 204);
    EXPECT_EQ(stored("a").size(), 1u);
}

TEST_F(RemoteWrite, AsksForARetryOnlyWhenItCanHelp) {
    store_.fail_appends_with(Error{ErrorCode::ResourceExhausted, "the disk is full"});
    const Answer full = write(series({{"__name__", "a"}}, {{1, 1000}}));
    EXPECT_EQ(full.status, 507);
    EXPECT_NE(full.header("Retry-After"), "");
    store_.fail_appends_with(std::nullopt);
    store_.reject_before = 10'000'000'000;
    EXPECT_EQ(write(series({{"__name__", "a"}}, {{1, 1000}, {2, 20'000}})).status, 400);
    EXPECT_EQ(stored("a").size(), 1u);
}

TEST_F(RemoteWrite, AppliesMetadataToTheSeriesThatAreThereAlready) {
    ASSERT_EQ(write(series({{"__name__", "t_bucket"}, {"le", "1"}}, {{1, 1000}}) +
                    series({{"__name__", "t_count"}}, {{1, 1000}}) +
                    series({{"__name__", "u_count"}}, {{1, 1000}}))
                  .status,
              204);
    const std::string family =
        field(3, field(1, uint64_t{3}) + field(2, "t") + field(4, "Times.") + field(5, "s"));
    EXPECT_EQ(write(family).status, 204);
    const auto expected =
        nlohmann::json::parse(R"({"t":[{"type":"histogram","help":"Times.","unit":"s"}]})");
    EXPECT_EQ(document(get("/api/v1/metadata"))["data"], expected);
    EXPECT_EQ(document(get("/api/v1/metadata?metric=t"))["data"], expected);
    EXPECT_TRUE(document(get("/api/v1/metadata?metric=t_count"))["data"].empty());
}

TEST_F(RemoteWrite, KeepsTheMetadataOfFamilies) {
    const std::string metadata =
        field(3, field(1, uint64_t{1}) + field(2, "hits") + field(4, "Visits.") + field(5, "1"));
    ASSERT_EQ(write(series({{"__name__", "hits"}}, {{1, 1000}}) + metadata).status, 204);
    EXPECT_EQ(
        document(get("/api/v1/metadata"))["data"],
        nlohmann::json::parse(R"({"hits":[{"type":"counter","help":"Visits.","unit":"1"}]})"));
}

class RemoteWrite2 : public RemoteWrite {
  protected:
    static constexpr const char* kHeaders =
        "Content-Encoding: snappy\r\nContent-Type: "
        "application/x-protobuf;proto=io.prometheus.write.v2.Request\r\n";
    static std::string refs(std::initializer_list<uint32_t> numbers) {
        std::string packed;
        for (const uint32_t number : numbers)
            packed += varint(number);
        return field(1, packed);
    }
    Answer write2(const std::string& message) {
        return post("/api/v1/write", compress_snappy(message), kHeaders);
    }
    std::string symbols = field(4, "") + field(4, "__name__") + field(4, "up") + field(4, "job") +
                          field(4, "x") + field(4, "Is it up.") + field(4, "bool");
};

TEST_F(RemoteWrite2, StoresAndSaysWhatItWrote) {
    const std::string one =
        refs({1, 2, 3, 4}) + field(2, sample(1, 1000)) + field(2, sample(0, 2000)) +
        field(5, field(1, uint64_t{2}) + field(3, uint64_t{5}) + field(4, uint64_t{6}));
    const Answer answer = write2(symbols + field(5, one));
    EXPECT_EQ(answer.status, 204) << answer.body;
    EXPECT_EQ(answer.header("X-Prometheus-Remote-Write-Samples-Written"), "2");
    EXPECT_EQ(answer.header("X-Prometheus-Remote-Write-Histograms-Written"), "0");
    EXPECT_EQ(stored("up{job=\"x\"}").size(), 2u);
    EXPECT_EQ(document(get("/api/v1/metadata"))["data"]["up"][0]["unit"], "bool");
}

TEST_F(RemoteWrite2, ChecksEverySymbolReference) {
    const Answer answer = write2(symbols + field(5, refs({1, 99}) + field(2, sample(1, 1000))) +
                                 field(5, refs({1, 2, 3}) + field(2, sample(1, 1000))) +
                                 field(5, refs({1, 2}) + field(2, sample(1, 1000))));
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.header("X-Prometheus-Remote-Write-Samples-Written"), "1");
    EXPECT_EQ(stored("up").size(), 1u);
}

// ---- remote read

class RemoteRead : public RemoteWrite {
  protected:
    void SetUp() override {
        start();
        std::string lines;
        for (int i = 0; i < 300; ++i) {
            lines += "temp{room=\"a\"} " + std::to_string(20.0 + i * 0.25) + " " +
                     std::to_string(i * 15) + "000000000\n";
        }
        import(lines + "temp{room=\"b\"} 1.5 60000000000\nother 1 1\n");
    }
    static std::string query(int64_t start, int64_t end) {
        return field(1,
                     field(1, static_cast<uint64_t>(start)) + field(2, static_cast<uint64_t>(end)) +
                         field(3, field(2, "__name__") + field(3, "temp")) +
                         field(3, field(1, uint64_t{2}) + field(2, "room") + field(3, "a|b")));
    }
    Answer read(std::string_view message) {
        return post("/api/v1/read", compress_snappy(message), "Content-Encoding: snappy\r\n");
    }
};

TEST_F(RemoteRead, AnswersSamples) {
    const Answer answer = read(query(30'000, 60'000));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("Content-Encoding"), "snappy");
    const std::string a = field(1, label("__name__", "temp")) + field(1, label("room", "a")) +
                          field(2, sample(20.5, 30'000)) + field(2, sample(20.75, 45'000)) +
                          field(2, sample(21, 60'000));
    const std::string b = field(1, label("__name__", "temp")) + field(1, label("room", "b")) +
                          field(2, sample(1.5, 60'000));
    EXPECT_EQ(decompress_snappy(answer.body, 1 << 20).value_or(""),
              field(1, field(1, a) + field(1, b)));
}

TEST_F(RemoteRead, StreamsChunksWithChecksums) {
    const Answer answer = read(query(0, 10'000'000) + field(2, std::string("\x01\x00", 2)));
    EXPECT_EQ(answer.header("Content-Type"),
              "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse");
    // The first frame: length, CRC-32C in big-endian order, payload.
    size_t at = 0;
    uint64_t length = 0;
    for (int shift = 0;; shift += 7) {
        const auto byte = static_cast<uint8_t>(answer.body.at(at++));
        length |= static_cast<uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80) break;
    }
    uint32_t crc = 0;
    for (int i = 0; i < 4; ++i)
        crc = crc << 8 | static_cast<uint8_t>(answer.body.at(at++));
    const std::string payload = answer.body.substr(at, length);
    ASSERT_EQ(payload.size(), length);
    EXPECT_EQ(crc, crc32c(std::as_bytes(std::span(payload))));
    EXPECT_NE(payload.find(field(1, label("room", "a"))), std::string::npos);
}

TEST_F(RemoteRead, RefusesDamage) {
    EXPECT_EQ(post("/api/v1/read", "x").status, 400);
    EXPECT_EQ(read("\x0a\xff\xff").status, 400);
    EXPECT_EQ(read(field(1, field(3, field(1, uint64_t{9}) + field(2, "a")))).status, 400);
    EXPECT_EQ(
        read(field(1, field(3, field(1, uint64_t{2}) + field(2, "a") + field(3, "(")))).status,
        400);
}

TEST(XorChunk, ReadsBackWhatWasWritten) {
    const double nan = std::bit_cast<double>(uint64_t{0x7ff8000000000001});
    const std::vector<std::pair<int64_t, double>> samples = {{-5, 1.5},
                                                             {-4, 1.5},
                                                             {100, -0.0},
                                                             {100'000, 1e300},
                                                             {100'001, store::stale_marker()},
                                                             {1'000'000'000, nan},
                                                             {1'000'000'001, 0},
                                                             {1'000'008'193, 12.5},
                                                             {1'000'016'386, 13.5},
                                                             {4'000'000'000'000, 5}};
    XorChunk chunk;
    for (const auto& [time, value] : samples)
        chunk.append(time, value);
    const auto decoded = decode_xor_chunk(chunk.bytes());
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    ASSERT_EQ(decoded->size(), samples.size());
    for (size_t i = 0; i < samples.size(); ++i) {
        EXPECT_EQ(decoded->timestamps[i], samples[i].first) << i;
        EXPECT_EQ(std::bit_cast<uint64_t>(decoded->values[i]),
                  std::bit_cast<uint64_t>(samples[i].second))
            << i;
    }
    EXPECT_FALSE(decode_xor_chunk(chunk.bytes().substr(0, 20)).has_value());
}

}  // namespace
}  // namespace cistern::web
