// SPDX-License-Identifier: MIT
#include "collector/decode/binary_formats.h"
#include "collector/decode/byte_cursor.h"
#include "collector/decode/tree_builder.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

namespace cistern::collector {
namespace {

// Major types and additional information of RFC 8949, "Specification of the CBOR Encoding".
enum Major : uint8_t { Unsigned, Negative, Bytes, Text, List, Map, Tag, Simple };
constexpr uint8_t kIndefinite = 31;
constexpr uint8_t kBreak = 0xff;

struct Head {
    uint8_t major = 0;
    uint8_t info = 0;
    uint64_t argument = 0;
    [[nodiscard]] bool indefinite() const { return info == kIndefinite; }
};

class CborParser {
  public:
    CborParser(std::string_view payload, NodeArena& arena, size_t depth_max)
        : cursor_(payload), build_(arena), depth_max_(depth_max) {}

    Result<Node*> parse_all() {
        Node* root = TRY(parse(0));
        if (!cursor_.at_end()) {
            return bad("bytes after the item");
        }
        return root;
    }

  private:
    [[nodiscard]] tl::unexpected<Error> bad(std::string_view what) const {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("not CBOR: {} at byte {}", what, cursor_.position()));
    }

    static Result<Node*> made(Node* node) {
        if (node == nullptr) {
            return TreeBuilder::full();
        }
        return node;
    }

    Result<Head> head() {
        const uint8_t first = cursor_.u8();
        Head head{static_cast<uint8_t>(first >> 5), static_cast<uint8_t>(first & 31), 0};
        if (head.info < 24) {
            head.argument = head.info;
        } else if (head.info < 28) {
            head.argument = cursor_.big_endian(size_t{1} << (head.info - 24));
        } else if (!head.indefinite() || head.major < Bytes || head.major == Tag) {
            return bad("a reserved length");
        }
        if (!cursor_.ok()) {
            return bad("the end");
        }
        return head;
    }

    Result<Node*> parse(size_t depth) {
        if (depth > depth_max_) {
            return fail(ErrorCode::ResourceExhausted, "CBOR nested too deeply");
        }
        const Head found = TRY(head());
        switch (found.major) {
            case Unsigned:
                return made(build_.unsigned_integer(found.argument));
            case Negative:
                return made(negative(found.argument));
            case Bytes:
                return made(build_.bytes(TRY(string(found))));
            case Text:
                return made(build_.text(TRY(string(found))));
            case List:
                return parse_list(found, depth);
            case Map:
                return parse_map(found, depth);
            case Tag:
                return parse_tagged(found.argument, depth);
            default:
                return parse_simple(found);
        }
    }

    Node* negative(uint64_t argument) {
        if (argument <= static_cast<uint64_t>(INT64_MAX)) {
            return build_.integer(-1 - static_cast<int64_t>(argument));
        }
        return build_.number(-1 - static_cast<double>(argument));
    }

    Result<std::string_view> string(const Head& found) {
        if (!found.indefinite()) {
            if (found.argument > cursor_.left()) {
                return bad("a string longer than the payload");
            }
            return cursor_.take(found.argument);
        }
        std::string whole;
        while (cursor_.peek() != kBreak) {
            const Head part = TRY(head());
            if (part.major != found.major || part.indefinite() || part.argument > cursor_.left()) {
                return bad("a bad part of a string");
            }
            whole += cursor_.take(part.argument);
        }
        cursor_.u8();
        return build_.arena().copy(whole);
    }

    // Whether another element of a list or map follows; takes the break.
    bool more(const Head& found, uint64_t done) {
        if (!found.indefinite()) {
            return done < found.argument;
        }
        if (!cursor_.at_end() && cursor_.peek() == kBreak) {
            cursor_.u8();
            return false;
        }
        return true;
    }

    Result<Node*> parse_list(const Head& found, size_t depth) {
        Node* list = TRY(made(build_.arena().make(NodeKind::Array)));
        Node* tail = nullptr;
        for (uint64_t i = 0; more(found, i); ++i) {
            NodeArena::append(*list, tail, TRY(parse(depth + 1)));
        }
        return list;
    }

    Result<Node*> parse_map(const Head& found, size_t depth) {
        Node* map = TRY(made(build_.arena().make(NodeKind::Object)));
        Node* tail = nullptr;
        for (uint64_t i = 0; more(found, i); ++i) {
            const std::string_view key = TRY(parse_key());
            Node* value = TRY(parse(depth + 1));
            value->key = key;
            NodeArena::append(*map, tail, value);
        }
        return map;
    }

