// SPDX-License-Identifier: MIT
#include "collector/mqtt/certificate.h"

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

namespace cistern::mqtt {
namespace {

std::string name_text(const X509_NAME* name) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    X509_NAME_print_ex(
        out.get(), name, 0, XN_FLAG_ONELINE & ~XN_FLAG_SPC_EQ & ~ASN1_STRFLGS_ESC_MSB);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return size > 0 ? std::string(text, static_cast<size_t>(size)) : "nobody";
}

std::tm calendar_of(const ASN1_TIME* time) {
    std::tm fields{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &fields) != 1) {
        return {};
    }
    return fields;
}

std::string time_text(const ASN1_TIME* time) {
    const std::tm fields = calendar_of(time);
    char text[32];
    return {text, std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &fields)};
}

// The names and addresses that a certificate is for.
std::string names_text(const X509& certificate) {
    auto* const names = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
    std::string out;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
        const GENERAL_NAME* const one = sk_GENERAL_NAME_value(names, i);
        std::string name;
        if (one->type == GEN_DNS) {
            name.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(one->d.dNSName)),
                        static_cast<size_t>(ASN1_STRING_length(one->d.dNSName)));
        } else if (one->type == GEN_IPADD && ASN1_STRING_length(one->d.iPAddress) == 4) {
            const unsigned char* const ip = ASN1_STRING_get0_data(one->d.iPAddress);
            name = fmt::format("{}.{}.{}.{}", ip[0], ip[1], ip[2], ip[3]);
        }
        out += out.empty() || name.empty() ? name : ", " + name;
    }
    GENERAL_NAMES_free(names);
    return out.empty() ? name_text(X509_get_subject_name(&certificate)) : out;
}

}  // namespace

std::string certificate_name(const X509& certificate) {
    return fmt::format("{}, issued by {}",
                       name_text(X509_get_subject_name(&certificate)),
                       name_text(X509_get_issuer_name(&certificate)));
}

int64_t certificate_end_s(const X509& certificate) {
    std::tm fields = calendar_of(X509_get0_notAfter(&certificate));
    return ::timegm(&fields);
}

StreamFailure certificate_trouble(long verdict,
                                  const X509* certificate,
                                  std::string_view host,
                                  std::string_view ca_file) {
    const std::string whose = certificate == nullptr ? "the broker's certificate"
                                                     : fmt::format("the broker's certificate ({})",
                                                                   certificate_name(*certificate));
    const std::string authorities = ca_file.empty() ? std::string("the system's certificates")
                                                    : fmt::format("ca = \"{}\"", ca_file);
    switch (verdict) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return {fmt::format("{} expired{}",
                                whose,
                                certificate == nullptr
                                    ? ""
                                    : " on " + time_text(X509_get0_notAfter(certificate))),
                    "renew it at the broker (mosquitto: `certfile`); if it, or one of its issuers, "
                    "is not that old, this machine's clock is wrong"};
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return {fmt::format("{} is not valid yet{}",
                                whose,
                                certificate == nullptr
                                    ? ""
                                    : ", only from " + time_text(X509_get0_notBefore(certificate))),
                    "this machine's clock is probably wrong"};
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return {
                fmt::format("{} is not for \"{}\"{}",
                            whose,
                            host,
                            certificate == nullptr ? "" : ", but for " + names_text(*certificate)),
                "use one of its names in `url`, or give the broker a certificate with this one "
                "(subjectAltName)"};
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return {fmt::format("{} comes from an authority that is not in {}", whose, authorities),
                    "set `ca` to a file with the certificate of the authority that issued it (of a "
                    "self-signed one: to the certificate itself)"};
        default:
            return {fmt::format(
                        "{} is not accepted: {}", whose, X509_verify_cert_error_string(verdict)),
                    fmt::format("checked against {}", authorities)};
    }
}

}  // namespace cistern::mqtt
