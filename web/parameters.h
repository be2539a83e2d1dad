// SPDX-License-Identifier: MIT
// Percent-encoding and form parameters (WHATWG URL, "application/x-www-form-urlencoded").
#pragma once

#include "store/base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cistern::web {

// Decodes %XX, and '+' as a space when asked. InvalidArgument on a broken escape.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space);

inline constexpr size_t kParametersMax = 1000;

// Name-value pairs in the order in which they came; a name may repeat.
class Parameters {
  public:
    // InvalidArgument on a broken escape; ResourceExhausted above kParametersMax.
    static Result<Parameters> parse(std::string_view form);

    void add(std::string name, std::string value) {
        all_.emplace_back(std::move(name), std::move(value));
    }
    void append(const Parameters& other);
    // The first value of that name.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    // The same, or empty.
    [[nodiscard]] std::string_view get(std::string_view name) const {
        return find(name).value_or(std::string_view{});
    }
    [[nodiscard]] std::vector<std::string_view> get_all(std::string_view name) const;
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const {
        return all_;
    }

  private:
    std::vector<std::pair<std::string, std::string>> all_;
};

}  // namespace cistern::web
