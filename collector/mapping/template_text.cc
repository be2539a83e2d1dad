// SPDX-License-Identifier: MIT
#include "collector/mapping/template_text.h"

#include "collector/decode/text_scalar.h"
#include "collector/mapping/naming.h"

#include <fmt/format.h>

#include <charconv>

namespace cistern::collector {

bool append_node_text(const Node& node, std::string& out) {
    switch (node.kind) {
        case NodeKind::Bool:
            out += node.boolean ? "true" : "false";
            return true;
        case NodeKind::Int:
            fmt::format_to(std::back_inserter(out), "{}", node.integer);
            return true;
        case NodeKind::UInt:
            fmt::format_to(std::back_inserter(out), "{}", node.unsigned_integer);
            return true;
        case NodeKind::Double:
            fmt::format_to(std::back_inserter(out), "{}", node.number);
            return true;
        case NodeKind::String:
            out += node.text();
            return true;
        default:
            return false;
    }
}

Result<TemplateText::Filter> TemplateText::parse_filter(std::string_view text) {
    using Kind = Filter::Kind;
    constexpr std::pair<std::string_view, Kind> kFilters[] = {{"snake", Kind::Snake},
                                                              {"lower", Kind::Lower},
                                                              {"upper", Kind::Upper},
                                                              {"trim", Kind::Trim},
                                                              {"before", Kind::Before},
                                                              {"after", Kind::After},
                                                              {"default", Kind::Default},
                                                              {"replace", Kind::Replace},
                                                              {"raw", Kind::Raw}};
    const size_t colon = std::min(text.find(':'), text.size());
    std::string_view arguments = text.substr(std::min(colon + 1, text.size()));
    for (const auto& [name, kind] : kFilters) {
        if (text.substr(0, colon) == name) {
            Filter filter{kind, std::string(arguments), {}};
            if (kind == Kind::Replace) {
                const size_t split = arguments.find(':');
                if (split == std::string_view::npos || split == 0) {
                    return fail(ErrorCode::InvalidArgument, "write {x|replace:old:new}");
                }
                filter.a = arguments.substr(0, split);
                filter.b = arguments.substr(split + 1);
            }
            return filter;
        }
    }
    return fail(ErrorCode::InvalidArgument,
                fmt::format("filter '{}' is none of snake, lower, upper, trim, before:, after:, "
                            "default:, replace:, raw",
                            text));
}

Result<TemplateText::Piece> TemplateText::parse_piece(std::string_view inside) {
    Piece piece;
    size_t bar = std::min(inside.find('|'), inside.size());
    const std::string_view what = inside.substr(0, bar);
    while (bar < inside.size()) {
        inside.remove_prefix(bar + 1);
        bar = std::min(inside.find('|'), inside.size());
        piece.filters.push_back(TRY(parse_filter(inside.substr(0, bar))));
    }
    if (what.empty()) {
        return fail(ErrorCode::InvalidArgument, "{} names nothing");
    }
    piece.text = what;
    if (what[0] == '$') {
        piece.kind = Piece::Kind::Path;
        piece.path = TRY(FieldPath::parse(what));
    } else if (what[0] == '@') {
        piece.kind = Piece::Kind::Property;
        piece.text.erase(0, 1);
    } else if (what[0] == '#') {
        piece.kind = Piece::Kind::Level;
        const auto parsed =
            std::from_chars(what.data() + 1, what.data() + what.size(), piece.level);
        if (parsed.ec != std::errc() || parsed.ptr != what.data() + what.size()) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("{{{}}}: # takes a level's number, from 0", what));
        }
    } else {
        piece.kind = what == "field" ? Piece::Kind::Field
                     : what == "key" ? Piece::Kind::Key
                                     : Piece::Kind::Capture;
    }
    return piece;
}

Result<TemplateText> TemplateText::parse(std::string_view text) {
    TemplateText out;
    out.text_ = text;
    const std::string context = fmt::format("'{}'", text);
    if (!text.empty() && text[0] == '$') {
        Piece piece;
        piece.kind = Piece::Kind::Path;
        piece.path = TRY(FieldPath::parse(text));
        out.pieces_.push_back(std::move(piece));
        text = {};
    }
    while (!text.empty()) {
        const size_t open = std::min(text.find('{'), text.size());
        if (open > 0) {
            Piece literal;
            literal.text = text.substr(0, open);
            out.pieces_.push_back(std::move(literal));
            text.remove_prefix(open);
            continue;
        }
        const size_t close = text.find('}');
        if (close == std::string_view::npos) {
            return fail(ErrorCode::InvalidArgument, context + ": a { lacks its }");
        }
        out.pieces_.push_back(TRY(parse_piece(text.substr(1, close - 1)).with_context(context)));
        text.remove_prefix(close + 1);
    }
    for (const Piece& piece : out.pieces_) {
        out.dynamic_ |= piece.kind == Piece::Kind::Path || piece.kind == Piece::Kind::Property;
        out.uses_key_ |=
            piece.kind == Piece::Kind::Key ||
            (piece.kind == Piece::Kind::Path && piece.path.start() == FieldPath::Start::Key);
    }
    return out;
}

