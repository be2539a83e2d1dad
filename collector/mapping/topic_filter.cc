// SPDX-License-Identifier: MIT
#include "collector/mapping/topic_filter.h"

namespace cistern::collector {
namespace {

// The next level of a topic or filter, one at a time.
class Levels {
  public:
    explicit Levels(std::string_view text) : rest_(text) {}
    bool next(std::string_view& level) {
        if (done_) {
            return false;
        }
        const size_t slash = rest_.find('/');
        level = rest_.substr(0, slash);
        done_ = slash == std::string_view::npos;
        rest_ = done_ ? std::string_view{} : rest_.substr(slash + 1);
        return true;
    }

  private:
    std::string_view rest_;
    bool done_ = false;
};

}  // namespace

bool filter_covers(std::string_view wide, std::string_view narrow) {
    if (narrow.starts_with('$') && (wide.starts_with('#') || wide.starts_with('+'))) {
        return false;
    }
    Levels wide_levels(wide);
    Levels narrow_levels(narrow);
    std::string_view a;
    std::string_view b;
    while (wide_levels.next(a)) {
        if (a == "#") {
            return true;
        }
        if (!narrow_levels.next(b)) {
            return false;
        }
        if (b == "#" || (a != "+" && a != b)) {
            return false;
        }
    }
    return !narrow_levels.next(b);
}

// A topic is a filter without wildcards, and "a/#" matches "a" as well as what is below it.
bool filter_matches(std::string_view filter, std::string_view topic) {
    return filter_covers(filter, topic);
}

std::string_view filter_fault(std::string_view filter) {
    constexpr size_t kBytesMax = 65'535;
    if (filter.empty() || filter.size() > kBytesMax) {
        return "a filter has 1 to 65535 bytes";
    }
    Levels levels(filter);
    std::string_view level;
    bool after_hash = false;
    while (levels.next(level)) {
        if (after_hash) {
            return "# must be the last level";
        }
        if (level.find_first_of("+#") != std::string_view::npos && level.size() != 1) {
            return "+ and # stand for whole levels";
        }
        after_hash = level == "#";
    }
    return {};
}

}  // namespace cistern::collector
