// SPDX-License-Identifier: MIT
// IANA time zones from /usr/share/zoneinfo (RFC 8536), for payload times that name no zone.
#pragma once

#include "collector/decode/civil_time.h"
#include "store/base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

class TimeZone {
  public:
    // "Europe/Berlin", "UTC", or a fixed "+01:00". NotFound names the zone and where it was sought.
    static Result<std::shared_ptr<const TimeZone>> load(std::string_view name);
    // From the bytes of a TZif file.
    static Result<std::shared_ptr<const TimeZone>> parse(std::string_view tzif);

    // Seconds since the epoch of that local time. A time that occurs twice is the one nearer to
    // `near_s` (0 = the first), one that a jump leaves out is read with the offset before the jump.
    [[nodiscard]] int64_t to_utc(int64_t local_seconds, int64_t near_s = 0) const;
    [[nodiscard]] int64_t offset_at(int64_t utc_seconds) const;

  private:
    struct Transition {
        int64_t at = 0;
        int32_t offset = 0;
    };
    // The POSIX rule after the last transition: CET-1CEST,M3.5.0,M10.5.0/3
    struct Rule {
        bool daylight = false;
        int32_t standard_offset = 0;
        int32_t daylight_offset = 0;
        struct Date {
            int month = 0, week = 0, weekday = 0;  // M form; month 0 = not set
            int32_t seconds = 7200;
        } begin, end;
    };
    static bool parse_rule(std::string_view text, Rule& rule);
    [[nodiscard]] int64_t rule_offset(int64_t utc_seconds) const;

    int32_t first_offset_ = 0;
    std::vector<Transition> transitions_;
    Rule rule_;
};

}  // namespace cistern::collector
