// SPDX-License-Identifier: MIT
#include "store/base/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <vector>

namespace cistern {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::Trace:
            return spdlog::level::trace;
        case LogLevel::Debug:
            return spdlog::level::debug;
        case LogLevel::Info:
            return spdlog::level::info;
        case LogLevel::Warn:
            return spdlog::level::warn;
        case LogLevel::Error:
            return spdlog::level::err;
        case LogLevel::Off:
            return spdlog::level::off;
    }
    return spdlog::level::info;
}

spdlog::sink_ptr make_sink(const LogSink& sink) {
    if (sink.output == "console") {
        return std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    }
    if (sink.file_bytes_max > 0) {
        return std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
            sink.output, sink.file_bytes_max, sink.backups_max);
    }
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(sink.output);
}

}  // namespace

void set_up_log(const std::vector<LogSink>& sinks) {
    std::vector<spdlog::sink_ptr> made;
    auto lowest = spdlog::level::off;
    for (const LogSink& sink : sinks) {
        made.push_back(make_sink(sink));
        made.back()->set_level(to_spdlog(sink.level));
        lowest = std::min(lowest, to_spdlog(sink.level));
    }
    auto logger = std::make_shared<spdlog::logger>("cistern", made.begin(), made.end());
    logger->set_level(lowest);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%-5l%$ %v");
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

void write_log(LogLevel level, std::string_view line) {
    spdlog::log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace cistern
