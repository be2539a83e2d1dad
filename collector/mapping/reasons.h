// SPDX-License-Identifier: MIT
// Why something was not stored: the fixed set of `reason` label values. docs/rules.md explains
// each.
#pragma once

#include <string_view>

namespace cistern::collector::reason {

// Of a whole message.
inline constexpr std::string_view kOversize = "oversize";
inline constexpr std::string_view kBadTopic = "bad_topic";
inline constexpr std::string_view kBinary = "binary_undecoded";
inline constexpr std::string_view kDecodeError = "decode_error";
inline constexpr std::string_view kTooDeep = "too_deep";
inline constexpr std::string_view kTooManyFields = "too_many_fields";
inline constexpr std::string_view kUnmatched = "unmatched";
inline constexpr std::string_view kIgnored = "ignored";
inline constexpr std::string_view kRandomTopic = "random_topic";
inline constexpr std::string_view kBadDatabase = "bad_database";
inline constexpr std::string_view kTopicTooLong = "topic_too_long";
inline constexpr std::string_view kMetadata = "metadata";
// Of a field.
inline constexpr std::string_view kAbsent = "absent";
inline constexpr std::string_view kNotFinite = "not_finite";
inline constexpr std::string_view kUnmapped = "unmapped";
inline constexpr std::string_view kSentinel = "sentinel";
inline constexpr std::string_view kUnchanged = "unchanged";
inline constexpr std::string_view kFiltered = "filtered";
inline constexpr std::string_view kTooOld = "too_old";
inline constexpr std::string_view kSeriesLimit = "series_limit";
inline constexpr std::string_view kBadName = "bad_name";
inline constexpr std::string_view kMissingLabel = "missing_label";
inline constexpr std::string_view kMissingField = "missing_field";
inline constexpr std::string_view kUnsupportedTemplate = "unsupported_template";
inline constexpr std::string_view kUnsupportedType = "unsupported_type";
// Sparkplug.
inline constexpr std::string_view kUnknownAlias = "unknown_alias";
inline constexpr std::string_view kBeforeBirth = "before_birth";
inline constexpr std::string_view kTransient = "transient";
inline constexpr std::string_view kOldSession = "old_session";
inline constexpr std::string_view kControl = "control";
// Notes: stored, but odd.
inline constexpr std::string_view kTimeInFuture = "time_in_future";
inline constexpr std::string_view kTimeTooOld = "time_too_old";
inline constexpr std::string_view kTimeInvalid = "time_invalid";
inline constexpr std::string_view kDuplicateKey = "duplicate_key";
inline constexpr std::string_view kInexact = "inexact_integer";
inline constexpr std::string_view kRepaired = "repaired_json";
inline constexpr std::string_view kNameCollision = "name_collision";
inline constexpr std::string_view kHeld = "held_for_birth";
inline constexpr std::string_view kSequenceGap = "sequence_gap";

}  // namespace cistern::collector::reason
