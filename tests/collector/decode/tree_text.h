// SPDX-License-Identifier: MIT
// A decoded tree as one line of text, for expectations.
#pragma once

#include "collector/decode/decoder.h"

#include <string>

namespace cistern::collector::test {

inline std::string text_of(const Node& node) {
    std::string out;
    switch (node.kind) {
        case NodeKind::Null:
            return "null";
        case NodeKind::Bool:
            return node.boolean ? "true" : "false";
        case NodeKind::Int:
            return std::to_string(node.integer);
        case NodeKind::UInt:
            return std::to_string(node.unsigned_integer) + "u";
        case NodeKind::Double: {
            char buffer[40];
            std::snprintf(buffer, sizeof(buffer), "%.17g", node.number);
            double shorter = 0;
            char shortest[40];
            std::snprintf(shortest, sizeof(shortest), "%.15g", node.number);
            shorter = std::strtod(shortest, nullptr);
            return std::string(shorter == node.number ? shortest : buffer) + "f";
        }
        case NodeKind::String:
            return "'" + std::string(node.text()) + "'";
        case NodeKind::Bytes:
            return "bytes(" + std::to_string(node.size) + ")";
        case NodeKind::Array:
        case NodeKind::Object:
        case NodeKind::Record:
            break;
    }
    for (const Node& child : children(node)) {
        out += out.empty() ? "" : ", ";
        out += child.key.empty() ? "" : std::string(child.key) + ": ";
        out += text_of(child);
    }
    if (node.kind == NodeKind::Array) {
        return "[" + out + "]";
    }
    return (node.kind == NodeKind::Record ? "<" : "{") + out +
           (node.kind == NodeKind::Record ? ">" : "}");
}

// The tree of `payload`, or "error: ...".
inline std::string decode_text(const DecoderSpec& spec,
                               std::string_view payload,
                               const DecodeLimits& limits = {}) {
    auto decoder = make_decoder(spec, limits);
    if (!decoder.has_value()) {
        return "no decoder: " + decoder.error().message;
    }
    NodeArena arena(limits.nodes);
    const auto decoded = (*decoder)->decode(payload, arena);
    return decoded.has_value() ? text_of(*decoded->root) : "error: " + decoded.error().message;
}
inline std::string decode_text(const std::string& name,
                               std::string_view payload,
                               const DecodeLimits& limits = {}) {
    DecoderSpec spec;
    spec.name = name;
    return decode_text(spec, payload, limits);
}

// "a16174" -> bytes.
inline std::string unhex(std::string_view hex) {
    std::string out;
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
        out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
    return out;
}

}  // namespace cistern::collector::test
