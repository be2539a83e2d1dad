// SPDX-License-Identifier: MIT
// Topic patterns: MQTT wildcards with names. `+` and `#` as in MQTT; `{name}` is a named `+`,
// `{name...}` a named `#` that may also stand in the middle; `{name=a|b}` takes only these words,
// `{name=\d}` only digits; `_` as a name captures nothing;
// a level may mix text and captures: `switch:{channel}`, `{device}_data`.
#pragma once

#include "store/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

// A topic cut at its slashes, made once and matched against many patterns.
class TopicLevels {
  public:
    explicit TopicLevels(std::string_view topic);
    [[nodiscard]] std::string_view topic() const { return topic_; }
    [[nodiscard]] size_t count() const { return starts_.size() - 1; }
    [[nodiscard]] std::string_view level(size_t i) const {
        return topic_.substr(starts_[i], starts_[i + 1] - starts_[i] - 1);
    }
    [[nodiscard]] size_t start(size_t i) const { return starts_[i]; }

  private:
    std::string_view topic_;
    std::vector<uint32_t> starts_;  // of each level, and one past the end
};

// Where a capture lies in the topic.
struct Capture {
    uint16_t begin = 0;
    uint16_t length = 0;
    [[nodiscard]] std::string_view of(std::string_view topic) const {
        return topic.substr(begin, length);
    }
};

class TopicPattern {
  public:
    // Says what is wrong and where.
    static Result<TopicPattern> parse(std::string_view text);

    // Replaces `captures`, in the order of names().
    bool match(const TopicLevels& topic, std::vector<Capture>& captures) const;
    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
    // The MQTT filter that delivers every topic this pattern matches.
    [[nodiscard]] std::string filter() const;
    [[nodiscard]] const std::string& text() const { return text_; }
    // True when every topic `other` matches is surely matched by this one.
    [[nodiscard]] bool covers(const TopicPattern& other) const;

  private:
    struct Piece {
        std::string literal;
        int capture = -1;  // index into names_; -1 = literal, -2 = anything, unnamed
        std::vector<std::string> words;
    };
    struct Level {
        bool multi = false;
        int capture = -1;  // of a multi level
        size_t at_least = 1;
        std::vector<Piece> pieces;
    };

    Result<Level> parse_level(std::string_view text);
    Result<Piece> parse_capture(std::string_view text);
    int add_name(std::string_view name);
    static bool match_level(const Level& level,
                            const TopicLevels& topic,
                            size_t at,
                            std::vector<Capture>& captures);
    static bool match_pieces(const std::vector<Piece>& pieces,
                             size_t piece,
                             std::string_view rest,
                             size_t offset,
                             std::vector<Capture>& captures);
    static bool level_covers(const Level& a, const Level& b);

    std::string text_;
    std::vector<Level> levels_;
    std::vector<std::string> names_;
    int multi_ = -1;  // index of the level that takes several
};

}  // namespace cistern::collector
