// SPDX-License-Identifier: MIT
// Names out of what devices call things.
#pragma once

#include <string>
#include <string_view>

namespace cistern::collector {

// `_` between [a-z][A-Z] and between [A-Z]+ and [A-Z][a-z]; anything outside [A-Za-z0-9_] becomes
// `_`; lower case; runs of `_` collapse, none at the ends; a leading digit gets a `_`; empty is
// "value".
std::string snake(std::string_view text);
// The same without the last two steps; true when a character outside ASCII was lost.
bool append_snake(std::string_view text, std::string& out);
// Removes doubled and outer `_`, guards a leading digit, never empty.
void finish_name(std::string& name);

// `*` any run of characters, `?` any one.
bool glob_match(std::string_view glob, std::string_view text);

// Prometheus' suffix for a unit: "°C" -> "_celsius"; empty when there is none.
std::string_view prometheus_suffix(std::string_view unit);

uint64_t hash_text(std::string_view text);
inline uint64_t mix_hash(uint64_t a, uint64_t b) {
    const uint64_t x = (a ^ b) * 0x9e3779b97f4a7c15ULL;
    return (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9ULL;
}

// True for snaked names such as `status`, `lwt` or `online_since`.
bool speaks_of_presence(std::string_view snaked);

}  // namespace cistern::collector
