// SPDX-License-Identifier: MIT
#include "web/civet_request.h"

#include "web/router.h"

#include <civetweb.h>
#include <fmt/format.h>

#include <algorithm>

namespace cistern::web {
namespace {

bool has_control_characters(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<uint8_t>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

Error bad(std::string message) {
    return {ErrorCode::InvalidArgument, std::move(message)};
}

// RFC 9112 section 6.3: both framings, or one twice, is how requests are smuggled past a proxy.
Status check_framing(const Headers& headers, IncomingRequest& incoming) {
    const size_t lengths = headers.count("Content-Length");
    const size_t codings = headers.count("Transfer-Encoding");
    if (lengths + codings > 1) {
        return tl::unexpected(bad("more than one of Content-Length and Transfer-Encoding"));
    }
    if (codings == 1) {
        if (headers.get("Transfer-Encoding") != "chunked") {
            return tl::unexpected(bad("only Transfer-Encoding: chunked is understood"));
        }
        incoming.chunked = true;
    }
    if (lengths == 1) {
        const std::string_view text = headers.get("Content-Length");
        const bool digits =
            !text.empty() && text.size() <= 18 &&
            std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!digits) return tl::unexpected(bad(fmt::format("bad Content-Length \"{}\"", text)));
        incoming.content_length = std::stoll(std::string(text));
    }
    return {};
}

}  // namespace

Result<IncomingRequest> read_request(const mg_connection* connection) {
    const mg_request_info* info = mg_get_request_info(connection);
    IncomingRequest incoming;
    Request& request = incoming.request;
    request.method_text = info->request_method;
    request.method = parse_method(request.method_text);
    request.peer = info->remote_addr;
    incoming.ends = {info->remote_addr,
                     static_cast<uint16_t>(info->remote_port),
                     static_cast<uint16_t>(info->server_port)};
    incoming.http_1_1 = std::string_view(info->http_version) == "1.1";
    if (info->local_uri_raw == nullptr) return tl::unexpected(bad("the request names no path"));
    incoming.raw_path = info->local_uri_raw;
    if (info->query_string != nullptr) incoming.raw_query = info->query_string;
    for (int i = 0; i < info->num_headers; ++i) {
        request.headers.add(info->http_headers[i].name, info->http_headers[i].value);
    }
    TRY(check_framing(request.headers, incoming));
    const DatabasePath split = split_database(incoming.raw_path);
    request.database = split.database;
    request.path = TRY(percent_decode(split.path, false));
    if (has_control_characters(request.path) || has_control_characters(request.database)) {
        return tl::unexpected(bad("control characters in the path"));
    }
    request.query = TRY(Parameters::parse(incoming.raw_query));
    return incoming;
}

SocketBody::SocketBody(mg_connection* connection,
                       const IncomingRequest& incoming,
                       uint64_t bytes_max)
    : connection_(connection),
      expects_continue_(incoming.http_1_1 &&
                        incoming.request.headers.get("Expect") == "100-continue"),
      content_length_(incoming.content_length),
      bytes_max_(bytes_max) {}

Result<size_t> SocketBody::read(std::span<char> into) {
    if (at_end_ || into.empty()) return size_t{0};
    if (expects_continue_) {
        expects_continue_ = false;
        constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        mg_write(connection_, kContinue.data(), kContinue.size());
    }
    // One read must not take longer than the request timeout: pieces of 16 KiB ask 3 KB/s.
    const size_t wanted = std::min<size_t>(into.size(), 16384);
    const int got = mg_read(connection_, into.data(), wanted);
    const bool cut_off = got == 0 && content_length_ > static_cast<int64_t>(got_);
    if (got < 0 || cut_off) {
        return fail(ErrorCode::Cancelled, "the request body did not arrive in time");
    }
    at_end_ = got == 0;
    got_ += static_cast<uint64_t>(got);
    if (got_ > bytes_max_) {
        return fail(ErrorCode::ResourceExhausted,
                    fmt::format("the request body is larger than {} bytes", bytes_max_));
    }
    return static_cast<size_t>(got);
}

}  // namespace cistern::web
