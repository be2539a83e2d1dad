// SPDX-License-Identifier: MIT
#include "collector/decode/text_scalar.h"
#include "collector/mapping/expression.h"

#include <fmt/format.h>

namespace cistern::collector {
namespace {

bool starts_word(std::string_view text, std::string_view word) {
    return text.substr(0, word.size()) == word &&
           (text.size() == word.size() || text[word.size()] == ' ');
}

// {{- and -}} eat the white space outside.
std::string_view inner(std::string_view inside, bool& trim_before, bool& trim_after) {
    trim_before = !inside.empty() && inside.front() == '-';
    inside.remove_prefix(trim_before ? 1 : 0);
    trim_after = !inside.empty() && inside.back() == '-';
    inside.remove_suffix(trim_after ? 1 : 0);
    return trim_scalar(inside);
}

// Where `close` stands outside of quotes and of braces that opened inside.
size_t end_of(std::string_view text, std::string_view close) {
    char quote = '\0';
    int braces = 0;
    for (size_t i = 2; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != '\0') {
            i += c == '\\' ? 1 : 0;
            quote = c == quote ? '\0' : quote;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (braces == 0 && text.substr(i, 2) == close) {
            return i;
        } else if (c == '{' || c == '}') {
            braces += c == '{' ? 1 : -1;
        }
    }
    return text.find(close, 2);
}

void trim_end(std::string& text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' ||
                             text.back() == '\t')) {
        text.pop_back();
    }
}

}  // namespace

Status ValueTemplate::add_statement(std::string_view inside) {
    Part part;
    if (starts_word(inside, "if")) {
        part.kind = Part::Kind::If;
        part.expression = TRY(Expression::parse(inside.substr(2)));
    } else if (starts_word(inside, "elif")) {
        part.kind = Part::Kind::Elif;
        part.expression = TRY(Expression::parse(inside.substr(4)));
    } else if (inside == "else") {
        part.kind = Part::Kind::Else;
    } else if (inside == "endif") {
        part.kind = Part::Kind::EndIf;
    } else if (starts_word(inside, "set") && inside.find('=') != std::string_view::npos) {
        const size_t equals = inside.find('=');
        part.kind = Part::Kind::Set;
        part.text = trim_scalar(inside.substr(3, equals - 3));
        part.expression = TRY(Expression::parse(inside.substr(equals + 1)));
    } else {
        return fail(ErrorCode::Unsupported,
                    fmt::format("{{% {} %}} is not supported", inside.substr(0, 40)));
    }
    parts_.push_back(std::move(part));
    return {};
}

Status ValueTemplate::check_nesting() const {
    int open = 0;
    for (const Part& part : parts_) {
        open += part.kind == Part::Kind::If ? 1 : part.kind == Part::Kind::EndIf ? -1 : 0;
        const bool stray =
            (part.kind == Part::Kind::Elif || part.kind == Part::Kind::Else) && open == 0;
        if (open < 0 || stray) {
            return fail(ErrorCode::InvalidArgument, "{% endif %} or {% else %} without {% if %}");
        }
    }
    return open == 0 ? Status{} : fail(ErrorCode::InvalidArgument, "{% if %} without {% endif %}");
}

Result<ValueTemplate> ValueTemplate::parse(std::string_view text) {
    ValueTemplate out;
    bool trim_next = false;
    while (!text.empty()) {
        const size_t open =
            std::min({text.find("{{"), text.find("{%"), text.find("{#"), text.size()});
        if (open > 0) {
            std::string literal(text.substr(0, open));
            if (trim_next) {
                literal.erase(0, std::min(literal.find_first_not_of(" \t\r\n"), literal.size()));
            }
            Part part;
            part.text = std::move(literal);
            out.parts_.push_back(std::move(part));
            text.remove_prefix(open);
            trim_next = false;
            continue;
        }
        const char kind = text[1];
        const std::string_view close = kind == '{' ? "}}" : kind == '%' ? "%}" : "#}";
        const size_t end = kind == '#' ? text.find(close, 2) : end_of(text, close);
        if (end == std::string_view::npos) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("'{}' lacks its {}", text.substr(0, 40), close));
        }
        bool trim_before = false;
        const std::string_view inside = inner(text.substr(2, end - 2), trim_before, trim_next);
        if (trim_before && !out.parts_.empty() && out.parts_.back().kind == Part::Kind::Text) {
            trim_end(out.parts_.back().text);
        }
        if (kind == '{') {
            Part part;
            part.kind = Part::Kind::Output;
            part.expression = TRY(Expression::parse(inside));
            out.parts_.push_back(std::move(part));
        } else if (kind == '%') {
            TRY(out.add_statement(inside));
        }
        text.remove_prefix(end + 2);
    }
    TRY(out.check_nesting());
    return out;
}

ExprValue ValueTemplate::render(ExprScope& scope) const {
    struct Branch {
        bool outer;  // the surrounding branch is taken
        bool taken;  // one of this if's branches was
        bool active;
    };
    std::vector<Branch> branches;
    std::string text;
    ExprValue only;
    size_t outputs = 0;
    const auto active = [&] { return branches.empty() || branches.back().active; };
    for (const Part& part : parts_) {
        switch (part.kind) {
            case Part::Kind::Text:
                text += active() ? part.text : std::string();
                break;
            case Part::Kind::Output:
                if (active()) {
                    only = part.expression.evaluate(scope);
                    text += only.to_text();
                    ++outputs;
                }
                break;
            case Part::Kind::Set:
                if (active()) {
                    scope.variables.insert(scope.variables.begin(),
                                           {part.text, part.expression.evaluate(scope)});
                }
                break;
            case Part::Kind::If: {
                const bool outer = active();
                const bool yes = outer && part.expression.evaluate(scope).truthy();
                branches.push_back({outer, yes, yes});
                break;
            }
            case Part::Kind::Elif:
            case Part::Kind::Else: {
                Branch& branch = branches.back();
                const bool yes =
                    branch.outer && !branch.taken &&
                    (part.kind == Part::Kind::Else || part.expression.evaluate(scope).truthy());
                branch.active = yes;
                branch.taken |= yes;
                break;
            }
            case Part::Kind::EndIf:
                branches.pop_back();
                break;
        }
    }
    const std::string_view trimmed = trim_scalar(text);
    if (scope.keep_previous || trimmed.empty()) {
        return ExprValue::undefined();
    }
    // A lone output keeps its type, and its digits.
    return outputs == 1 && trimmed == trim_scalar(only.to_text()) ? only
                                                                  : ExprValue::of_text(trimmed);
}

void ValueTemplate::collect_paths(std::vector<std::vector<std::string>>& paths) const {
    for (const Part& part : parts_) {
        part.expression.collect_paths(paths);
    }
}

}  // namespace cistern::collector
