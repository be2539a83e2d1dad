// SPDX-License-Identifier: MIT
#include "store/engine/file_names.h"

#include "store/engine/period.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::store {
namespace {

constexpr std::string_view kPrefix = "data-";
constexpr std::string_view kExtension = ".cst";
constexpr std::string_view kTemporary = ".tmp";

}  // namespace

std::string partition_file_name(PartitionPeriod kind, TimestampNs begin, uint32_t generation) {
    return fmt::format("{}{}.{}{}", kPrefix, period_name(kind, begin), generation, kExtension);
}

bool is_partition(std::string_view name) {
    return name.starts_with(kPrefix) && name.ends_with(kExtension);
}

bool is_partition_or_temporary(std::string_view name) {
    return is_partition(name) || name.ends_with(kTemporary);
}

std::string messages_path(const std::string& folder) {
    return fmt::format("{}/{}/messages.bin", folder, kWalFolder);
}

void sort_files(FileList& files) {
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
        const FileInfo& left = a->info();
        const FileInfo& right = b->info();
        return left.period.begin != right.period.begin ? left.period.begin < right.period.begin
                                                       : left.generation < right.generation;
    });
    for (size_t i = 1; i < files.size(); ++i) {
        const TimeRange& before = files[i - 1]->info().period;
        const TimeRange& after = files[i]->info().period;
        if (before != after && after.begin < before.end) {
            std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
                return a->info().generation < b->info().generation;
            });
            return;
        }
    }
}

}  // namespace cistern::store
