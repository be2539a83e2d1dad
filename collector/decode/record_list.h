// SPDX-License-Identifier: MIT
// Helps decoders of line formats to build an Array of Records.
#pragma once

#include "collector/decode/node.h"
#include "store/base/result.h"

#include <string_view>
#include <utility>
#include <vector>

namespace cistern::collector {

struct RecordFields {
    std::string_view name;  // views must live as long as the tree
    std::string_view unit;
    Node* value = nullptr;
    bool has_time = false;
    int64_t time_ns = 0;
    int64_t time_offset_ns = 0;  // without has_time: before (negative) or after the reception
    bool text = false;           // the value stays text even if it looks like a number or a word
    std::vector<std::pair<std::string_view, std::string_view>> labels;
};

class RecordList {
  public:
    explicit RecordList(NodeArena& arena) : arena_(arena), list_(arena.make(NodeKind::Array)) {}
    void add(const RecordFields& fields);
    // ResourceExhausted when the arena ran out.
    Result<const Node*> finish() const;

  private:
    std::string_view clean(std::string_view text);
    void member(Node& record, Node*& tail, std::string_view key, Node* value);

    NodeArena& arena_;
    Node* list_;
    Node* tail_ = nullptr;
    bool full_ = false;
};

}  // namespace cistern::collector
