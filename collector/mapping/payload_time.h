// SPDX-License-Identifier: MIT
// Times inside payloads.
#pragma once

#include "collector/decode/node.h"
#include "collector/mapping/options.h"
#include "collector/mapping/time_zone.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cistern::collector {

// How a rule's time field is written.
class TimeFormat {
  public:
    TimeFormat() = default;  // auto: epoch numbers by magnitude, RFC 3339 with a zone
    static Result<TimeFormat> create(const TimestampOptions& options);
    // ns since the epoch; nothing when it is no time, or names no zone and none was given.
    // A local time that occurs twice is the one nearer to `near_ns`, the message's arrival.
    [[nodiscard]] std::optional<int64_t> parse(const Node& node, int64_t near_ns = 0) const;
    [[nodiscard]] std::optional<int64_t> parse_text(std::string_view text,
                                                    int64_t near_ns = 0) const;

  private:
    enum class Kind : uint8_t { Auto, Rfc3339, Unix, UnixMs, UnixUs, UnixNs, Pattern };
    Kind kind_ = Kind::Auto;
    std::string pattern_;
    std::shared_ptr<const TimeZone> zone_;
};

// Seconds, ms, us or ns by magnitude; nothing before 2001 or when it does not fit.
std::optional<int64_t> epoch_by_magnitude(int64_t value);
// 2026-01-01T00:59:50.123+01:00; also a space for the T, +0100, `Z`, ` UTC`. `zone` is for a time
// that names none; without it such a time is nothing.
std::optional<int64_t> parse_rfc3339(std::string_view text,
                                     const TimeZone* zone = nullptr,
                                     int64_t near_ns = 0);
// True for the keys that devices put their time under: timestamp, ts, time, last_seen, …
bool is_time_key(std::string_view key);

}  // namespace cistern::collector
