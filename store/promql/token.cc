// SPDX-License-Identifier: MIT
#include "store/promql/token.h"

#include "store/promql/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cistern::promql {
namespace {

using Word = std::pair<std::string_view, TokenKind>;

constexpr std::array kWords = {
    Word{"and", TokenKind::And},
    Word{"atan2", TokenKind::Atan2},
    Word{"avg", TokenKind::Avg},
    Word{"bool", TokenKind::Bool},
    Word{"bottomk", TokenKind::BottomK},
    Word{"by", TokenKind::By},
    Word{"count", TokenKind::Count},
    Word{"count_values", TokenKind::CountValues},
    Word{"end", TokenKind::End},
    Word{"group", TokenKind::Group},
    Word{"group_left", TokenKind::GroupLeft},
    Word{"group_right", TokenKind::GroupRight},
    Word{"ignoring", TokenKind::Ignoring},
    Word{"inf", TokenKind::Number},
    Word{"limit_ratio", TokenKind::LimitRatio},
    Word{"limitk", TokenKind::LimitK},
    Word{"max", TokenKind::Max},
    Word{"min", TokenKind::Min},
    Word{"nan", TokenKind::Number},
    Word{"offset", TokenKind::Offset},
    Word{"on", TokenKind::On},
    Word{"or", TokenKind::Or},
    Word{"quantile", TokenKind::Quantile},
    Word{"start", TokenKind::Start},
    Word{"stddev", TokenKind::Stddev},
    Word{"stdvar", TokenKind::Stdvar},
    Word{"sum", TokenKind::Sum},
    Word{"topk", TokenKind::TopK},
    Word{"unless", TokenKind::Unless},
    Word{"without", TokenKind::Without},
};

constexpr size_t kShownBytesMax = 10;

// As Go's %.10q...: only the beginning of a long word.
std::string shortened(std::string_view text) {
    if (text.size() <= kShownBytesMax) {
        return quote(text);
    }
    return quote(text.substr(0, kShownBytesMax)) + "...";
}

}  // namespace

TokenKind keyword_kind(std::string_view word) {
    std::string lower(word);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const auto found = std::lower_bound(
        kWords.begin(), kWords.end(), lower, [](const Word& entry, const auto& text) {
            return entry.first < text;
        });
    return found != kWords.end() && found->first == lower ? found->second : TokenKind::Identifier;
}

bool is_metric_word(TokenKind kind) {
    switch (kind) {
        case TokenKind::Identifier:
        case TokenKind::MetricIdentifier:
        case TokenKind::And:
        case TokenKind::Or:
        case TokenKind::Unless:
        case TokenKind::By:
        case TokenKind::Without:
        case TokenKind::Offset:
        case TokenKind::Start:
        case TokenKind::End:
            return true;
        default:
            return is_aggregator(kind);
    }
}

bool is_label_word(TokenKind kind) {
    return is_metric_word(kind) || is_keyword(kind) || kind == TokenKind::Atan2;
}

std::string describe(const Token& token) {
    switch (token.kind) {
        case TokenKind::Eof:
            return "end of input";
        case TokenKind::Error:
            return token.text;
        case TokenKind::Identifier:
            return "identifier " + quote(token.text);
        case TokenKind::MetricIdentifier:
            return "metric identifier " + quote(token.text);
        case TokenKind::DatabaseMetric:
            return "metric " + quote(token.text);
        case TokenKind::Number:
            return "number " + shortened(token.text);
        case TokenKind::String:
            return "string " + shortened(token.text);
        case TokenKind::Duration:
            return "duration " + shortened(token.text);
        default:
            break;
    }
    if (is_operator(token.kind) || token.kind == TokenKind::EqualRegex ||
        token.kind == TokenKind::NotRegex) {
        return fmt::format("<op:{}>", token.text);
    }
    if (is_aggregator(token.kind)) {
        return fmt::format("<aggr:{}>", token.text);
    }
    if (is_keyword(token.kind)) {
        return fmt::format("<{}>", token.text);
    }
    return quote(token.text);
}

}  // namespace cistern::promql
