// SPDX-License-Identifier: MIT
// Which message a batch of samples came from.
#pragma once

#include <cstdint>

namespace cistern::store {

// Identifies a message in the log, so that a redelivery after a crash is recognised (design
// section 4). Opaque to the store: it keeps the newest `recent_messages_max` per source.
struct MessageStamp {
    uint64_t source = 0;    // hash of the broker's name; 0 = no stamp
    uint64_t sequence = 0;  // per source, ascending by one for each stamped message
    uint64_t hash = 0;      // of topic and payload
    uint32_t flags = 0;     // the collector's
    bool operator==(const MessageStamp&) const = default;
};

}  // namespace cistern::store
