// SPDX-License-Identifier: MIT
#include "collector/decode/json.h"

#include "collector/decode/text_scalar.h"

#include <simdjson.h>

namespace cistern::collector {
namespace {

namespace dom = simdjson::dom;

Error json_error(simdjson::error_code code) {
    if (code == simdjson::DEPTH_ERROR) {
        return {ErrorCode::ResourceExhausted, "JSON nested too deeply"};
    }
    if (code == simdjson::CAPACITY || code == simdjson::MEMALLOC) {
        return {ErrorCode::ResourceExhausted, "JSON too large"};
    }
    return {ErrorCode::InvalidArgument, std::string("not JSON: ") + simdjson::error_message(code)};
}

class JsonDecoder final : public Decoder {
  public:
    explicit JsonDecoder(const DecodeLimits& limits) : limits_(limits) {}

    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        payload = trim_scalar(payload);
        Decoded out;
        dom::element root;
        simdjson::error_code code = parse(payload, root);
        if (code != simdjson::SUCCESS && code != simdjson::DEPTH_ERROR &&
            code != simdjson::CAPACITY) {
            repaired_.assign(payload);
            if (repair_json(repaired_)) {
                out.repaired = true;
                code = parse(repaired_, root);
            }
        }
        if (code != simdjson::SUCCESS) {
            return tl::unexpected(json_error(code));
        }
        duplicate_keys_ = false;
        out.root = build(root, arena);
        out.duplicate_keys = duplicate_keys_;
        if (out.root == nullptr) {
            return fail(ErrorCode::ResourceExhausted, "more fields than allowed");
        }
        return out;
    }

  private:
    simdjson::error_code parse(std::string_view text, dom::element& root) {
        if (text.size() + simdjson::SIMDJSON_PADDING > buffer_.size()) {
            buffer_.resize(text.size() + simdjson::SIMDJSON_PADDING);
        }
        std::memcpy(buffer_.data(), text.data(), text.size());
        std::memset(buffer_.data() + text.size(), 0, simdjson::SIMDJSON_PADDING);
        if (parser_.capacity() < text.size() || parser_.max_depth() != limits_.depth + 1) {
            const auto code =
                parser_.allocate(std::max<size_t>(text.size(), 1024), limits_.depth + 1);
            if (code != simdjson::SUCCESS) {
                return code;
            }
        }
        return parser_.parse(buffer_.data(), text.size(), false).get(root);
    }

    Node* build(dom::element element,
                NodeArena& arena) {  // recursion is bounded by the parser's depth
        switch (element.type()) {
            case dom::element_type::ARRAY:
                return build_array(element, arena);
            case dom::element_type::OBJECT:
                return build_object(element, arena);
            case dom::element_type::INT64:
                return make_int(arena, int64_t(element));
            case dom::element_type::UINT64:
                return build_unsigned(element, arena);
            case dom::element_type::DOUBLE:
                return make_double(arena, double(element));
            case dom::element_type::STRING:
                return make_text(arena, std::string_view(element));
            case dom::element_type::BOOL: {
                Node* node = arena.make(NodeKind::Bool);
                if (node != nullptr) {
                    node->boolean = bool(element);
                }
                return node;
            }
            case dom::element_type::NULL_VALUE:
                break;
        }
        return arena.make(NodeKind::Null);
    }

    static Node* build_unsigned(dom::element element, NodeArena& arena) {
        Node* node = arena.make(NodeKind::UInt);
        if (node != nullptr) {
            node->unsigned_integer = uint64_t(element);
        }
        return node;
    }

    Node* build_array(dom::element element, NodeArena& arena) {
        Node* node = arena.make(NodeKind::Array);
        Node* tail = nullptr;
        if (node == nullptr) {
            return nullptr;
        }
        for (const dom::element child : dom::array(element)) {
            Node* built = build(child, arena);
            if (built == nullptr) {
                return nullptr;
            }
            NodeArena::append(*node, tail, built);
        }
        return node;
    }

    Node* build_object(dom::element element, NodeArena& arena) {
        Node* node = arena.make(NodeKind::Object);
        Node* tail = nullptr;
        if (node == nullptr) {
            return nullptr;
        }
        for (const auto [key, value] : dom::object(element)) {
            Node* built = build(value, arena);
            if (built == nullptr) {
                return nullptr;
            }
            built->key = key;
            // Quadratic, but only for objects small enough for it not to matter.
            constexpr uint32_t kCheckedMembers = 32;
            if (node->size <= kCheckedMembers && node->find(key) != nullptr) {
                duplicate_keys_ = true;
            }
            NodeArena::append(*node, tail, built);
        }
        return node;
    }

    DecodeLimits limits_;
    dom::parser parser_;
    std::string buffer_;
    std::string repaired_;
    bool duplicate_keys_ = false;
};

class NdjsonDecoder final : public Decoder {
  public:
    explicit NdjsonDecoder(const DecodeLimits& limits) : limits_(limits) {}

    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        Decoded out;
        Node* list = arena.make(NodeKind::Array);
        Node* tail = nullptr;
        size_t used = 0;
        while (list != nullptr && !payload.empty()) {
            const size_t end = std::min(payload.find('\n'), payload.size());
            const std::string_view line = trim_scalar(payload.substr(0, end));
            payload.remove_prefix(std::min(end + 1, payload.size()));
            if (line.empty()) {
                continue;
            }
            if (used == lines_.size()) {
                // Each line keeps its own strings alive: simdjson's belong to the parser.
                lines_.push_back(std::make_unique<JsonDecoder>(limits_));
            }
            const Decoded one = TRY(lines_[used++]->decode(line, arena));
            out.duplicate_keys |= one.duplicate_keys;
            out.repaired |= one.repaired;
            NodeArena::append(*list, tail, const_cast<Node*>(one.root));
            constexpr size_t kLinesMax = 1024;
            if (used >= kLinesMax) {
                return fail(ErrorCode::ResourceExhausted, "more lines than allowed");
            }
        }
        out.root = list;
        if (list == nullptr) {
            return fail(ErrorCode::ResourceExhausted, "more fields than allowed");
        }
        return out;
    }

  private:
    DecodeLimits limits_;
    std::vector<std::unique_ptr<JsonDecoder>> lines_;
};

}  // namespace

std::unique_ptr<Decoder> make_json_decoder(const DecodeLimits& limits) {
    return std::make_unique<JsonDecoder>(limits);
}

std::unique_ptr<Decoder> make_ndjson_decoder(const DecodeLimits& limits) {
    return std::make_unique<NdjsonDecoder>(limits);
}

}  // namespace cistern::collector
