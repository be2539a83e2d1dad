// SPDX-License-Identifier: MIT
#include "collector/mapping/entity_group.h"

#include <algorithm>

namespace cistern::collector {

bool EntityGroup::covers(const std::vector<std::string_view>& path) const {
    if (whole) {
        return true;
    }
    return std::any_of(paths.begin(), paths.end(), [&](const std::vector<std::string>& taken) {
        return taken.size() <= path.size() && std::equal(taken.begin(), taken.end(), path.begin());
    });
}

}  // namespace cistern::collector
