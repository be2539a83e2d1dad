// SPDX-License-Identifier: MIT
#include "collector/mapping/topic_pattern.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::collector {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const size_t end = std::min(text.find(separator), text.size());
        parts.push_back(text.substr(0, end));
        if (end == text.size()) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

bool is_name(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
               std::string_view::npos;
}

bool is_one_of(const std::vector<std::string>& words, std::string_view text) {
    for (const std::string& word : words) {
        const bool digits = word == "\\d" && !text.empty() &&
                            text.find_first_not_of("0123456789") == std::string_view::npos;
        if (digits || word == text) {
            return true;
        }
    }
    return false;
}

}  // namespace

TopicLevels::TopicLevels(std::string_view topic) : topic_(topic) {
    starts_.push_back(0);
    for (size_t i = 0; i < topic.size(); ++i) {
        if (topic[i] == '/') {
            starts_.push_back(static_cast<uint32_t>(i + 1));
        }
    }
    starts_.push_back(static_cast<uint32_t>(topic.size() + 1));
}

int TopicPattern::add_name(std::string_view name) {
    if (name.empty() || name == "_") {
        return -2;
    }
    names_.emplace_back(name);
    return static_cast<int>(names_.size()) - 1;
}

Result<TopicPattern::Piece> TopicPattern::parse_capture(std::string_view text) {
    Piece piece;
    const size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    if (!is_name(name)) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("'{{{}}}' is not a capture: write {{name}}", text));
    }
    if (name != "_" && std::find(names_.begin(), names_.end(), name) != names_.end()) {
        return fail(ErrorCode::InvalidArgument, fmt::format("'{{{}}}' is captured twice", name));
    }
    if (equals != std::string_view::npos) {
        for (const std::string_view word : split(text.substr(equals + 1), '|')) {
            piece.words.emplace_back(word);
        }
    }
    piece.capture = add_name(name);
    return piece;
}

Result<TopicPattern::Level> TopicPattern::parse_level(std::string_view text) {
    Level level;
    if (text == "+") {
        level.pieces.push_back({{}, -2, {}});
        return level;
    }
    if (text == "#") {
        level.multi = true;
        level.capture = -2;
        level.at_least = 0;
        return level;
    }
    if (text.size() > 5 && text.front() == '{' && text.substr(text.size() - 4) == "...}") {
        const std::string_view name = text.substr(1, text.size() - 5);
        if (!is_name(name)) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("'{}' is not a capture: write {{name...}}", text));
        }
        level.multi = true;
        level.capture = add_name(name);
        return level;
    }
    while (!text.empty()) {
        const size_t open = std::min(text.find('{'), text.size());
        if (open > 0) {
            if (text.substr(0, open).find_first_of("+#}") != std::string_view::npos) {
                return fail(
                    ErrorCode::InvalidArgument,
                    fmt::format(
                        "'{}': + and # stand alone between slashes, and braces come in pairs",
                        text));
            }
            level.pieces.push_back({std::string(text.substr(0, open)), -1, {}});
            text.remove_prefix(open);
            continue;
        }
        const size_t close = text.find('}');
        if (close == std::string_view::npos) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("'{}' lacks a closing brace", text));
        }
        level.pieces.push_back(TRY(parse_capture(text.substr(1, close - 1))));
        text.remove_prefix(close + 1);
    }
    return level;
}

Result<TopicPattern> TopicPattern::parse(std::string_view text) {
    if (text.empty()) {
        return fail(ErrorCode::InvalidArgument, "the topic is empty");
    }
    TopicPattern pattern;
    pattern.text_ = text;
    const std::vector<std::string_view> levels = split(text, '/');
    for (size_t i = 0; i < levels.size(); ++i) {
        Level level =
            TRY(pattern.parse_level(levels[i]).with_context(fmt::format("topic '{}'", text)));
        if (level.multi && pattern.multi_ >= 0) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("topic '{}': only one of # and {{name...}} is possible", text));
        }
        if (levels[i] == "#" && i + 1 != levels.size()) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("topic '{}': # must be the last level", text));
        }
        if (level.multi) {
            pattern.multi_ = static_cast<int>(i);
        }
        pattern.levels_.push_back(std::move(level));
    }
    return pattern;
}

