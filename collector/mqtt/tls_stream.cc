// SPDX-License-Identifier: MIT
#include "collector/mqtt/certificate.h"
#include "collector/mqtt/stream_layers.h"
#include "store/base/clock.h"
#include "store/base/time_units.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cistern::mqtt {
namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;

std::string last_tls_error() {
    const unsigned long code = ERR_get_error();
    const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    ERR_clear_error();
    return reason == nullptr ? "the connection was closed" : reason;
}

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

// What the check of the broker's certificate found.
struct Verification {
    bool go_on = false;  // whatever it finds
    int verdict = X509_V_OK;
    Certificate at_fault{nullptr, X509_free};
};

// Called by OpenSSL for each certificate of the chain; keeps the first thing that is wrong.
int record_verdict(int good, X509_STORE_CTX* chain) {
    const auto* const session =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* const into = static_cast<Verification*>(SSL_get_app_data(session));
    if (into == nullptr) {
        return good;
    }
    if (good == 0 && into->verdict == X509_V_OK) {
        into->verdict = X509_STORE_CTX_get_error(chain);
        const bool of_time = into->verdict == X509_V_ERR_CERT_HAS_EXPIRED ||
                             into->verdict == X509_V_ERR_CERT_NOT_YET_VALID;
        X509* const at_fault =
            of_time ? X509_STORE_CTX_get_current_cert(chain) : X509_STORE_CTX_get0_cert(chain);
        if (at_fault != nullptr && X509_up_ref(at_fault) == 1) {
            into->at_fault.reset(at_fault);
        }
    }
    return into->go_on ? 1 : good;
}

StreamFailure own_files_failure(const TlsOptions& options) {
    return {fmt::format("cert = \"{}\" and key = \"{}\" cannot be used: {}",
                        options.cert_file,
                        options.key_file,
                        last_tls_error()),
            "both must be PEM files that cistern may read, and the key must be the certificate's"};
}

tl::expected<Context, StreamFailure> make_context(const TlsOptions& options) {
    Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    // A read returns after a record that is TLS's own, so that it keeps to its time.
    SSL_CTX_clear_mode(context.get(), SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, record_verdict);
    ERR_clear_error();
    if (options.ca_file.empty()) {
        SSL_CTX_set_default_verify_paths(context.get());
    } else if (SSL_CTX_load_verify_locations(context.get(), options.ca_file.c_str(), nullptr) !=
               1) {
        return tl::unexpected(StreamFailure{
            fmt::format("ca = \"{}\" cannot be used: {}", options.ca_file, last_tls_error()),
            "it must be a PEM file with the authority's certificate that cistern may read"});
    }
    if (options.cert_file.empty()) {
        return context;
    }
    const bool good =
        SSL_CTX_use_certificate_chain_file(context.get(), options.cert_file.c_str()) == 1 &&
        SSL_CTX_use_PrivateKey_file(context.get(), options.key_file.c_str(), SSL_FILETYPE_PEM) ==
            1 &&
        SSL_CTX_check_private_key(context.get()) == 1;
    if (!good) {
        return tl::unexpected(own_files_failure(options));
    }
    return context;
}

class TlsStream final : public Stream {
  public:
    TlsStream(int fd, Context context, Session session, bool own_certificate)
        : fd_(fd),
          context_(std::move(context)),
          session_(std::move(session)),
          own_certificate_(own_certificate) {}
    ~TlsStream() override {
        session_.reset();
        ::close(fd_);
    }
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    // Empty = shaken hands.
    std::optional<StreamFailure> shake_hands(const BrokerUrl& url, const TlsOptions& options) {
        ERR_clear_error();
        errno = 0;
        Verification check;
        check.go_on = options.insecure;
        SSL_set_app_data(session_.get(), &check);
        const int done = SSL_connect(session_.get());
        SSL_set_app_data(session_.get(), nullptr);
        const Certificate certificate(SSL_get1_peer_certificate(session_.get()), X509_free);
        std::optional<StreamFailure> trouble;
        if (check.verdict != X509_V_OK) {
            trouble =
                certificate_trouble(check.verdict, check.at_fault.get(), url.host, options.ca_file);
        }
        if (done != 1) {
            return trouble.has_value() ? trouble : handshake_failure(url);
        }
        report_.version = SSL_get_version(session_.get());
        report_.trouble = std::move(trouble);
        if (certificate != nullptr) {
            report_.certificate = certificate_name(*certificate);
            report_.expires_s = certificate_end_s(*certificate);
        }
        return std::nullopt;
    }

