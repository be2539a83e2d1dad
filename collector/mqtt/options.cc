// SPDX-License-Identifier: MIT
#include "collector/mqtt/options.h"

#include "collector/mqtt/url.h"

#include <fmt/format.h>

namespace cistern::mqtt {
namespace {

constexpr size_t kClientIdBytesMax = 128;
constexpr uint32_t kKeepaliveMax = 65'535;

auto bad(const ClientOptions& options, std::string_view reason) {
    return fail(ErrorCode::InvalidArgument, fmt::format("broker {}: {}", options.name, reason));
}

}  // namespace

Status validate(const ClientOptions& options) {
    const BrokerUrl url = TRY(parse_broker_url(options.url).with_context("broker " + options.name));
    if (options.client_id.empty() && !options.clean_session) {
        return bad(options, "client_id is empty: the broker cannot keep a session without it");
    }
    if (options.client_id.size() > kClientIdBytesMax) {
        return bad(options, fmt::format("client_id has more than {} bytes", kClientIdBytesMax));
    }
    if (options.keepalive_s == 0 || options.keepalive_s > kKeepaliveMax) {
        return bad(options, "keepalive must be 1..65535 seconds");
    }
    if (options.connect_timeout_s == 0) {
        return bad(options, "connect_timeout must be at least one second");
    }
    if (options.receive_maximum == 0) {
        return bad(options, "receive_maximum must be at least 1");
    }
    if (options.session_expiry_s >= 1U << 31) {
        return bad(options, "session_expiry must be below 68 years");
    }
    if (options.tls.cert_file.empty() != options.tls.key_file.empty()) {
        return bad(options, "cert_file and key_file belong together");
    }
    const TlsOptions& tls = options.tls;
    if (!url.tls && (!tls.ca_file.empty() || !tls.cert_file.empty() || tls.insecure)) {
        return bad(options, "TLS settings need an mqtts:// or wss:// url");
    }
    if (options.user.empty() && (!options.password.empty() || !options.password_file.empty())) {
        return bad(options, "a password without a user");
    }
    if (options.will && (options.will->topic.empty() || options.will->qos > 2)) {
        return bad(options, "the last will needs a topic and a QoS of 0..2");
    }
    if (!options.status_topic.empty() &&
        (options.will || options.status_topic.find_first_of("+#") != std::string::npos)) {
        return bad(options,
                   "status_topic is a topic without wildcards, and takes the will's place");
    }
    return {};
}

}  // namespace cistern::mqtt
