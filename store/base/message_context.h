// SPDX-License-Identifier: MIT
// The reverse of Error::with_context.
#pragma once

#include <string_view>

namespace cistern {

// "context: message" -> "message", for a place that has named the context already.
inline std::string_view without_context(std::string_view message, std::string_view context) {
    constexpr std::string_view kSeparator = ": ";
    const bool repeated =
        message.starts_with(context) && message.substr(context.size()).starts_with(kSeparator);
    return repeated ? message.substr(context.size() + kSeparator.size()) : message;
}

}  // namespace cistern
