// SPDX-License-Identifier: MIT
// hour(), day_of_week() and the other functions of the UTC calendar.
// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
#include "store/promql/instant_function.h"

#include <cmath>
#include <limits>

namespace cistern::promql {
namespace {

constexpr int64_t kSecondsPerDay = 86'400;

struct Date {
    int64_t year;
    int month;  // 1..12
    int day;    // 1..31
};

// What Go makes of a float on amd64: the lowest integer when it does not fit.
int64_t whole_seconds(double value) {
    constexpr double kBound = 9223372036854775808.0;
    return value >= -kBound && value < kBound ? static_cast<int64_t>(value)
                                              : std::numeric_limits<int64_t>::min();
}

int64_t floor_divide(int64_t value, int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

// Go counts seconds since the year 1 in uint64 before it makes a date, so far times wrap around.
uint64_t absolute_seconds(double value) {
    constexpr int64_t kUnixToAbsolute = 9223372028715321600;  // from year -292277022399
    return static_cast<uint64_t>(whole_seconds(value)) + static_cast<uint64_t>(kUnixToAbsolute);
}

// Days since the start of Go's absolute calendar, which begins a 400 year cycle on a Monday.
uint64_t absolute_day(double value) {
    return absolute_seconds(value) / kSecondsPerDay;
}

Date date_of(double value) {
    constexpr int64_t kAbsoluteYear = -292277022399;
    // The algorithm's era begins on March 1st of year 0; the absolute calendar on January 1st of a
    // year that is 1 modulo 400.
    constexpr int64_t kDaysToEra = 306;
    const auto days = static_cast<int64_t>(absolute_day(value)) + kDaysToEra;
    const int64_t era = floor_divide(days, 146'097);
    const int64_t day_of_era = days - era * 146'097;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t shifted_month = (5 * day_of_year + 2) / 153;
    const auto day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    const auto month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    const int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
    return {year - 1 + kAbsoluteYear, month, day};
}

bool is_leap(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_before_month(const Date& date) {
    constexpr int kBefore[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    return kBefore[date.month - 1] + (date.month > 2 && is_leap(date.year) ? 1 : 0);
}

double days_in_month(double value) {
    constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const Date date = date_of(value);
    return kDays[date.month - 1] + (date.month == 2 && is_leap(date.year) ? 1 : 0);
}

double day_of_year(double value) {
    const Date date = date_of(value);
    return days_before_month(date) + date.day;
}

}  // namespace

ValueFunction calendar_function(FunctionId id) {
    switch (id) {
        case FunctionId::Minute:
            return [](double v) { return static_cast<double>(absolute_seconds(v) % 3600 / 60); };
        case FunctionId::Hour:
            return [](double v) {
                return static_cast<double>(absolute_seconds(v) % kSecondsPerDay / 3600);
            };
        case FunctionId::DayOfWeek:
            return [](double v) { return static_cast<double>((absolute_day(v) + 1) % 7); };
        case FunctionId::DayOfMonth:
            return [](double v) { return static_cast<double>(date_of(v).day); };
        case FunctionId::DayOfYear:
            return day_of_year;
        case FunctionId::DaysInMonth:
            return days_in_month;
        case FunctionId::Month:
            return [](double v) { return static_cast<double>(date_of(v).month); };
        case FunctionId::Year:
            return [](double v) { return static_cast<double>(date_of(v).year); };
        default:
            return nullptr;
    }
}

}  // namespace cistern::promql
