// SPDX-License-Identifier: MIT
#include "app/terminal.h"

#include "app/command_line.h"
#include "store/base/clock.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace cistern::app {
namespace {

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789.,-+e% ") == std::string_view::npos;
}

// Columns on a terminal: UTF-8 continuation bytes take no room.
size_t width_of(std::string_view text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

}  // namespace

int report(const Error& error) {
    fmt::print(stderr, "cistern: {}\n", error.message);
    return kExitProblem;
}

Table::Table(std::vector<std::string> header) {
    rows_.push_back(std::move(header));
}

void Table::row(std::vector<std::string> cells) {
    cells.resize(rows_.front().size());
    rows_.push_back(std::move(cells));
}

std::string Table::to_string() const {
    const size_t columns = rows_.front().size();
    std::vector<size_t> widths(columns, 0);
    std::vector<bool> numeric(columns, rows_.size() > 1);
    for (size_t r = 0; r < rows_.size(); ++r) {
        for (size_t c = 0; c < columns; ++c) {
            widths[c] = std::max(widths[c], width_of(rows_[r][c]));
            numeric[c] = numeric[c] && (r == 0 || rows_[r][c].empty() || is_number(rows_[r][c]));
        }
    }
    std::string out;
    for (const auto& row : rows_) {
        std::string line;
        for (size_t c = 0; c < columns; ++c) {
            const std::string gap(widths[c] - width_of(row[c]), ' ');
            line += (c > 0 ? "  " : "") + (numeric[c] ? gap + row[c] : row[c] + gap);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::string human_bytes(uint64_t bytes) {
    constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(bytes);
    size_t unit = 0;
    while (value >= 1024 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string human_count(uint64_t count) {
    std::string digits = std::to_string(count);
    for (size_t at = digits.size(); at > 3; at -= 3) {
        digits.insert(at - 3, ",");
    }
    return digits;
}

ProgressBar::ProgressBar(std::string what, uint64_t total)
    : what_(std::move(what)),
      total_(std::max<uint64_t>(total, 1)),
      visible_(::isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
    if (visible_) {
        fmt::print(stderr, "\r\x1b[K");
    }
}

void ProgressBar::advance_to(uint64_t done) {
    constexpr int64_t kRedrawNs = 100'000'000;
    done_ = std::min(done, total_);
    const int64_t now = system_clock().monotonic_ns();
    if (visible_ && now - drawn_at_ns_ >= kRedrawNs) {
        drawn_at_ns_ = now;
        draw();
    }
}

void ProgressBar::draw() {
    constexpr uint64_t kWidth = 40;
    const auto filled = static_cast<size_t>(done_ * kWidth / total_);
    fmt::print(stderr,
               "\r{} [{}{}] {:3} %",
               what_,
               std::string(filled, '#'),
               std::string(kWidth - filled, '.'),
               done_ * 100 / total_);
    std::fflush(stderr);
}

}  // namespace cistern::app
