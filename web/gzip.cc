// SPDX-License-Identifier: MIT
#include "web/gzip.h"

#include "store/base/assert.h"

#include <fmt/format.h>
#include <zlib.h>

#include <array>

namespace cistern::web {
namespace {

constexpr int kGzipWindow = 15 + 16;  // the largest window, with a gzip header

Bytef* as_bytes(const char* text) {
    // zlib's next_in is not const for history's sake; it never writes there.
    return reinterpret_cast<Bytef*>(const_cast<char*>(text));
}

Error too_large(uint64_t bytes_max) {
    return {ErrorCode::ResourceExhausted,
            fmt::format("the decompressed request body is larger than {} bytes", bytes_max)};
}

class GunzipReader final : public BodyReader {
  public:
    GunzipReader(BodyReader& source, uint64_t bytes_max)
        : source_(source), left_(bytes_max), max_(bytes_max) {
        CISTERN_ASSERT(inflateInit2(&stream_, kGzipWindow) == Z_OK);
    }
    ~GunzipReader() override { inflateEnd(&stream_); }
    GunzipReader(const GunzipReader&) = delete;
    GunzipReader& operator=(const GunzipReader&) = delete;

    Result<size_t> read(std::span<char> into) override {
        if (into.empty()) return size_t{0};
        stream_.next_out = reinterpret_cast<Bytef*>(into.data());
        stream_.avail_out = static_cast<uInt>(into.size());
        while (stream_.avail_out == into.size() && !at_end_) {
            TRY(step());
        }
        const size_t got = into.size() - stream_.avail_out;
        if (got > left_) return tl::unexpected(too_large(max_));
        left_ -= got;
        return got;
    }

  private:
    Status step() {
        if (stream_.avail_in == 0) {
            const size_t got = TRY(source_.read(buffer_));
            if (got == 0 && between_members_) {
                at_end_ = true;
                return {};
            }
            if (got == 0) return fail(ErrorCode::InvalidArgument, "the gzip body ends too early");
            stream_.next_in = as_bytes(buffer_.data());
            stream_.avail_in = static_cast<uInt>(got);
        }
        if (between_members_ && inflateReset(&stream_) != Z_OK) {
            return fail(ErrorCode::InvalidArgument, "the body is not valid gzip");
        }
        between_members_ = false;
        const int code = inflate(&stream_, Z_NO_FLUSH);
        if (code == Z_STREAM_END) {
            between_members_ = true;  // RFC 1952: members may follow each other
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            return fail(ErrorCode::InvalidArgument, "the body is not valid gzip");
        }
        return {};
    }

    BodyReader& source_;
    uint64_t left_;
    uint64_t max_;
    z_stream stream_{};
    std::array<char, 16384> buffer_;
    bool between_members_ = false;
    bool at_end_ = false;
};

class TextReader final : public BodyReader {
  public:
    explicit TextReader(std::string_view text) : text_(text) {}
    Result<size_t> read(std::span<char> into) override {
        const size_t got = text_.copy(into.data(), into.size());
        text_.remove_prefix(got);
        return got;
    }

  private:
    std::string_view text_;
};

}  // namespace

struct GzipWriter::State {
    z_stream stream{};
};

GzipWriter::GzipWriter(int level) : state_(std::make_unique<State>()) {
    CISTERN_ASSERT(
        deflateInit2(&state_->stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) ==
        Z_OK);
}

GzipWriter::~GzipWriter() {
    deflateEnd(&state_->stream);
}

void GzipWriter::write(std::string_view bytes, bool finish, std::string& out) {
    z_stream& stream = state_->stream;
    stream.next_in = as_bytes(bytes.data());
    stream.avail_in = static_cast<uInt>(bytes.size());
    while (true) {
        const size_t before = out.size();
        const size_t room = deflateBound(&stream, stream.avail_in) + 32;
        out.resize(before + room);
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
        stream.avail_out = static_cast<uInt>(room);
        const int code = deflate(&stream, finish ? Z_FINISH : Z_NO_FLUSH);
        out.resize(out.size() - stream.avail_out);
        const bool done =
            finish ? code == Z_STREAM_END : stream.avail_in == 0 && stream.avail_out > 0;
        if (done) return;
    }
}

std::string gzip(std::string_view bytes, int level) {
    GzipWriter writer(level);
    std::string out;
    writer.write(bytes, true, out);
    return out;
}

Result<std::string> gunzip(std::string_view bytes, size_t bytes_max) {
    TextReader source(bytes);
    GunzipReader reader(source, bytes_max);
    std::string out;
    std::array<char, 16384> piece;
    while (true) {
        const size_t got = TRY(reader.read(piece));
        if (got == 0) return out;
        out.append(piece.data(), got);
    }
}

std::unique_ptr<BodyReader> make_gunzip_reader(BodyReader& source, uint64_t bytes_max) {
    return std::make_unique<GunzipReader>(source, bytes_max);
}

}  // namespace cistern::web
