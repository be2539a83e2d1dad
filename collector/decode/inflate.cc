// SPDX-License-Identifier: MIT
#include "collector/decode/inflate.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

namespace cistern::collector {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b\x08";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";
constexpr size_t kStepBytes = 64 << 10;
constexpr size_t kRatioMax = 200;
// Larger windows than 8 MiB are for archives, not for messages.
constexpr int kZstdWindowLog = 23;

size_t bound_of(std::string_view payload, size_t bytes_max) {
    return std::min(bytes_max, std::max(kStepBytes, payload.size() * kRatioMax));
}

tl::unexpected<Error> too_large(size_t bound) {
    return fail(ErrorCode::ResourceExhausted, fmt::format("inflates to more than {} bytes", bound));
}

Status inflate_gzip(std::string_view payload, size_t bound, std::string& into) {
    z_stream stream{};
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&stream, kGzipOnly) != Z_OK) {
        return fail(ErrorCode::ResourceExhausted, "no memory for gzip");
    }
    const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, inflateEnd);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(payload.data()));
    stream.avail_in = static_cast<uInt>(payload.size());
    int result = Z_OK;
    while (result != Z_STREAM_END || stream.avail_in > 0) {
        if (result == Z_STREAM_END && inflateReset(&stream) != Z_OK) {  // another member
            return fail(ErrorCode::InvalidArgument, "damaged gzip");
        }
        const size_t done = into.size();
        into.resize(std::min(done + kStepBytes, bound + 1));
        stream.next_out = reinterpret_cast<Bytef*>(into.data() + done);
        stream.avail_out = static_cast<uInt>(into.size() - done);
        result = ::inflate(&stream, Z_NO_FLUSH);
        into.resize(into.size() - stream.avail_out);
        if (into.size() > bound) {
            return too_large(bound);
        }
        const bool stuck = result == Z_BUF_ERROR ||
                           (result == Z_OK && stream.avail_in == 0 && stream.avail_out > 0);
        if (stuck || (result != Z_OK && result != Z_STREAM_END)) {
            return fail(ErrorCode::InvalidArgument, stuck ? "gzip is cut off" : "damaged gzip");
        }
    }
    return {};
}

Status inflate_zstd(std::string_view payload, size_t bound, std::string& into) {
    const std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(),
                                                                          ZSTD_freeDStream);
    if (stream == nullptr || ZSTD_isError(ZSTD_DCtx_setParameter(
                                 stream.get(), ZSTD_d_windowLogMax, kZstdWindowLog)) != 0) {
        return fail(ErrorCode::ResourceExhausted, "no memory for zstd");
    }
    ZSTD_inBuffer in{payload.data(), payload.size(), 0};
    size_t expected = 1;
    while (in.pos < in.size || expected != 0) {
        const size_t done = into.size();
        into.resize(std::min(done + kStepBytes, bound + 1));
        ZSTD_outBuffer out{into.data() + done, into.size() - done, 0};
        const size_t consumed = in.pos;
        expected = ZSTD_decompressStream(stream.get(), &out, &in);
        into.resize(done + out.pos);
        if (ZSTD_isError(expected) != 0) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("damaged zstd: {}", ZSTD_getErrorName(expected)));
        }
        if (into.size() > bound) {
            return too_large(bound);
        }
        if (out.pos == 0 && in.pos == consumed) {
            return fail(ErrorCode::InvalidArgument, "zstd is cut off");
        }
    }
    return {};
}

class InflatingDecoder final : public Decoder {
  public:
    InflatingDecoder(std::unique_ptr<Decoder> inner, size_t bytes_max)
        : inner_(std::move(inner)), bytes_max_(bytes_max) {}

    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        if (!is_compressed(payload)) {
            return inner_->decode(payload, arena);
        }
        TRY(inflate(payload, bytes_max_, inflated_));
        return inner_->decode(inflated_, arena);
    }

  private:
    std::unique_ptr<Decoder> inner_;
    size_t bytes_max_;
    std::string inflated_;
};

struct Magic {
    size_t offset;
    std::string_view bytes;
    std::string_view name;
};
using namespace std::string_view_literals;
constexpr Magic kMagic[] = {{0, "\xff\xd8\xff"sv, "JPEG image"},
                            {0, "\x89PNG"sv, "PNG image"},
                            {0, "GIF8"sv, "GIF image"},
                            {8, "WEBP"sv, "WebP image"},
                            {8, "WAVE"sv, "WAVE sound"},
                            {8, "AVI "sv, "AVI video"},
                            {4, "ftyp"sv, "MP4 or HEIF media"},
                            {0, "\x1a\x45\xdf\xa3"sv, "Matroska video"},
                            {0, "\0\0\0\1\x67"sv, "H.264 video"},
                            {0, "OggS"sv, "Ogg media"},
                            {0, "fLaC"sv, "FLAC sound"},
                            {0, "ID3\x03"sv, "MP3 sound"},
                            {0, "ID3\x04"sv, "MP3 sound"},
                            {0, "%PDF-"sv, "PDF document"},
                            {0, "PK\x03\x04"sv, "ZIP archive"},
                            {0,
                             "\x7f"
                             "ELF"sv,
                             "ELF program"},
                            {0, "BZh9"sv, "bzip2 archive"},
                            {0,
                             "\xfd"
                             "7zXZ"sv,
                             "xz archive"},
                            {0, "7z\xbc\xaf"sv, "7z archive"},
                            {0, "\xac\xed\0\5"sv, "Java object"},
                            {0, "SQLite format 3"sv, "SQLite database"},
                            {0, "II*\0"sv, "TIFF image"},
                            {0, "MM\0*"sv, "TIFF image"}};

}  // namespace

bool is_compressed(std::string_view payload) {
    return payload.substr(0, kGzipMagic.size()) == kGzipMagic ||
           payload.substr(0, kZstdMagic.size()) == kZstdMagic;
}

Status inflate(std::string_view payload, size_t bytes_max, std::string& into) {
    into.clear();
    const size_t bound = bound_of(payload, bytes_max);
    return payload.substr(0, kGzipMagic.size()) == kGzipMagic ? inflate_gzip(payload, bound, into)
                                                              : inflate_zstd(payload, bound, into);
}

std::unique_ptr<Decoder> make_inflating_decoder(std::unique_ptr<Decoder> inner,
                                                const DecodeLimits& limits) {
    return std::make_unique<InflatingDecoder>(std::move(inner), limits.inflated_bytes);
}

std::string_view known_binary(std::string_view payload) {
    for (const Magic& magic : kMagic) {
        if (payload.size() >= magic.offset &&
            payload.substr(magic.offset, magic.bytes.size()) == magic.bytes) {
            return magic.name;
        }
    }
    return {};
}

}  // namespace cistern::collector
