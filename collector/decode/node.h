// SPDX-License-Identifier: MIT
// A decoded payload: a tree of nodes in an arena that is reused from message to message, so that
// decoding allocates nothing once it is warm. All decoders produce it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace cistern::collector {

enum class NodeKind : uint8_t {
    Null,  // null, and NaN or Infinity where a number belongs
    Bool,
    Int,   // exact int64
    UInt,  // exact uint64 above int64's range
    Double,
    String,  // UTF-8
    Bytes,
    Array,
    Object,
    // One self-contained sample of a format that knows more than a value: an object of reserved
    // members `name` (String), `value`, `unit` (String), `time_ns` (Int) or `time_offset_ns` (Int,
    // from the reception), `text` (Bool true: the value is kept as text), `labels` (Object of
    // Strings), each but `value` optional. Decoders of line formats give an Array of Records.
    Record,
};

struct Node {
    std::string_view key;  // within an object; else empty
    union {
        bool boolean;
        int64_t integer;
        uint64_t unsigned_integer;
        double number;
        const char* bytes;
        Node* first;  // of the children
    };
    uint32_t size = 0;  // bytes of a string, children of a container
    NodeKind kind = NodeKind::Null;
    Node* next = nullptr;  // sibling

    Node() : integer(0) {}
    [[nodiscard]] std::string_view text() const { return {bytes, size}; }
    [[nodiscard]] bool is_container() const { return kind >= NodeKind::Array; }
    [[nodiscard]] bool is_object() const {
        return kind == NodeKind::Object || kind == NodeKind::Record;
    }
    [[nodiscard]] bool is_array() const { return kind == NodeKind::Array; }
    [[nodiscard]] bool is_string() const { return kind == NodeKind::String; }
    [[nodiscard]] bool is_number() const {
        return kind >= NodeKind::Int && kind <= NodeKind::Double;
    }
    // Int, UInt, Double and Bool as a double; 0 otherwise.
    [[nodiscard]] double as_double() const;
    // The member of that name; of several the last. Null when absent.
    [[nodiscard]] const Node* find(std::string_view name) const;
    [[nodiscard]] const Node* at(size_t index) const;
};

// Iterates the children: for (const Node& child : children(node)).
class ChildRange {
  public:
    struct Iterator {
        const Node* node;
        const Node& operator*() const { return *node; }
        Iterator& operator++() {
            node = node->next;
            return *this;
        }
        bool operator!=(const Iterator& other) const { return node != other.node; }
    };
    explicit ChildRange(const Node& parent)
        : first_(parent.is_container() ? parent.first : nullptr) {}
    [[nodiscard]] Iterator begin() const { return {first_}; }
    [[nodiscard]] Iterator end() const { return {nullptr}; }

  private:
    const Node* first_;
};
inline ChildRange children(const Node& parent) {
    return ChildRange(parent);
}

// Gives nodes and string memory until reset(); keeps its blocks.
class NodeArena {
  public:
    explicit NodeArena(size_t nodes_max = 65536) : nodes_max_(nodes_max) {}
    void reset();
    // Null when the message holds more nodes than allowed.
    Node* make(NodeKind kind);
    // Appends to an array or object; `tail` is the last child so far (null at first).
    static void append(Node& parent, Node*& tail, Node* child);
    // A copy that lives as long as the nodes do.
    std::string_view copy(std::string_view text);
    // Uninitialised memory, aligned for chars only.
    char* bytes(size_t size);
    [[nodiscard]] size_t nodes() const { return nodes_; }

  private:
    static constexpr size_t kBlock = 128;
    size_t nodes_max_;
    size_t nodes_ = 0;
    std::vector<std::unique_ptr<Node[]>> blocks_;
    std::vector<std::unique_ptr<char[]>> texts_;
    std::vector<size_t> text_sizes_;
    size_t text_block_ = 0;
    size_t text_used_ = 0;
};

// For building in decoders; null on the arena's limit.
Node* make_text(NodeArena& arena, std::string_view text);  // not copied
Node* make_double(NodeArena& arena, double value);
Node* make_int(NodeArena& arena, int64_t value);

}  // namespace cistern::collector