    Status send(std::string_view bytes) override {
        const int size = static_cast<int>(bytes.size());
        return size == 0 || SSL_write(session_.get(), bytes.data(), size) == size
                   ? Status{}
                   : fail(ErrorCode::Unavailable, why_closed());
    }

    Result<std::optional<std::string>> receive(int timeout_ms) override {
        constexpr int kReadBytes = 16'384;
        const int64_t until = system_clock().monotonic_ns() + timeout_ms * kNsPerMs;
        std::string bytes(kReadBytes, '\0');
        int n = 0;
        do {
            const int64_t left_ms =
                std::max<int64_t>(0, (until - system_clock().monotonic_ns()) / kNsPerMs);
            if (SSL_pending(session_.get()) == 0 &&
                !wait_readable(fd_, static_cast<int>(left_ms))) {
                return std::optional<std::string>();
            }
            n = SSL_read(session_.get(), bytes.data(), kReadBytes);
        } while (n <= 0 && SSL_get_error(session_.get(), n) == SSL_ERROR_WANT_READ);
        if (n > 0) {
            bytes.resize(static_cast<size_t>(n));
            return std::optional(std::move(bytes));
        }
        return fail(ErrorCode::Unavailable, why_closed());
    }

    [[nodiscard]] const TlsReport* tls() const override { return &report_; }

  private:
    StreamFailure handshake_failure(const BrokerUrl& url) const {
        const int reason = ERR_GET_REASON(ERR_peek_error());
        const bool no_tls =
            reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_PACKET_LENGTH_TOO_LONG;
        const bool silent = ERR_peek_error() == 0;
        if (no_tls || silent) {
            ERR_clear_error();
            return {fmt::format("{}:{} does not speak TLS{}",
                                url.host,
                                url.port,
                                silent ? " (it closed the connection or said nothing)" : ""),
                    "use the port of its TLS listener, or mqtt:// or ws:// without TLS",
                    silent};
        }
        return {refusal(last_tls_error()), "see the broker's log for its side"};
    }

    // With TLS 1.3 a broker refuses our certificate after the handshake: the first read tells.
    [[nodiscard]] std::string why_closed() const {
        return ERR_peek_error() == 0 ? "the broker closed the connection"
                                     : refusal(last_tls_error());
    }

    [[nodiscard]] std::string refusal(const std::string& reason) const {
        if (reason.find("certificate required") != std::string::npos ||
            (!own_certificate_ && reason.find("handshake failure") != std::string::npos)) {
            return "the broker wants a client certificate: set `cert` and `key`";
        }
        if (own_certificate_ && reason.find("alert") != std::string::npos) {
            return fmt::format("the broker refused our client certificate (`cert`): {}", reason);
        }
        return "TLS failed: " + reason;
    }

    int fd_;
    Context context_;
    Session session_;
    bool own_certificate_;
    TlsReport report_;
};

}  // namespace

Opened open_tls(int fd, const BrokerUrl& url, const TlsOptions& options) {
    auto context = make_context(options);
    if (!context.has_value()) {
        ::close(fd);
        return tl::unexpected(context.error());
    }
    Session session(SSL_new(context->get()), SSL_free);
    SSL_set_fd(session.get(), fd);
    // The library asks for the name, and checks it, like this.
    X509_VERIFY_PARAM* const wanted = SSL_get0_param(session.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, url.host.c_str()) != 1) {
        ERR_clear_error();
        X509_VERIFY_PARAM_set1_host(wanted, url.host.c_str(), url.host.size());
        SSL_set_tlsext_host_name(session.get(), url.host.c_str());
    }
    auto stream = std::make_unique<TlsStream>(
        fd, std::move(*context), std::move(session), !options.cert_file.empty());
    if (auto failure = stream->shake_hands(url, options)) {
        return tl::unexpected(std::move(*failure));
    }
    return stream;
}

}  // namespace cistern::mqtt
