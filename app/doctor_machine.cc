// SPDX-License-Identifier: MIT
#include "app/doctor.h"
#include "app/terminal.h"
#include "store/base/clock.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/timex.h>

#include <filesystem>

namespace cistern::app {
namespace {

using Severity = Finding::Severity;

void examine_disk(FileSystem& fs, const std::string& root, Findings& into) {
    std::error_code ignored;
    std::filesystem::path place = std::filesystem::absolute(root, ignored);
    while (!place.empty() && !std::filesystem::exists(place, ignored) && place.has_parent_path() &&
           place != place.parent_path()) {
        place = place.parent_path();
    }
    const auto space = fs.space(place.string());
    if (!space.has_value()) {
        into.push_back({Severity::Problem, "machine", space.error().message, "check --root", ""});
        return;
    }
    constexpr uint64_t kLow = 512ULL << 20;
    const bool low = space->free_bytes < kLow;
    into.push_back({low ? Severity::Problem : Severity::Good,
                    "machine",
                    fmt::format("{} free at {}", human_bytes(space->free_bytes), place.string()),
                    low ? "make room, or shorten retention in manifest.toml" : "",
                    ""});
    struct stat about {};
    if (::stat(root.c_str(), &about) == 0 && (about.st_mode & S_IWOTH) != 0) {
        into.push_back({Severity::Problem,
                        "machine",
                        root + " can be written by everybody",
                        "chmod o-w " + root,
                        ""});
    }
}

void examine_clock(Findings& into) {
    constexpr int64_t kEarliest = 1'735'689'600'000'000'000;  // 2025
    timex state{};
    if (system_clock().now_ns() < kEarliest) {
        into.push_back({Severity::Problem,
                        "machine",
                        "the clock stands before 2025",
                        "set it, and add NTP or a battery-backed clock",
                        ""});
    } else if (::adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
        into.push_back({Severity::Note,
                        "machine",
                        "the kernel does not know of a synchronised clock",
                        "run an NTP client (systemd-timesyncd, chrony): arrival times are the "
                        "machine's",
                        ""});
    } else {
        into.push_back({Severity::Good, "machine", "the clock is synchronised", "", ""});
    }
}

}  // namespace

void examine_machine(FileSystem& fs, const MachineFiles& files, Findings& into) {
    examine_disk(fs, files.root, into);
    examine_clock(into);
    for (const std::string& file : files.secrets) {
        struct stat about {};
        if (::stat(file.c_str(), &about) != 0) {
            into.push_back({Severity::Problem,
                            "machine",
                            file + " cannot be read",
                            "create it, or correct the setting that names it",
                            ""});
        } else if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
            into.push_back({Severity::Problem,
                            "machine",
                            fmt::format("{} can be read by others (mode {:o})",
                                        file,
                                        static_cast<unsigned>(about.st_mode & 0777)),
                            "chmod 600 " + file,
                            ""});
        }
    }
}

}  // namespace cistern::app
