// SPDX-License-Identifier: MIT
// What every decoder must hold for any bytes: an error with a reason, or a tree within the limits.
#pragma once

#include "collector/decode/decoder.h"
#include "store/base/assert.h"
#include "store/model/labels.h"

#include <cstdint>
#include <string_view>

namespace cistern::collector::fuzz {

inline size_t walk(const Node& node, size_t depth) {
    CISTERN_ASSERT(depth <= 80);
    size_t nodes = 1;
    size_t count = 0;
    CISTERN_ASSERT(!node.is_string() || store::is_valid_utf8(node.text()));
    for (const Node& child : children(node)) {
        nodes += walk(child, depth + 1);
        ++count;
    }
    CISTERN_ASSERT(!node.is_container() || count == node.size);
    return nodes;
}

inline int run_decoder(const DecoderSpec& spec, const uint8_t* bytes, size_t size) {
    static auto decoder = make_decoder(spec, {});
    static NodeArena arena;
    CISTERN_ASSERT(decoder.has_value());
    arena.reset();
    const std::string_view payload(reinterpret_cast<const char*>(bytes), size);
    const auto decoded = (*decoder)->decode(payload, arena);
    if (decoded.has_value()) {
        CISTERN_ASSERT(walk(*decoded->root, 0) <= DecodeLimits().nodes);
    } else {
        CISTERN_ASSERT(!decoded.error().message.empty());
    }
    return 0;
}

}  // namespace cistern::collector::fuzz
