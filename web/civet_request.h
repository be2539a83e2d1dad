// SPDX-License-Identifier: MIT
// CivetWeb's connection as our Request and BodyReader.
#pragma once

#include "store/base/result.h"
#include "web/client_watch.h"
#include "web/http.h"

#include <cstdint>
#include <string>

struct mg_connection;

namespace cistern::web {

struct IncomingRequest {
    Request request;
    std::string raw_path;
    std::string raw_query;
    bool http_1_1 = true;
    int64_t content_length = -1;  // -1: chunked or none
    bool chunked = false;
    ConnectionEnds ends;
};

// InvalidArgument: framing that two servers could read differently, control characters, a broken
// URL.
Result<IncomingRequest> read_request(const mg_connection* connection);

// Reads the body from the socket; answers Expect: 100-continue before the first byte is read.
class SocketBody final : public BodyReader {
  public:
    SocketBody(mg_connection* connection, const IncomingRequest& incoming, uint64_t bytes_max);
    Result<size_t> read(std::span<char> into) override;
    // All of the body was read.
    [[nodiscard]] bool at_end() const { return at_end_; }

  private:
    mg_connection* connection_;
    bool expects_continue_;
    int64_t content_length_;
    uint64_t bytes_max_;
    uint64_t got_ = 0;
    bool at_end_ = false;
};

}  // namespace cistern::web
