// SPDX-License-Identifier: MIT
#include "collector/decode/civil_time.h"
#include "collector/decode/line_formats.h"
#include "collector/decode/record_list.h"
#include "collector/decode/text_scalar.h"

namespace cistern::collector {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

int two_digits(std::string_view text, size_t at) {
    return is_digit(text[at]) && is_digit(text[at + 1]) ? (text[at] - '0') * 10 + text[at + 1] - '0'
                                                        : -1;
}

// 260101010000W
bool parse_time(std::string_view text, int64_t& time_ns) {
    if (text.size() != 13 || (text[12] != 'W' && text[12] != 'S')) {
        return false;
    }
    CivilTime t;
    t.year = 2000 + two_digits(text, 0);
    t.month = two_digits(text, 2);
    t.day = two_digits(text, 4);
    t.hour = two_digits(text, 6);
    t.minute = two_digits(text, 8);
    t.second = two_digits(text, 10);
    if (!is_valid(t)) {
        return false;
    }
    time_ns = (seconds_of(t) - (text[12] == 'S' ? 7200 : 3600)) * kNsPerSecond;
    return true;
}

bool is_code(std::string_view text) {
    return !text.empty() && is_digit(text[0]) && text.find(':') != std::string_view::npos &&
           text.find_first_not_of("0123456789-:.*") == std::string_view::npos;
}

class ObisDecoder final : public Decoder {
  public:
    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        if (payload.find('(') == std::string_view::npos ||
            payload.find(':') == std::string_view::npos) {
            return fail(ErrorCode::InvalidArgument, "not an OBIS telegram");
        }
        RecordList records(arena);
        Telegram telegram;
        while (!payload.empty()) {
            const size_t end = std::min(payload.find('\n'), payload.size());
            take_line(trim_scalar(payload.substr(0, end)), telegram, arena, records);
            payload.remove_prefix(std::min(end + 1, payload.size()));
        }
        Decoded out;
        out.root = TRY(records.finish());
        return out;
    }

  private:
    struct Telegram {
        bool has_time = false;
        int64_t time_ns = 0;
    };

    static void take_line(std::string_view line,
                          Telegram& telegram,
                          NodeArena& arena,
                          RecordList& records) {
        const size_t open = line.find('(');
        if (open == std::string_view::npos || !is_code(line.substr(0, open))) {
            return;  // header, checksum, blank
        }
        const std::string_view code = line.substr(0, open);
        RecordFields fields;
        fields.has_time = telegram.has_time;
        fields.time_ns = telegram.time_ns;
        fields.name = name_of(code, arena);
        for (std::string_view rest = line.substr(open); !rest.empty() && rest[0] == '(';) {
            const size_t close = std::min(rest.find(')'), rest.size());
            const std::string_view group = rest.substr(1, close - 1);
            rest.remove_prefix(std::min(close + 1, rest.size()));
            int64_t time_ns = 0;
            if (parse_time(group, time_ns)) {
                fields.has_time = true;
                fields.time_ns = time_ns;
                continue;
            }
            add_value(group, fields, arena, records);
        }
        if (code == "0-0:1.0.0") {
            telegram = {fields.has_time, fields.time_ns};
        }
    }

    static void add_value(std::string_view group,
                          RecordFields& fields,
                          NodeArena& arena,
                          RecordList& records) {
        const size_t star = group.find('*');
        if (star == std::string_view::npos) {
            return;
        }
        const Scalar value = parse_scalar(group.substr(0, star));
        if (value.kind == ScalarKind::Number && value.unit.empty()) {
            fields.value = make_double(arena, value.value);
            fields.unit = group.substr(star + 1);
            records.add(fields);
        }
    }

    static std::string_view name_of(std::string_view code, NodeArena& arena) {
        constexpr std::string_view kPrefix = "obis_";
        char* out = arena.bytes(kPrefix.size() + code.size());
        std::memcpy(out, kPrefix.data(), kPrefix.size());
        for (size_t i = 0; i < code.size(); ++i) {
            out[kPrefix.size() + i] = is_digit(code[i]) ? code[i] : '_';
        }
        return {out, kPrefix.size() + code.size()};
    }
};

}  // namespace

std::unique_ptr<Decoder> make_obis_decoder() {
    return std::make_unique<ObisDecoder>();
}

}  // namespace cistern::collector
