// SPDX-License-Identifier: MIT
// What commands print for people: errors, tables, a progress bar.
#pragma once

#include "store/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::app {

// "cistern: MESSAGE" on stderr; returns kExitProblem.
int report(const Error& error);

// Columns as wide as their content; a column whose cells are all numbers is right-aligned.
class Table {
  public:
    explicit Table(std::vector<std::string> header);
    void row(std::vector<std::string> cells);
    [[nodiscard]] std::string to_string() const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

// "12.3 MiB"
std::string human_bytes(uint64_t bytes);
// 1234567 -> "1,234,567"
std::string human_count(uint64_t count);

// A bar on stderr, drawn only when that is a terminal and at most ten times a second.
class ProgressBar {
  public:
    ProgressBar(std::string what, uint64_t total);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    void advance_to(uint64_t done);

  private:
    void draw();

    const std::string what_;
    const uint64_t total_;
    const bool visible_;
    uint64_t done_ = 0;
    int64_t drawn_at_ns_ = 0;
};

}  // namespace cistern::app
