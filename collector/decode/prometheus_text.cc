// SPDX-License-Identifier: MIT
#include "collector/decode/line_formats.h"
#include "collector/decode/record_list.h"
#include "collector/decode/text_scalar.h"
#include "collector/decode/tree_builder.h"
#include "store/base/time_units.h"

#include <fmt/format.h>

#include <charconv>

namespace cistern::collector {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t';
}

void skip_spaces(std::string_view& rest) {
    while (!rest.empty() && is_space(rest[0])) {
        rest.remove_prefix(1);
    }
}

std::string_view take_word(std::string_view& rest, std::string_view stops) {
    const size_t end = std::min(rest.find_first_of(stops), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(end);
    return word;
}

class PrometheusDecoder final : public Decoder {
  public:
    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        RecordList records(arena);
        size_t number = 0;
        while (!payload.empty()) {
            const size_t end = std::min(payload.find('\n'), payload.size());
            const std::string_view line = trim_scalar(payload.substr(0, end));
            payload.remove_prefix(std::min(end + 1, payload.size()));
            ++number;
            if (!line.empty() && line[0] != '#' && !take_line(line, arena, records)) {
                return fail(ErrorCode::InvalidArgument,
                            fmt::format("line {} is not Prometheus text", number));
            }
        }
        Decoded out;
        out.root = TRY(records.finish());
        return out;
    }

  private:
    static bool take_line(std::string_view rest, NodeArena& arena, RecordList& records) {
        RecordFields fields;
        fields.name = take_word(rest, "{ \t");
        if (fields.name.empty()) {
            return false;
        }
        skip_spaces(rest);
        if (!rest.empty() && rest[0] == '{' && !take_labels(rest, arena, fields)) {
            return false;
        }
        skip_spaces(rest);
        ScalarSyntax syntax;
        syntax.units = syntax.words = false;
        const Scalar value = parse_scalar(take_word(rest, " \t"), syntax);
        if (value.kind == ScalarKind::Text || value.text.empty()) {
            return false;
        }
        // OpenMetrics: an exemplar follows behind #.
        const std::string_view time = trim_scalar(rest.substr(0, rest.find('#')));
        if (!time.empty()) {
            int64_t ms = 0;
            const auto parsed = std::from_chars(time.data(), time.data() + time.size(), ms);
            if (parsed.ptr != time.data() + time.size() || ms > INT64_MAX / kNsPerMs ||
                ms < INT64_MIN / kNsPerMs) {
                return false;
            }
            fields.has_time = true;
            fields.time_ns = ms * kNsPerMs;
        }
        // NaN and Inf are good Prometheus, but no measurement: dropped with their reason.
        TreeBuilder build(arena);
        fields.value = value.kind == ScalarKind::Number   ? make_double(arena, value.value)
                       : value.kind == ScalarKind::Absent ? build.null()
                                                          : build.text(value.text);
        records.add(fields);
        return true;
    }

    static bool take_labels(std::string_view& rest, NodeArena& arena, RecordFields& fields) {
        rest.remove_prefix(1);
        for (;;) {
            skip_spaces(rest);
            if (!rest.empty() && rest[0] == '}') {
                rest.remove_prefix(1);
                return true;
            }
            const std::string_view name = trim_scalar(take_word(rest, "=}"));
            if (name.empty() || rest.size() < 2 || rest[0] != '=') {
                return false;
            }
            rest.remove_prefix(1);
            skip_spaces(rest);
            std::string_view value;
            if (!take_quoted(rest, arena, value)) {
                return false;
            }
            fields.labels.emplace_back(name, value);
            skip_spaces(rest);
            if (!rest.empty() && rest[0] == ',') {
                rest.remove_prefix(1);
            }
        }
    }

    static bool take_quoted(std::string_view& rest, NodeArena& arena, std::string_view& value) {
        if (rest.empty() || rest[0] != '"') {
            return false;
        }
        char* out = arena.bytes(rest.size());
        size_t size = 0;
        for (size_t i = 1; i < rest.size(); ++i) {
            if (rest[i] == '"') {
                rest.remove_prefix(i + 1);
                value = {out, size};
                return true;
            }
            if (rest[i] == '\\' && i + 1 < rest.size()) {
                ++i;
                out[size++] = rest[i] == 'n' ? '\n' : rest[i];
            } else {
                out[size++] = rest[i];
            }
        }
        return false;
    }
};

}  // namespace

std::unique_ptr<Decoder> make_prometheus_decoder() {
    return std::make_unique<PrometheusDecoder>();
}

}  // namespace cistern::collector
