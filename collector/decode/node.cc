// SPDX-License-Identifier: MIT
#include "collector/decode/node.h"

#include <algorithm>

namespace cistern::collector {

double Node::as_double() const {
    switch (kind) {
        case NodeKind::Bool:
            return boolean ? 1 : 0;
        case NodeKind::Int:
            return static_cast<double>(integer);
        case NodeKind::UInt:
            return static_cast<double>(unsigned_integer);
        case NodeKind::Double:
            return number;
        default:
            return 0;
    }
}

const Node* Node::find(std::string_view name) const {
    if (!is_object()) {
        return nullptr;
    }
    const Node* found = nullptr;
    for (const Node* child = first; child != nullptr; child = child->next) {
        if (child->key == name) {
            found = child;
        }
    }
    return found;
}

const Node* Node::at(size_t index) const {
    if (!is_container() || index >= size) {
        return nullptr;
    }
    const Node* child = first;
    while (index-- > 0) {
        child = child->next;
    }
    return child;
}

void NodeArena::reset() {
    // A hostile message must not pin its memory for ever.
    constexpr size_t kKeepBlocks = 64;
    if (blocks_.size() > kKeepBlocks) {
        blocks_.resize(kKeepBlocks);
    }
    constexpr size_t kKeepTextBytes = 1 << 20;
    size_t kept = 0;
    size_t bytes = 0;
    while (kept < texts_.size() && bytes + text_sizes_[kept] <= kKeepTextBytes) {
        bytes += text_sizes_[kept++];
    }
    texts_.resize(kept);
    text_sizes_.resize(kept);
    nodes_ = 0;
    text_block_ = 0;
    text_used_ = 0;
}

Node* NodeArena::make(NodeKind kind) {
    if (nodes_ >= nodes_max_) {
        return nullptr;
    }
    const size_t block = nodes_ / kBlock;
    if (block == blocks_.size()) {
        blocks_.push_back(std::make_unique<Node[]>(kBlock));
    }
    Node* node = &blocks_[block][nodes_ % kBlock];
    ++nodes_;
    *node = Node();
    node->kind = kind;
    if (node->is_container()) {
        node->first = nullptr;
    }
    return node;
}

void NodeArena::append(Node& parent, Node*& tail, Node* child) {
    (tail == nullptr ? parent.first : tail->next) = child;
    tail = child;
    ++parent.size;
}

char* NodeArena::bytes(size_t size) {
    constexpr size_t kTextBlock = 4096;
    while (text_block_ < texts_.size() && text_used_ + size > text_sizes_[text_block_]) {
        ++text_block_;
        text_used_ = 0;
    }
    if (text_block_ == texts_.size()) {
        text_sizes_.push_back(std::max(size, kTextBlock));
        texts_.push_back(std::make_unique<char[]>(text_sizes_.back()));
        text_used_ = 0;
    }
    char* out = texts_[text_block_].get() + text_used_;
    text_used_ += size;
    return out;
}

std::string_view NodeArena::copy(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    char* out = bytes(text.size());
    std::memcpy(out, text.data(), text.size());
    return {out, text.size()};
}

Node* make_text(NodeArena& arena, std::string_view text) {
    Node* node = arena.make(NodeKind::String);
    if (node != nullptr) {
        node->bytes = text.data();
        node->size = static_cast<uint32_t>(text.size());
    }
    return node;
}

Node* make_double(NodeArena& arena, double value) {
    Node* node = arena.make(NodeKind::Double);
    if (node != nullptr) {
        node->number = value;
    }
    return node;
}

Node* make_int(NodeArena& arena, int64_t value) {
    Node* node = arena.make(NodeKind::Int);
    if (node != nullptr) {
        node->integer = value;
    }
    return node;
}

}  // namespace cistern::collector
