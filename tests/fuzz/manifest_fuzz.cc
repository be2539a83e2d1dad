// SPDX-License-Identifier: MIT
// Any text as a MANIFEST, with its own checksum and with a right one; what is read prints and reads
// the same again.
#include "store/base/crc32c.h"
#include "store/engine/manifest.h"

#include <fmt/format.h>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    (void)cistern::store::parse_manifest(text);
    const std::string body = "cistern-manifest 1\n" + text;
    const auto checksum = cistern::crc32c(std::as_bytes(std::span(body)));
    const auto read =
        cistern::store::parse_manifest(body + fmt::format("crc32c {:08x}\n", checksum));
    if (read) {
        const auto again = cistern::store::parse_manifest(cistern::store::print_manifest(*read));
        if (!again || !(*again == *read)) {
            std::abort();
        }
    }
    return 0;
}
