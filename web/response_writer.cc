// SPDX-License-Identifier: MIT
#include "web/response_writer.h"

#include <fmt/format.h>

#include <iterator>

namespace cistern::web {
namespace {

constexpr size_t kStreamBuffer = 64 << 10;

bool has_no_body(int status) {
    return status == 204 || status == 304 || status < 200;
}

class WireStream final : public ResponseStream {
  public:
    WireStream(const Response& response, const WireOptions& options, const RawWrite& write)
        : response_(response), options_(options), write_(write), keep_alive_(options.keep_alive) {}

    bool write(std::string_view bytes) override {
        if (gone_) return false;
        buffer_ += bytes;
        return buffer_.size() < kStreamBuffer || send_buffer(false);
    }
    bool flush() override { return !gone_ && send_buffer(false); }
    [[nodiscard]] bool stopping() const override { return options_.stopping(); }

    // A known body goes out in one piece however large it is.
    void set_whole(std::string_view body) { buffer_ = body; }

    WireOutcome finish() {
        if (!gone_ && !head_sent_) {
            send_whole();
        } else if (!gone_) {
            send_buffer(true);
        }
        return {keep_alive_ && !gone_, sent_};
    }

  private:
    // The document fitted into the buffer: it has a length.
    void send_whole() {
        begin_gzip();
        if (gzip_) {
            std::string packed;
            gzip_->write(buffer_, true, packed);
            buffer_ = std::move(packed);
        }
        std::string wire = head(buffer_.size());
        if (!options_.head_only && !has_no_body(response_.status)) {
            wire += buffer_;
            sent_ += buffer_.size();
        }
        gone_ = !write_(wire);
    }

    bool send_buffer(bool last) {
        std::string wire;
        if (!head_sent_) {
            begin_gzip();
            chunked_ = options_.http_1_1 && !response_.endless;
            keep_alive_ = keep_alive_ && chunked_;
            wire = head(std::nullopt);
        }
        if (options_.head_only) {
            gone_ = !wire.empty() && !write_(wire);
            buffer_.clear();
            return false;  // nothing more is wanted
        }
        std::string packed;
        if (gzip_) {
            gzip_->write(buffer_, last, packed);
            buffer_.swap(packed);
        }
        append_piece(wire, last);
        buffer_.clear();
        gone_ = !wire.empty() && !write_(wire);
        return !gone_;
    }

    void append_piece(std::string& wire, bool last) {
        sent_ += buffer_.size();
        if (!chunked_) {
            wire += buffer_;
            return;
        }
        if (!buffer_.empty()) {
            fmt::format_to(std::back_inserter(wire), "{:x}\r\n", buffer_.size());
            wire += buffer_;
            wire += "\r\n";
        }
        if (last) wire += "0\r\n\r\n";
    }

    void begin_gzip() {
        const bool wanted = options_.accepts_gzip && response_.compressible && !response_.endless &&
                            buffer_.size() >= kGzipBytesMin && !has_no_body(response_.status) &&
                            !response_.headers.has("Content-Encoding");
        if (wanted) gzip_.emplace();
    }

    std::string head(std::optional<size_t> length) {
        head_sent_ = true;
        std::string wire =
            fmt::format("HTTP/1.1 {} {}\r\n", response_.status, status_text(response_.status));
        const auto add = [&wire](std::string_view name, std::string_view value) {
            ((wire += name) += ": ") += value;
            wire += "\r\n";
        };
        for (const auto& [name, value] : response_.headers.all())
            add(name, value);
        if (!response_.headers.has("X-Content-Type-Options"))
            add("X-Content-Type-Options", "nosniff");
        if (!response_.headers.has("Cache-Control")) add("Cache-Control", "no-store");
        if (response_.compressible) add("Vary", "Accept-Encoding");
        if (gzip_) add("Content-Encoding", "gzip");
        if (length && !has_no_body(response_.status))
            add("Content-Length", std::to_string(*length));
        if (!length && chunked_) add("Transfer-Encoding", "chunked");
        add("Connection", keep_alive_ ? "keep-alive" : "close");
        wire += "\r\n";
        return wire;
    }

    const Response& response_;
    const WireOptions& options_;
    const RawWrite& write_;
    bool keep_alive_;
    bool head_sent_ = false;
    bool chunked_ = false;
    bool gone_ = false;
    uint64_t sent_ = 0;
    std::string buffer_;
    std::optional<GzipWriter> gzip_;
};

}  // namespace

WireOutcome write_response(const Response& response,
                           const WireOptions& options,
                           const RawWrite& write) {
    WireStream stream(response, options, write);
    if (!response.stream) {
        stream.set_whole(response.body);
        return stream.finish();
    }
    if (response.endless && (!stream.flush() || options.head_only)) return stream.finish();
    response.stream(stream);
    return stream.finish();
}

bool accepts_gzip(std::string_view accept_encoding) {
    while (!accept_encoding.empty()) {
        const size_t end = accept_encoding.find(',');
        std::string_view item = accept_encoding.substr(0, end);
        accept_encoding =
            end == std::string_view::npos ? std::string_view{} : accept_encoding.substr(end + 1);
        while (item.starts_with(' '))
            item.remove_prefix(1);
        const size_t name_end = item.find_first_of("; ");
        const std::string_view name = item.substr(0, name_end);
        if (name != "gzip" && name != "x-gzip" && name != "*") continue;
        const size_t q = item.find("q=");
        return q == std::string_view::npos ||
               item.substr(q + 2).find_first_of("123456789") != std::string_view::npos;
    }
    return false;
}

}  // namespace cistern::web