bool TopicPattern::match_pieces(const std::vector<Piece>& pieces,
                                size_t piece,
                                std::string_view rest,
                                size_t offset,
                                std::vector<Capture>& captures) {
    if (piece == pieces.size()) {
        return rest.empty();
    }
    const Piece& p = pieces[piece];
    if (p.capture == -1) {
        return rest.substr(0, p.literal.size()) == p.literal &&
               match_pieces(pieces,
                            piece + 1,
                            rest.substr(p.literal.size()),
                            offset + p.literal.size(),
                            captures);
    }
    const bool last = piece + 1 == pieces.size();
    // A lone `+` or `{name}` also takes an empty level, as in MQTT.
    for (size_t length = last ? rest.size() : (pieces.size() == 1 ? 0 : 1); length <= rest.size();
         ++length) {
        const std::string_view taken = rest.substr(0, length);
        if (!p.words.empty() && !is_one_of(p.words, taken)) {
            continue;
        }
        if (match_pieces(pieces, piece + 1, rest.substr(length), offset + length, captures)) {
            if (p.capture >= 0) {
                captures[static_cast<size_t>(p.capture)] = {static_cast<uint16_t>(offset),
                                                            static_cast<uint16_t>(length)};
            }
            return true;
        }
    }
    return false;
}

bool TopicPattern::match_level(const Level& level,
                               const TopicLevels& topic,
                               size_t at,
                               std::vector<Capture>& captures) {
    return match_pieces(level.pieces, 0, topic.level(at), topic.start(at), captures);
}

bool TopicPattern::match(const TopicLevels& topic, std::vector<Capture>& captures) const {
    captures.assign(names_.size(), Capture{});
    const bool named_first =
        levels_[0].multi || levels_[0].pieces.empty() || levels_[0].pieces[0].capture != -1;
    if (named_first && !topic.topic().empty() && topic.topic()[0] == '$') {
        return false;  // the broker's own topics match no wildcard
    }
    const size_t count = topic.count();
    if (multi_ < 0) {
        if (count != levels_.size()) {
            return false;
        }
        for (size_t i = 0; i < count; ++i) {
            if (!match_level(levels_[i], topic, i, captures)) {
                return false;
            }
        }
        return true;
    }
    const auto before = static_cast<size_t>(multi_);
    const size_t after = levels_.size() - before - 1;
    const Level& multi = levels_[before];
    if (count < before + after + multi.at_least) {
        return false;
    }
    for (size_t i = 0; i < before; ++i) {
        if (!match_level(levels_[i], topic, i, captures)) {
            return false;
        }
    }
    for (size_t i = 0; i < after; ++i) {
        if (!match_level(levels_[before + 1 + i], topic, count - after + i, captures)) {
            return false;
        }
    }
    if (multi.capture >= 0) {
        const size_t begin = topic.start(before);
        const size_t end = topic.start(count - after) - 1;
        captures[static_cast<size_t>(multi.capture)] = {static_cast<uint16_t>(begin),
                                                        static_cast<uint16_t>(end - begin)};
    }
    return true;
}

std::string TopicPattern::filter() const {
    std::string out;
    for (size_t i = 0; i < levels_.size(); ++i) {
        const Level& level = levels_[i];
        out += i > 0 ? "/" : "";
        if (level.multi) {
            return out + "#";
        }
        const bool literal =
            level.pieces.empty() || (level.pieces.size() == 1 && level.pieces[0].capture == -1);
        out += literal ? (level.pieces.empty() ? "" : level.pieces[0].literal) : "+";
    }
    return out;
}

bool TopicPattern::level_covers(const Level& a, const Level& b) {
    const bool any = a.pieces.size() == 1 && a.pieces[0].capture != -1 && a.pieces[0].words.empty();
    if (any || (a.pieces.empty() && b.pieces.empty())) {
        return true;
    }
    const auto same = [](const Piece& x, const Piece& y) {
        return (x.capture == -1) == (y.capture == -1) && x.literal == y.literal &&
               x.words == y.words;
    };
    return std::equal(a.pieces.begin(), a.pieces.end(), b.pieces.begin(), b.pieces.end(), same);
}

bool TopicPattern::covers(const TopicPattern& other) const {
    if (multi_ < 0) {
        return other.multi_ < 0 && std::equal(levels_.begin(),
                                              levels_.end(),
                                              other.levels_.begin(),
                                              other.levels_.end(),
                                              level_covers);
    }
    const auto before = static_cast<size_t>(multi_);
    const size_t after = levels_.size() - before - 1;
    const size_t fixed = other.levels_.size() - (other.multi_ >= 0 ? 1 : 0);
    const size_t least =
        fixed + (other.multi_ >= 0 ? other.levels_[static_cast<size_t>(other.multi_)].at_least : 0);
    if (least < before + after + levels_[before].at_least) {
        return false;
    }
    for (size_t i = 0; i < before; ++i) {
        if (other.levels_[i].multi || !level_covers(levels_[i], other.levels_[i])) {
            return false;
        }
    }
    for (size_t i = 1; i <= after; ++i) {
        const Level& theirs = other.levels_[other.levels_.size() - i];
        if (theirs.multi || !level_covers(levels_[levels_.size() - i], theirs)) {
            return false;
        }
    }
    return true;
}

}  // namespace cistern::collector
