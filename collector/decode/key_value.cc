// SPDX-License-Identifier: MIT
#include "collector/decode/binary_formats.h"
#include "collector/decode/text_scalar.h"
#include "collector/decode/tree_builder.h"

#include <fmt/format.h>

namespace cistern::collector {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// application/x-www-form-urlencoded: '+' is a blank, %XX a byte.
std::string_view percent_decoded(std::string_view text, NodeArena& arena) {
    if (text.find_first_of("%+") == std::string_view::npos) {
        return text;
    }
    char* out = arena.bytes(text.size());
    size_t size = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const int high = i + 2 < text.size() && text[i] == '%' ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            out[size++] = static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out[size++] = text[i] == '+' && i > 0 ? ' ' : text[i];
        }
    }
    return {out, size};
}

class KeyValueDecoder final : public Decoder {
  public:
    KeyValueDecoder(std::string pair_separator, std::string separator)
        : pair_separator_(std::move(pair_separator)),
          separator_(std::move(separator)),
          form_(pair_separator_ == "&") {}

    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        TreeBuilder build(arena);
        Node* object = arena.make(NodeKind::Object);
        if (object == nullptr) {
            return TreeBuilder::full();
        }
        Node* tail = nullptr;
        for (std::string_view rest = trim_scalar(payload); !rest.empty();) {
            const std::string_view pair = take_pair(rest);
            if (pair.empty()) {
                continue;
            }
            const size_t at = pair.find(separator_);
            if (at == std::string_view::npos || trim_scalar(pair.substr(0, at)).empty()) {
                return fail(ErrorCode::InvalidArgument,
                            fmt::format("'{}' is no key{}value", pair.substr(0, 40), separator_));
            }
            std::string_view key = trim_scalar(pair.substr(0, at));
            std::string_view value = unquoted(trim_scalar(pair.substr(at + separator_.size())));
            if (form_) {
                key = percent_decoded(key, arena);
                value = percent_decoded(value, arena);
            }
            Node* node = build.text(value);
            if (node == nullptr) {
                return TreeBuilder::full();
            }
            node->key = key;
            NodeArena::append(*object, tail, node);
        }
        if (object->size == 0) {
            return fail(ErrorCode::InvalidArgument, "no key and value in the payload");
        }
        Decoded out;
        out.root = object;
        return out;
    }

  private:
    // Newlines separate pairs as well; quotes hold separators together.
    std::string_view take_pair(std::string_view& rest) const {
        bool quoted = false;
        size_t at = 0;
        size_t skip = 0;
        for (; at < rest.size(); ++at) {
            quoted = rest[at] == '"' ? !quoted : quoted;
            if (quoted) {
                continue;
            }
            if (rest.substr(at, pair_separator_.size()) == pair_separator_) {
                skip = pair_separator_.size();
                break;
            }
            if (rest[at] == '\n') {
                skip = 1;
                break;
            }
        }
        const std::string_view pair = trim_scalar(rest.substr(0, at));
        rest.remove_prefix(at + skip);
        return pair;
    }

    static std::string_view unquoted(std::string_view text) {
        const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
        return quoted ? text.substr(1, text.size() - 2) : text;
    }

    std::string pair_separator_;
    std::string separator_;
    bool form_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_key_value_decoder(const DecoderSpec& spec) {
    if (spec.kv_pair_separator.empty() || spec.kv_separator.empty() ||
        spec.kv_pair_separator == spec.kv_separator) {
        return fail(ErrorCode::InvalidArgument,
                    "key_value needs two different separators, between pairs and within them");
    }
    return std::unique_ptr<Decoder>(
        std::make_unique<KeyValueDecoder>(spec.kv_pair_separator, spec.kv_separator));
}

}  // namespace cistern::collector
