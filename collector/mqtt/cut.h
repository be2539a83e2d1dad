// SPDX-License-Identifier: MIT
// Ends the process's TCP connections to a broker at once, from inside the client library's message
// callback.
//
// The library acknowledges a message as soon as its callback returns and has no way to say "not
// this one". So a message that could not be stored is refused by shutting the socket down before
// the callback returns: the acknowledgement then has no way out, and the broker, which keeps the
// session, delivers the message again. The library does not reveal its socket, so every connection
// of the process to that broker is cut; the others reconnect by themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace cistern::mqtt {

// `addresses`: numeric. Returns how many sockets were shut down.
size_t cut_connections(std::span<const std::string> addresses, uint16_t port);

}  // namespace cistern::mqtt
