// SPDX-License-Identifier: MIT
// What is in a certificate, and what is wrong with it, in words. Internal to this folder.
#pragma once

#include "collector/mqtt/stream.h"

#include <cstdint>
#include <string>
#include <string_view>

struct x509_st;

namespace cistern::mqtt {

// "CN=broker, issued by CN=authority"
std::string certificate_name(const x509_st& certificate);
// Seconds since 1970.
int64_t certificate_end_s(const x509_st& certificate);

// `verdict` is OpenSSL's X509_V_ERR_…; `certificate` may be null. `ca_file` empty = the system's.
StreamFailure certificate_trouble(long verdict,
                                  const x509_st* certificate,
                                  std::string_view host,
                                  std::string_view ca_file);

}  // namespace cistern::mqtt
