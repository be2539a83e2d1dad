// SPDX-License-Identifier: MIT
// A 64-bit identity of a message's content, the same on every machine and in every version: it is
// kept in the log and compared after a restart.
#pragma once

#include <cstdint>
#include <string_view>

namespace cistern::collector {

// Source: MurmurHash64A, Austin Appleby, public domain algorithm.
uint64_t hash_bytes(std::string_view bytes, uint64_t seed);

inline uint64_t hash_message(std::string_view topic, std::string_view payload) {
    return hash_bytes(payload, hash_bytes(topic, topic.size()));
}
// A stamp's source; never 0, which means "no stamp".
inline uint64_t hash_source(std::string_view broker) {
    const uint64_t hash = hash_bytes(broker, 0x6272'6f6b'6572);
    return hash == 0 ? 1 : hash;
}

}  // namespace cistern::collector
