// SPDX-License-Identifier: MIT
// What a stream is made of: TLS over TCP, WebSocket over either. Internal to this folder.
#pragma once

#include "collector/mqtt/stream.h"

namespace cistern::mqtt {

using Opened = tl::expected<std::unique_ptr<Stream>, StreamFailure>;

// Takes the connected socket, and closes it.
Opened open_tls(int fd, const BrokerUrl& url, const TlsOptions& options);
Opened open_websocket(std::unique_ptr<Stream> below, const BrokerUrl& url, int timeout_ms);

// True when bytes can be read (or the other end is gone).
bool wait_readable(int fd, int timeout_ms);

}  // namespace cistern::mqtt
