// SPDX-License-Identifier: MIT
#include "store/engine/period.h"

#include <fmt/format.h>

#include <chrono>

namespace cistern::store {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr TimestampNs kMin = std::numeric_limits<TimestampNs>::min();
constexpr TimestampNs kMax = std::numeric_limits<TimestampNs>::max();

int64_t day_number(TimestampNs timestamp) {
    return timestamp / kNsPerDay - (timestamp % kNsPerDay < 0 ? 1 : 0);
}

TimestampNs start_of(int64_t day) {
    if (day <= kMin / kNsPerDay - 1) {
        return kMin;
    }
    return day > kMax / kNsPerDay ? kMax : day * kNsPerDay;
}

TimestampNs start_of(year_month_day date) {
    return start_of(int64_t{sys_days(date).time_since_epoch().count()});
}

year_month_day date_of(TimestampNs timestamp) {
    return year_month_day(sys_days(days(day_number(timestamp))));
}

}  // namespace

TimeRange period_of(PartitionPeriod kind, TimestampNs timestamp) {
    using std::chrono::month;
    using std::chrono::months;
    using std::chrono::years;
    const year_month_day date = date_of(timestamp);
    const year_month_day month_begin = date.year() / date.month() / 1;
    const year_month_day year_begin = date.year() / month(1) / 1;
    switch (kind) {
        case PartitionPeriod::Day: {
            const int64_t day = day_number(timestamp);
            return {start_of(day), start_of(day + 1)};
        }
        case PartitionPeriod::Month:
            return {start_of(month_begin), start_of(month_begin + months(1))};
        case PartitionPeriod::Year:
            return {start_of(year_begin), start_of(year_begin + years(1))};
        case PartitionPeriod::Forever:
            break;
    }
    return {};
}

PartitionPeriod kind_of(const TimeRange& period) {
    for (const auto kind : {PartitionPeriod::Day, PartitionPeriod::Month, PartitionPeriod::Year}) {
        if (period_of(kind, period.begin) == period) {
            return kind;
        }
    }
    return PartitionPeriod::Forever;
}

std::string period_name(PartitionPeriod kind, TimestampNs begin) {
    const year_month_day date = date_of(begin);
    const int year = static_cast<int>(date.year());
    const auto month = static_cast<unsigned>(date.month());
    switch (kind) {
        case PartitionPeriod::Day:
            return fmt::format("{:04}-{:02}-{:02}", year, month, static_cast<unsigned>(date.day()));
        case PartitionPeriod::Month:
            return fmt::format("{:04}-{:02}", year, month);
        case PartitionPeriod::Year:
            return fmt::format("{:04}", year);
        case PartitionPeriod::Forever:
            break;
    }
    return "forever";
}

}  // namespace cistern::store
