// SPDX-License-Identifier: MIT
#include "collector/mqtt/connect_failure.h"

#include "collector/mqtt/stream.h"

#include <fmt/format.h>
#include <mqtt/exception.h>

#include <string_view>

namespace cistern::mqtt {
namespace {

// MQTT 3.1.1 "Connect Return code", MQTT 5 "Connect Reason Code".
std::string_view refusal_name(int code) {
    switch (code) {
        case 1:
        case 0x84:
            return "unsupported protocol version";
        case 2:
        case 0x85:
            return "client identifier not accepted";
        case 3:
        case 0x88:
            return "server unavailable";
        case 4:
        case 0x86:
            return "bad user name or password";
        case 5:
        case 0x87:
            return "not authorized";
        case 0x89:
            return "server busy";
        case 0x8a:
            return "banned";
        case 0x97:
            return "quota exceeded";
        case 0x9f:
            return "connection rate exceeded";
        default:
            return "refused";
    }
}

}  // namespace

std::string describe(const ::mqtt::exception& error) {
    std::string text = error.get_message();
    if (error.get_reason_code() > 2) {
        text += fmt::format(
            " (reason 0x{:02x} {})", error.get_reason_code(), error.get_reason_code_str());
    } else if (text.empty()) {
        text = error.get_error_str();
    }
    return text.empty() ? fmt::format("library error {}", error.get_return_code()) : text;
}

ConnectFailure failure_of(const ::mqtt::exception& error) {
    // The library reports a refusal by the code itself, and an early end of the connection by a
    // text.
    const int code =
        error.get_return_code() > 0 ? error.get_return_code() : error.get_reason_code();
    ConnectFailure failure;
    failure.message =
        code > 0 ? fmt::format("{} (code 0x{:02x})", refusal_name(code), code) : describe(error);
    failure.unexplained = code <= 0;
    failure.protocol_refused = code == 1 || code == 0x84;
    failure.hung_up = code <= 0 && error.get_message() == "TCP connect completion failure";
    if (failure.hung_up) {
        failure.message = "the broker closed the connection before it answered";
    }
    return failure;
}

std::string explain_failure(const ConnectFailure& failure,
                            const BrokerUrl& url,
                            const TlsOptions& tls) {
    constexpr int kPatienceMs = 3000;
    constexpr int kRefusalMs =
        300;  // a broker says after the handshake that it wants another certificate
    if (!failure.unexplained || (!url.tls && !url.websocket)) {
        return failure.message;
    }
    const auto stream = open_stream(url, tls, kPatienceMs);
    if (!stream.has_value()) {
        return stream.error().what;
    }
    const auto answer = (*stream)->receive(kRefusalMs);
    return answer.has_value() ? failure.message : answer.error().message;
}

}  // namespace cistern::mqtt
