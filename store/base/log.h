// SPDX-License-Identifier: MIT
// The process's log: levelled lines on stderr (or files), set up once by app. Libraries log rarely:
// state changes and faults, never one line per message.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cistern {

enum class LogLevel : uint8_t { Trace, Debug, Info, Warn, Error, Off };

struct LogSink {
    std::string output = "console";  // "console" (stderr) or a file's path
    LogLevel level = LogLevel::Info;
    uint64_t file_bytes_max = 0;  // rotate at this size; 0 = never
    uint32_t backups_max = 3;
};

// Replaces all sinks. Call before threads start.
void set_up_log(const std::vector<LogSink>& sinks);
void write_log(LogLevel level, std::string_view line);

template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
    write_log(LogLevel::Info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_warn(fmt::format_string<Args...> format, Args&&... args) {
    write_log(LogLevel::Warn, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
    write_log(LogLevel::Error, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
    write_log(LogLevel::Debug, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace cistern
