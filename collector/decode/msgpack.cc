// SPDX-License-Identifier: MIT
#include "collector/decode/binary_formats.h"
#include "collector/decode/byte_cursor.h"
#include "collector/decode/tree_builder.h"
#include "store/base/time_units.h"

#include <fmt/format.h>

#include <limits>

namespace cistern::collector {
namespace {

class MsgpackParser {
  public:
    MsgpackParser(std::string_view payload, NodeArena& arena, size_t depth_max)
        : cursor_(payload), build_(arena), depth_max_(depth_max) {}

    Result<Node*> parse_all() {
        Node* root = TRY(parse(0));
        if (!cursor_.at_end()) {
            return bad("bytes after the value");
        }
        return root;
    }

  private:
    [[nodiscard]] tl::unexpected<Error> bad(std::string_view what) const {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("not MessagePack: {} at byte {}", what, cursor_.position()));
    }

    Result<Node*> made(Node* node) const {
        if (!cursor_.ok()) {
            return bad("the end");
        }
        if (node == nullptr) {
            return TreeBuilder::full();
        }
        return node;
    }

    // Lengths of the 8, 16 and 32 bit forms.
    uint64_t length(unsigned width_log2) { return cursor_.big_endian(size_t{1} << width_log2); }

    Result<Node*> parse(size_t depth) {
        if (depth > depth_max_) {
            return fail(ErrorCode::ResourceExhausted, "MessagePack nested too deeply");
        }
        if (cursor_.at_end()) {
            return bad("the end");
        }
        const uint8_t type = cursor_.u8();
        if (type < 0x80) {
            return made(build_.integer(type));
        }
        if (type < 0x90) {
            return parse_map(type & 15, depth);
        }
        if (type < 0xa0) {
            return parse_list(type & 15, depth);
        }
        if (type < 0xc0) {
            return made(build_.text(cursor_.take(type & 31)));
        }
        if (type >= 0xe0) {
            return made(build_.integer(static_cast<int8_t>(type)));
        }
        return parse_long(type, depth);
    }

    Result<Node*> parse_long(uint8_t type, size_t depth) {
        switch (type) {
            case 0xc0:
                return made(build_.null());
            case 0xc2:
            case 0xc3:
                return made(build_.boolean(type == 0xc3));
            case 0xc4:
            case 0xc5:
            case 0xc6: {
                const uint64_t size = length(type - 0xc4U);
                return made(build_.bytes(cursor_.take(size)));
            }
            case 0xc7:
            case 0xc8:
            case 0xc9:
                return parse_extension(length(type - 0xc7U));
            case 0xca:
                return made(build_.number(float_of_bits(cursor_.big_endian(4))));
            case 0xcb:
                return made(build_.number(double_of_bits(cursor_.big_endian(8))));
            case 0xcc:
            case 0xcd:
            case 0xce:
            case 0xcf:
                return made(build_.unsigned_integer(length(type - 0xccU)));
            case 0xd0:
            case 0xd1:
            case 0xd2:
            case 0xd3: {
                const uint64_t bits = length(type - 0xd0U);
                return made(build_.integer(sign_extend(bits, size_t{1} << (type - 0xd0U))));
            }
            case 0xd4:
            case 0xd5:
            case 0xd6:
            case 0xd7:
            case 0xd8:
                return parse_extension(uint64_t{1} << (type - 0xd4U));
            case 0xd9:
            case 0xda:
            case 0xdb: {
                const uint64_t size = length(type - 0xd9U);
                return made(build_.text(cursor_.take(size)));
            }
            case 0xdc:
            case 0xdd:
                return parse_list(length(type - 0xdcU + 1), depth);
            case 0xde:
            case 0xdf:
                return parse_map(length(type - 0xdeU + 1), depth);
            default:
                return bad("the unused type 0xc1");
        }
    }

    Result<Node*> parse_list(uint64_t count, size_t depth) {
        Node* list = TRY(made(build_.arena().make(NodeKind::Array)));
        Node* tail = nullptr;
        for (uint64_t i = 0; i < count; ++i) {
            NodeArena::append(*list, tail, TRY(parse(depth + 1)));
        }
        return list;
    }

    Result<Node*> parse_map(uint64_t count, size_t depth) {
        Node* map = TRY(made(build_.arena().make(NodeKind::Object)));
        Node* tail = nullptr;
        for (uint64_t i = 0; i < count; ++i) {
            const Node* key = TRY(parse(depth + 1));
            std::string_view name;
            if (key->is_string()) {
                name = key->text();
            } else if (key->kind == NodeKind::Int) {
                name = build_.decimal(key->integer);
            } else {
                return bad("a key that is neither text nor an integer");
            }
            Node* value = TRY(parse(depth + 1));
            value->key = name;
            NodeArena::append(*map, tail, value);
        }
        return map;
    }

    Result<Node*> parse_extension(uint64_t size) {
        const auto type = static_cast<int8_t>(cursor_.u8());
        const std::string_view bytes = cursor_.take(size);
        constexpr int8_t kTimestamp = -1;
        if (type != kTimestamp || !cursor_.ok()) {
            return made(build_.bytes(bytes));
        }
        ByteCursor time(bytes);
        int64_t seconds = 0;
        uint64_t ns = 0;
        if (size == 4) {
            seconds = static_cast<int64_t>(time.big_endian(4));
        } else if (size == 8) {
            const uint64_t both = time.big_endian(8);
            seconds = static_cast<int64_t>(both & 0x3ffffffffULL);
            ns = both >> 34;
        } else if (size == 12) {
            ns = time.big_endian(4);
            seconds = static_cast<int64_t>(time.big_endian(8));
        } else {
            return bad("a timestamp of the wrong size");
        }
        constexpr int64_t kSecondsMax = std::numeric_limits<int64_t>::max() / kNsPerSecond - 1;
        if (seconds > kSecondsMax || seconds < -kSecondsMax ||
            ns >= static_cast<uint64_t>(kNsPerSecond)) {
            return made(build_.null());
        }
        return made(build_.integer(seconds * kNsPerSecond + static_cast<int64_t>(ns)));
    }

    ByteCursor cursor_;
    TreeBuilder build_;
    size_t depth_max_;
};

class MsgpackDecoder final : public Decoder {
  public:
    explicit MsgpackDecoder(const DecodeLimits& limits) : depth_max_(limits.depth) {}
    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        Decoded out;
        out.root = TRY(MsgpackParser(payload, arena, depth_max_).parse_all());
        return out;
    }

  private:
    size_t depth_max_;
};

}  // namespace

std::unique_ptr<Decoder> make_msgpack_decoder(const DecodeLimits& limits) {
    return std::make_unique<MsgpackDecoder>(limits);
}

}  // namespace cistern::collector
