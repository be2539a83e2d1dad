// SPDX-License-Identifier: MIT
#include "web/dashboards.h"

#include "store/base/crc32c.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace cistern::web {
namespace {

constexpr std::string_view kSuffix = ".json";
constexpr std::string_view kBackupFolder = "/backup";

std::string etag_of(std::string_view document) {
    return fmt::format(
        "\"{:08x}-{:x}\"", crc32c(std::as_bytes(std::span(document))), document.size());
}

std::string title_of(const std::string& document) {
    const auto parsed = nlohmann::json::parse(document, nullptr, false);
    if (!parsed.is_object() || !parsed.contains("title") || !parsed["title"].is_string()) return {};
    return parsed["title"].get<std::string>();
}

Error no_such(std::string_view id) {
    return {ErrorCode::NotFound, fmt::format("dashboard \"{}\" does not exist", id)};
}

Status check_id(std::string_view id) {
    if (Dashboards::is_id(id)) return {};
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("dashboard id \"{}\" must be [a-z0-9][a-z0-9_-]{{0,63}}", id.substr(0, 80)));
}

}  // namespace

bool Dashboards::is_id(std::string_view id) {
    const auto ordinary = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !id.empty() && id.size() <= 64 && ordinary(id.front()) &&
           std::all_of(
               id.begin(), id.end(), [&](char c) { return ordinary(c) || c == '_' || c == '-'; });
}

std::string Dashboards::path_of(std::string_view id) const {
    return fmt::format("{}/{}{}", folder_, id, kSuffix);
}

Result<std::vector<std::string>> Dashboards::ids() const {
    std::vector<std::string> found;
    if (!TRY(fs_.exists(folder_))) return found;
    for (const DirectoryEntry& entry : TRY(fs_.list(folder_))) {
        const std::string_view name = entry.name;
        if (entry.is_directory || !name.ends_with(kSuffix)) continue;
        const std::string_view id = name.substr(0, name.size() - kSuffix.size());
        if (is_id(id)) found.emplace_back(id);
    }
    return found;
}

Result<DashboardFile> Dashboards::read_locked(std::string_view id) const {
    if (!is_id(id) || !TRY(fs_.exists(path_of(id)))) return tl::unexpected(no_such(id));
    DashboardFile file;
    file.id = id;
    file.document = TRY(read_file(fs_, path_of(id)));
    file.etag = etag_of(file.document);
    return file;
}

Result<DashboardFile> Dashboards::read(std::string_view id) const {
    const MutexLock lock(mutex_);
    return read_locked(id);
}

Result<std::vector<DashboardSummary>> Dashboards::list() const {
    const MutexLock lock(mutex_);
    std::vector<DashboardSummary> summaries;
    for (const std::string& id : TRY(ids())) {
        const auto file = read_locked(id);
        if (file) summaries.push_back({id, title_of(file->document), file->etag});
    }
    return summaries;
}

Status Dashboards::check(std::string_view id, const Condition& condition) const {
    const auto now = read_locked(id);
    if (!now && now.error().code != ErrorCode::NotFound) return tl::unexpected(now.error());
    if (condition.if_none_match && now) {
        return fail(ErrorCode::Unavailable, fmt::format("dashboard \"{}\" exists already", id));
    }
    if (condition.if_match.empty()) return {};
    const bool same = now && (condition.if_match == "*" ||
                              condition.if_match.find(now->etag) != std::string::npos);
    if (same) return {};
    return fail(ErrorCode::Unavailable,
                fmt::format("dashboard \"{}\" was changed by somebody else", id));
}

Status Dashboards::back_up(std::string_view id) {
    const auto now = read_locked(id);
    if (!now) return {};
    const std::string folder = folder_ + std::string(kBackupFolder);
    TRY(fs_.create_directories(folder));
    // Milliseconds, zero-filled, so that names sort by age.
    const std::string name = fmt::format("{}.{:015}.json", id, clock_.now_ns() / 1'000'000);
    TRY(write_file_atomically(fs_, folder + "/" + name, now->document));
    std::vector<std::string> backups;
    const std::string prefix = fmt::format("{}.", id);
    for (const DirectoryEntry& entry : TRY(fs_.list(folder))) {
        if (entry.name.starts_with(prefix)) backups.push_back(entry.name);
    }
    for (size_t i = 0; i + kDashboardBackups < backups.size(); ++i)
        TRY(fs_.remove(folder + "/" + backups[i]));
    return {};
}

Result<DashboardFile> Dashboards::write(std::string_view id,
                                        std::string_view document,
                                        const Condition& condition) {
    TRY(check_id(id));
    const auto faults = faults_of(document);
    if (!faults.empty())
        return fail(ErrorCode::InvalidArgument, fmt::format("{}", fmt::join(faults, "; ")));
    const MutexLock lock(mutex_);
    TRY(check(id, condition));
    TRY(fs_.create_directories(folder_));
    if (TRY(ids()).size() >= kDashboardsMax && !TRY(fs_.exists(path_of(id)))) {
        return fail(ErrorCode::ResourceExhausted,
                    fmt::format("there are {} dashboards already", kDashboardsMax));
    }
    TRY(back_up(id));
    TRY(write_file_atomically(fs_, path_of(id), document));
    return DashboardFile{std::string(id), std::string(document), etag_of(document)};
}

Status Dashboards::remove(std::string_view id, const Condition& condition) {
    const MutexLock lock(mutex_);
    TRY(read_locked(id));
    TRY(check(id, condition));
    TRY(back_up(id));
    TRY(fs_.remove(path_of(id)));
    return fs_.sync_directory(folder_);
}

}  // namespace cistern::web
