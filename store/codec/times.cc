// SPDX-License-Identifier: MIT
#include "store/codec/times.h"

#include "store/base/assert.h"
#include "store/codec/integers.h"

namespace cistern::store::codec {

void encode_times(std::span<const int64_t> times, Effort effort, std::vector<std::byte>& out) {
    CISTERN_ASSERT(!times.empty());
    out.push_back(static_cast<std::byte>(TimeEncoding::Plain));
    encode_integers(times, effort, out);
}

bool decode_times(std::span<const std::byte> bytes, std::span<int64_t> times) {
    if (bytes.empty() || bytes[0] != static_cast<std::byte>(TimeEncoding::Plain) ||
        !decode_integers(bytes.subspan(1), times)) {
        return false;
    }
    for (size_t i = 1; i < times.size(); ++i) {
        if (times[i] <= times[i - 1]) {
            return false;
        }
    }
    return true;
}

}  // namespace cistern::store::codec
