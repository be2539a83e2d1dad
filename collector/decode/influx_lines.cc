// SPDX-License-Identifier: MIT
#include "collector/decode/line_formats.h"
#include "collector/decode/record_list.h"
#include "collector/decode/text_scalar.h"

#include <fmt/format.h>

#include <charconv>

namespace cistern::collector {
namespace {

class InfluxDecoder final : public Decoder {
  public:
    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        RecordList records(arena);
        size_t number = 0;
        while (!payload.empty()) {
            const size_t end = std::min(payload.find('\n'), payload.size());
            const std::string_view line = trim_scalar(payload.substr(0, end));
            payload.remove_prefix(std::min(end + 1, payload.size()));
            ++number;
            if (line.empty() || line[0] == '#') {
                continue;
            }
            if (!take_line(line, arena, records)) {
                return fail(ErrorCode::InvalidArgument,
                            fmt::format("line {} is not Influx line protocol", number));
            }
        }
        Decoded out;
        out.root = TRY(records.finish());
        return out;
    }

  private:
    // Up to an unescaped byte of `stops`; quoted text is passed over when asked.
    static std::string_view take_until(std::string_view& rest,
                                       std::string_view stops,
                                       bool quotes) {
        bool quoted = false;
        size_t i = 0;
        for (; i < rest.size(); ++i) {
            if (rest[i] == '\\' && i + 1 < rest.size()) {
                ++i;
            } else if (quotes && rest[i] == '"') {
                quoted = !quoted;
            } else if (!quoted && stops.find(rest[i]) != std::string_view::npos) {
                break;
            }
        }
        const std::string_view taken = rest.substr(0, i);
        rest.remove_prefix(i);
        return taken;
    }

    static std::string_view unescape(std::string_view text, NodeArena& arena) {
        if (text.find('\\') == std::string_view::npos) {
            return text;
        }
        char* out = arena.bytes(text.size());
        size_t size = 0;
        for (size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\\' && i + 1 < text.size()) {
                ++i;
            }
            out[size++] = text[i];
        }
        return {out, size};
    }

    static bool take_line(std::string_view rest, NodeArena& arena, RecordList& records) {
        const std::string_view measurement = unescape(take_until(rest, ", ", false), arena);
        RecordFields fields;
        while (!rest.empty() && rest[0] == ',') {
            rest.remove_prefix(1);
            const std::string_view key = unescape(take_until(rest, "=, ", false), arena);
            if (rest.empty() || rest[0] != '=') {
                return false;
            }
            rest.remove_prefix(1);
            fields.labels.emplace_back(key, unescape(take_until(rest, ", ", false), arena));
        }
        if (measurement.empty() || rest.empty()) {
            return false;
        }
        rest.remove_prefix(1);
        std::string_view field_set = take_until(rest, " ", true);
        const std::string_view time = trim_scalar(rest);
        if (!time.empty()) {
            fields.has_time = true;
            const auto parsed =
                std::from_chars(time.data(), time.data() + time.size(), fields.time_ns);
            if (parsed.ec != std::errc() || parsed.ptr != time.data() + time.size()) {
                return false;
            }
        }
        return take_fields(field_set, measurement, fields, arena, records);
    }

    static bool take_fields(std::string_view rest,
                            std::string_view measurement,
                            RecordFields& fields,
                            NodeArena& arena,
                            RecordList& records) {
        while (!rest.empty()) {
            const std::string_view key = unescape(take_until(rest, "=,", false), arena);
            if (key.empty() || rest.empty() || rest[0] != '=') {
                return false;
            }
            rest.remove_prefix(1);
            const std::string_view value = take_until(rest, ",", true);
            fields.value = make_value(value, arena);
            if (fields.value == nullptr) {
                return false;
            }
            char* name = arena.bytes(measurement.size() + 1 + key.size());
            std::memcpy(name, measurement.data(), measurement.size());
            name[measurement.size()] = '_';
            std::memcpy(name + measurement.size() + 1, key.data(), key.size());
            fields.name = {name, measurement.size() + 1 + key.size()};
            records.add(fields);
            if (!rest.empty()) {
                rest.remove_prefix(1);
            }
        }
        return true;
    }

    // 1.5, 82i, 3u, t, true, "text"; null = none of these.
    static Node* make_value(std::string_view value, NodeArena& arena) {
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
            return make_text(arena, unescape(value.substr(1, value.size() - 2), arena));
        }
        if (value == "t" || value == "T" || value == "f" || value == "F") {
            return make_int(arena, value == "t" || value == "T" ? 1 : 0);
        }
        if (!value.empty() && (value.back() == 'i' || value.back() == 'u')) {
            int64_t integer = 0;
            const char* last = value.data() + value.size() - 1;
            const auto parsed = std::from_chars(value.data(), last, integer);
            return parsed.ec == std::errc() && parsed.ptr == last ? make_int(arena, integer)
                                                                  : nullptr;
        }
        ScalarSyntax syntax;
        syntax.units = false;
        const Scalar scalar = parse_scalar(value, syntax);
        const bool good = scalar.kind == ScalarKind::Number ||
                          equals_ignoring_case(value, "true") ||
                          equals_ignoring_case(value, "false");
        return good ? make_double(arena, scalar.value) : nullptr;
    }
};

}  // namespace

std::unique_ptr<Decoder> make_influx_decoder() {
    return std::make_unique<InfluxDecoder>();
}

}  // namespace cistern::collector