    Result<std::string_view> parse_key() {
        const Head found = TRY(head());
        if (found.major == Text) {
            return string(found);
        }
        if (found.major <= Negative && found.argument <= static_cast<uint64_t>(INT64_MAX)) {
            const auto number = static_cast<int64_t>(found.argument);
            return build_.decimal(found.major == Negative ? -1 - number : number);
        }
        return bad("a key that is neither text nor an integer");
    }

    Result<Node*> parse_simple(const Head& found) {
        switch (found.info) {
            case 20:
            case 21:
                return made(build_.boolean(found.info == 21));
            case 25:
                return made(build_.number(half_of_bits(found.argument)));
            case 26:
                return made(build_.number(float_of_bits(found.argument)));
            case 27:
                return made(build_.number(double_of_bits(found.argument)));
            case kIndefinite:
                return bad("an unexpected break");
            default:
                return made(build_.null());
        }
    }

    Result<Node*> parse_tagged(uint64_t tag, size_t depth) {
        Node* content = TRY(parse(depth + 1));
        if ((tag == 2 || tag == 3) && content->kind == NodeKind::Bytes) {
            return made(big_number(content->text(), tag == 3));
        }
        if ((tag == 4 || tag == 5) && content->is_array() && content->size == 2) {
            return made(fraction(*content, tag == 4 ? 10 : 2));
        }
        if (tag >= 64 && tag <= 87 && content->kind == NodeKind::Bytes) {
            return typed_array(static_cast<unsigned>(tag), content->text());
        }
        return content;
    }

    Node* big_number(std::string_view bytes, bool is_negative) {
        while (!bytes.empty() && bytes[0] == '\0') {
            bytes.remove_prefix(1);
        }
        if (bytes.size() <= 8) {
            const uint64_t value = ByteCursor(bytes).big_endian(bytes.size());
            return is_negative ? negative(value) : build_.unsigned_integer(value);
        }
        double value = 0;
        for (const char c : bytes) {
            value = value * 256 + static_cast<unsigned char>(c);
        }
        return build_.number(is_negative ? -1 - value : value);
    }

    // [exponent, mantissa]
    Node* fraction(const Node& pair, int base) {
        const double exponent = pair.at(0)->as_double();
        const double mantissa = pair.at(1)->as_double();
        if (std::fabs(exponent) > 400) {
            return build_.null();
        }
        // Dividing by an exact power of ten rounds once: 21.5, not 21.499999999999996.
        const double power = std::pow(base, std::fabs(exponent));
        return build_.number(exponent < 0 ? mantissa / power : mantissa * power);
    }

    // Tag bits of RFC 8746, "Types of numbers": 0b010_f_s_e_ll.
    Result<Node*> typed_array(unsigned tag, std::string_view bytes) {
        const bool is_float = (tag & 16) != 0;
        const bool is_signed = (tag & 8) != 0;
        const bool little = (tag & 4) != 0;
        const size_t width = (size_t{1} << (tag & 3)) * (is_float ? 2 : 1);
        if (width == 16 || bytes.size() % width != 0) {
            return made(build_.bytes(bytes));
        }
        Node* list = TRY(made(build_.arena().make(NodeKind::Array)));
        Node* tail = nullptr;
        ByteCursor cursor(bytes);
        while (!cursor.at_end()) {
            const uint64_t bits = little ? cursor.little_endian(width) : cursor.big_endian(width);
            Node* value = nullptr;
            if (is_float) {
                value = build_.number(width == 2   ? half_of_bits(bits)
                                      : width == 4 ? float_of_bits(bits)
                                                   : double_of_bits(bits));
            } else if (is_signed && width > 1) {
                value = build_.integer(sign_extend(bits, width));
            } else if (is_signed) {  // tag 72; 76 is reserved
                value = build_.integer(sign_extend(bits, 1));
            } else {
                value = build_.unsigned_integer(bits);
            }
            NodeArena::append(*list, tail, TRY(made(value)));
        }
        return list;
    }

    ByteCursor cursor_;
    TreeBuilder build_;
    size_t depth_max_;
};

class CborDecoder final : public Decoder {
  public:
    explicit CborDecoder(const DecodeLimits& limits) : depth_max_(limits.depth) {}
    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        Decoded out;
        out.root = TRY(CborParser(payload, arena, depth_max_).parse_all());
        return out;
    }

  private:
    size_t depth_max_;
};

}  // namespace

std::unique_ptr<Decoder> make_cbor_decoder(const DecodeLimits& limits) {
    return std::make_unique<CborDecoder>(limits);
}

}  // namespace cistern::collector
