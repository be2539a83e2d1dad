// SPDX-License-Identifier: MIT
// Calendar arithmetic (proleptic Gregorian, no zones).
#pragma once

#include "store/base/time_units.h"

#include <cstdint>

namespace cistern::collector {

// 2001-01-01: clocks that were never set say less.
inline constexpr int64_t kClocksAreSetNs = 978'307'200 * kNsPerSecond;

struct CivilTime {
    int year = 1970;
    int month = 1;
    int day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int64_t nanosecond = 0;
};

// Days since 1970-01-01. Howard Hinnant, "chrono-compatible low-level date algorithms".
constexpr int64_t days_from_civil(int year, int month, int day) {
    const int64_t y = month <= 2 ? year - 1 : year;
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t year_of_era = y - era * 400;
    const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

constexpr bool is_valid(const CivilTime& t) {
    constexpr int kDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool date = t.year >= 1 && t.year <= 9999 && t.month >= 1 && t.month <= 12 &&
                      t.day >= 1 && t.day <= kDays[t.month - 1];
    return date && t.hour >= 0 && t.hour <= 23 && t.minute >= 0 && t.minute <= 59 &&
           t.second >= 0 && t.second <= 60;
}

// Seconds since the epoch as if the time were UTC.
constexpr int64_t seconds_of(const CivilTime& t) {
    return days_from_civil(t.year, t.month, t.day) * 86400 + t.hour * 3600 + t.minute * 60 +
           t.second;
}

}  // namespace cistern::collector