std::vector<std::string_view> TemplateText::captures() const {
    std::vector<std::string_view> names;
    for (const Piece& piece : pieces_) {
        if (piece.kind == Piece::Kind::Capture) {
            names.push_back(piece.text);
        }
    }
    return names;
}

bool TemplateText::value_of(const Piece& piece, const TemplateInput& input, std::string& out) {
    switch (piece.kind) {
        case Piece::Kind::Literal:
            out += piece.text;
            return true;
        case Piece::Kind::Field:
            out += input.field;
            return true;
        case Piece::Kind::Key:
            out += input.key;
            return true;
        case Piece::Kind::Path: {
            const Node* node = piece.path.find(input.nodes);
            return node != nullptr && append_node_text(*node, out);
        }
        case Piece::Kind::Property: {
            if (input.message == nullptr) {
                return false;
            }
            for (const auto& [name, value] : input.message->user_properties) {
                if (name == piece.text) {
                    out += value;
                    return true;
                }
            }
            return false;
        }
        case Piece::Kind::Level: {
            std::string_view rest = input.topic;
            for (size_t i = 0; i < piece.level; ++i) {
                const size_t slash = rest.find('/');
                if (slash == std::string_view::npos) {
                    return false;
                }
                rest.remove_prefix(slash + 1);
            }
            out += rest.substr(0, rest.find('/'));
            return true;
        }
        case Piece::Kind::Capture:
            break;
    }
    for (size_t i = 0; input.names != nullptr && i < input.names->size(); ++i) {
        if ((*input.names)[i] == piece.text) {
            out += input.captures[i].of(input.topic);
            return true;
        }
    }
    return false;
}

void TemplateText::apply(const Filter& filter, std::string& value) {
    const auto map_chars = [&value](char first, char last, int delta) {
        for (char& c : value) {
            c = c >= first && c <= last ? static_cast<char>(c + delta) : c;
        }
    };
    switch (filter.kind) {
        case Filter::Kind::Snake:
            value = snake(value);
            break;
        case Filter::Kind::Lower:
            map_chars('A', 'Z', 32);
            break;
        case Filter::Kind::Upper:
            map_chars('a', 'z', -32);
            break;
        case Filter::Kind::Trim:
            value = std::string(trim_scalar(value));
            break;
        case Filter::Kind::Before:
            value.resize(std::min(value.find(filter.a), value.size()));
            break;
        case Filter::Kind::After: {
            const size_t at = value.find(filter.a);
            value.erase(0, at == std::string::npos ? 0 : at + filter.a.size());
            break;
        }
        case Filter::Kind::Default:
            value = value.empty() ? filter.a : value;
            break;
        case Filter::Kind::Replace:
            for (size_t at = value.find(filter.a); at != std::string::npos;
                 at = value.find(filter.a, at + filter.b.size())) {
                value.replace(at, filter.a.size(), filter.b);
            }
            break;
        case Filter::Kind::Raw:
            break;
    }
}

bool TemplateText::fill(const TemplateInput& input, bool snaked, std::string& out) const {
    bool complete = true;
    std::string value;
    for (const Piece& piece : pieces_) {
        if (piece.filters.empty() && (!snaked || piece.kind == Piece::Kind::Literal)) {
            complete &= value_of(piece, input, out);
            continue;
        }
        value.clear();
        bool present = value_of(piece, input, value);
        bool raw = false;
        for (const Filter& filter : piece.filters) {
            apply(filter, value);
            raw |= filter.kind == Filter::Kind::Raw;
            present |= filter.kind == Filter::Kind::Default;
        }
        complete &= present;
        if (snaked && !raw && piece.kind != Piece::Kind::Literal) {
            append_snake(value, out);
        } else {
            out += value;
        }
    }
    return complete;
}

}  // namespace cistern::collector
