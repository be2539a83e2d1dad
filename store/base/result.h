// SPDX-License-Identifier: MIT
// What a fallible function returns: a value or one Error; never both, never an exception.
#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace cistern {

// What the caller should do about it, not where it happened.
enum class ErrorCode : uint8_t {
    NotFound = 1,       // the named thing does not exist: report, go on
    InvalidArgument,    // the input is wrong: tell who sent it, do not retry
    Corruption,         // bytes on disk do not verify: skip the damaged part, report
    Io,                 // the disk or network failed: stop using that file or peer
    ResourceExhausted,  // a limit or a full disk: retry later
    Unavailable,        // not now (shutting down, locked by another process): retry later
    Unsupported,        // a version or feature that this build does not know
    Cancelled,          // the caller went away or time ran out
};

std::string_view error_code_name(ErrorCode code);

struct Error {
    ErrorCode code;
    std::string message;

    // Prefixes the message, so that a chain of contexts reads from the outside in.
    [[nodiscard]] Error with_context(std::string_view context) const {
        return {code, std::string(context) + ": " + message};
    }
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
  public:
    using tl::expected<T, Error>::expected;

    // The same result with the error's message prefixed.
    Result with_context(std::string_view context) && {
        if (!this->has_value()) {
            return tl::unexpected(this->error().with_context(context));
        }
        return std::move(*this);
    }
};

using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
    return tl::unexpected(Error{code, std::move(message)});
}

}  // namespace cistern

// Evaluates to the value of a Result, or returns its Error from the enclosing function. May nest.
#define TRY(expression) CISTERN_TRY_(expression, __COUNTER__)
#define CISTERN_TRY_(expression, number) CISTERN_TRY_NAMED_(expression, number)
#define CISTERN_TRY_NAMED_(expression, number)                             \
    __extension__({                                                        \
        auto&& try_result_##number = (expression);                         \
        if (!try_result_##number.has_value()) [[unlikely]] {               \
            return tl::unexpected(std::move(try_result_##number).error()); \
        }                                                                  \
        ::cistern::detail::unwrap(std::move(try_result_##number));         \
    })

namespace cistern::detail {
template <class T>
T unwrap(Result<T>&& result) {
    return std::move(*result);
}
inline void unwrap(Result<void>&&) {}
}  // namespace cistern::detail
