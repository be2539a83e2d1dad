// SPDX-License-Identifier: MIT
// A condition on one label: = != =~ !~, as PromQL writes it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/result.h"

namespace re2 {
class RE2;
}

namespace cistern::store {

enum class MatchOp : uint8_t { Equal, NotEqual, Regex, NotRegex };

// The operator as it is written: = != =~ !~.
std::string_view text_of(MatchOp op);

// Regexes are RE2 (linear time) and anchored at both ends. Immutable and cheap to copy; matches()
// is safe from any thread.
class Matcher {
  public:
    // Fails with InvalidArgument on a bad or too large regex, with Prometheus' wording.
    static Result<Matcher> create(std::string label, MatchOp op, std::string value);
    static Matcher equal(std::string label, std::string value);

    [[nodiscard]] bool matches(std::string_view value) const;
    // An absent label has the empty value.
    [[nodiscard]] bool matches_empty() const { return matches({}); }

    [[nodiscard]] const std::string& label() const { return label_; }
    [[nodiscard]] MatchOp op() const { return op_; }
    [[nodiscard]] const std::string& value() const { return value_; }
    // The finite alternatives of a regex such as a|b|c, empty when it is not of that form.
    [[nodiscard]] const std::vector<std::string>& alternatives() const { return alternatives_; }
    [[nodiscard]] std::string to_string() const;

  private:
    Matcher(std::string label, MatchOp op, std::string value);

    std::string label_;
    MatchOp op_;
    std::string value_;
    std::vector<std::string> alternatives_;
    std::shared_ptr<const re2::RE2> regex_;  // null for Equal and NotEqual
};

}  // namespace cistern::store
