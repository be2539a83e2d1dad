// SPDX-License-Identifier: MIT
// Templates of rules, in db, metric and labels: literal text with {capture}, {$.path}, {@property},
// {#n} (the nth topic level from 0), {field} (the payload field's own name), each with filters:
// {x|snake}, lower, upper, trim, before:/, after:-, default:x, replace:a:b, raw.
// A text that starts with $ is one path as a whole: "$.device.serial".
#pragma once

#include "collector/decode/message.h"
#include "collector/mapping/field_path.h"
#include "collector/mapping/topic_pattern.h"
#include "store/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

// What a template is filled from.
struct TemplateInput {
    std::string_view topic;
    const std::vector<std::string>* names = nullptr;  // of the pattern's captures
    const Capture* captures = nullptr;                // in their order
    const Message* message = nullptr;
    NodeScope nodes;
    std::string_view field;
    std::string_view key;  // {key}: the innermost key that became a label
};

class TemplateText {
  public:
    static Result<TemplateText> parse(std::string_view text);

    // Appends. False when something it names is absent and has no default; `out` then has the rest.
    // `snaked`: what is filled in goes through snake() unless filtered by raw.
    bool fill(const TemplateInput& input, bool snaked, std::string& out) const;
    [[nodiscard]] bool empty() const { return pieces_.empty(); }
    // Depends on the payload or on message properties, not only on the topic.
    [[nodiscard]] bool dynamic() const { return dynamic_; }
    [[nodiscard]] bool uses_key() const { return uses_key_; }
    // Names of captures it needs.
    [[nodiscard]] std::vector<std::string_view> captures() const;
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    struct Filter {
        enum class Kind : uint8_t {
            Snake,
            Lower,
            Upper,
            Trim,
            Before,
            After,
            Default,
            Replace,
            Raw
        } kind;
        std::string a;
        std::string b;
    };
    struct Piece {
        enum class Kind : uint8_t {
            Literal,
            Capture,
            Path,
            Property,
            Level,
            Field,
            Key
        } kind = Kind::Literal;
        std::string text;
        FieldPath path;
        size_t level = 0;
        std::vector<Filter> filters;
    };
    static Result<Piece> parse_piece(std::string_view inside);
    static Result<Filter> parse_filter(std::string_view text);
    static bool value_of(const Piece& piece, const TemplateInput& input, std::string& out);
    static void apply(const Filter& filter, std::string& value);

    std::string text_;
    std::vector<Piece> pieces_;
    bool dynamic_ = false;
    bool uses_key_ = false;
};

// A leaf as label text: numbers as they are written, booleans as true and false. False for null and
// containers.
bool append_node_text(const Node& node, std::string& out);

}  // namespace cistern::collector
