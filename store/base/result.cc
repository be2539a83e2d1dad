// SPDX-License-Identifier: MIT
#include "store/base/result.h"

namespace cistern {

std::string_view error_code_name(ErrorCode code) {
    switch (code) {
        case ErrorCode::NotFound:
            return "not found";
        case ErrorCode::InvalidArgument:
            return "invalid argument";
        case ErrorCode::Corruption:
            return "corruption";
        case ErrorCode::Io:
            return "i/o error";
        case ErrorCode::ResourceExhausted:
            return "resource exhausted";
        case ErrorCode::Unavailable:
            return "unavailable";
        case ErrorCode::Unsupported:
            return "unsupported";
        case ErrorCode::Cancelled:
            return "cancelled";
    }
    return "unknown";
}

}  // namespace cistern
