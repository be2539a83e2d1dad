// SPDX-License-Identifier: MIT
// The bytes between us and a broker, as the client library makes them: TCP, TLS with the same
// certificates, WebSocket. For looking at a broker closely (`cistern doctor`), because the library
// tells little about why a connection fails.
#pragma once

#include "collector/mqtt/options.h"
#include "collector/mqtt/url.h"
#include "store/base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cistern::mqtt {

// What went wrong, and what to do about it.
struct StreamFailure {
    std::string what;
    std::string advice;
    bool hung_up = false;  // the broker closed the connection instead of answering
};

// What TLS said about the broker.
struct TlsReport {
    std::string version;      // TLSv1.3
    std::string certificate;  // CN=broker, issued by CN=authority
    int64_t expires_s = 0;    // the certificate's end, seconds since 1970
    // What is wrong with it although we went on (`insecure`).
    std::optional<StreamFailure> trouble;
};

// Blocking, for one thread. Unavailable: the connection is gone.
class Stream {
  public:
    virtual ~Stream() = default;  // cuts the connection
    virtual Status send(std::string_view bytes) = 0;
    // Some bytes, at least one; nothing within the time: none.
    virtual Result<std::optional<std::string>> receive(int timeout_ms) = 0;
    // None without TLS.
    [[nodiscard]] virtual const TlsReport* tls() const { return nullptr; }
};

tl::expected<std::unique_ptr<Stream>, StreamFailure> open_stream(const BrokerUrl& url,
                                                                 const TlsOptions& tls,
                                                                 int timeout_ms);

}  // namespace cistern::mqtt
