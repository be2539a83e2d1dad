// SPDX-License-Identifier: MIT
// Nodes for the values of binary formats. Every maker gives null when the arena is full; the
// decoder then fails with full().
#pragma once

#include "collector/decode/node.h"
#include "store/base/result.h"

#include <string_view>

namespace cistern::collector {

class TreeBuilder {
  public:
    explicit TreeBuilder(NodeArena& arena) : arena_(arena) {}

    [[nodiscard]] NodeArena& arena() const { return arena_; }
    Node* null() { return arena_.make(NodeKind::Null); }
    Node* boolean(bool value);
    Node* integer(int64_t value) { return make_int(arena_, value); }
    Node* unsigned_integer(uint64_t value);
    // Null for NaN and infinity.
    Node* number(double value);
    // Bytes when it is no UTF-8. Not copied.
    Node* text(std::string_view text);
    Node* bytes(std::string_view bytes);
    // A decimal number as text that lives as long as the tree.
    std::string_view decimal(int64_t value);

    static tl::unexpected<Error> full() {
        return fail(ErrorCode::ResourceExhausted, "more fields than allowed");
    }

  private:
    NodeArena& arena_;
};

}  // namespace cistern::collector
