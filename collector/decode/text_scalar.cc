// SPDX-License-Identifier: MIT
#include "collector/decode/text_scalar.h"

#include <fast_float/fast_float.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace cistern::collector {
namespace {

// Sorted by bytes for binary search.
constexpr auto kUnits = [] {
    std::array units = {
        std::string_view("%"),       std::string_view("%RH"),     std::string_view("A"),
        std::string_view("Ah"),      std::string_view("B"),       std::string_view("C"),
        std::string_view("EUR"),     std::string_view("F"),       std::string_view("GB"),
        std::string_view("GHz"),     std::string_view("GJ"),      std::string_view("GW"),
        std::string_view("GWh"),     std::string_view("GiB"),     std::string_view("Hz"),
        std::string_view("J"),       std::string_view("K"),       std::string_view("KB"),
        std::string_view("KiB"),     std::string_view("L"),       std::string_view("L/h"),
        std::string_view("L/min"),   std::string_view("MB"),      std::string_view("MHz"),
        std::string_view("MJ"),      std::string_view("MW"),      std::string_view("MWh"),
        std::string_view("Mbit/s"),  std::string_view("Mbps"),    std::string_view("MiB"),
        std::string_view("Nm"),      std::string_view("Pa"),      std::string_view("TB"),
        std::string_view("V"),       std::string_view("VA"),      std::string_view("VAr"),
        std::string_view("W"),       std::string_view("W/m2"),    std::string_view("W/m²"),
        std::string_view("Wh"),      std::string_view("bar"),     std::string_view("bit/s"),
        std::string_view("bps"),     std::string_view("bytes"),   std::string_view("cd"),
        std::string_view("cm"),      std::string_view("d"),       std::string_view("dB"),
        std::string_view("dBm"),     std::string_view("days"),    std::string_view("deg"),
        std::string_view("degC"),    std::string_view("degF"),    std::string_view("fps"),
        std::string_view("ft"),      std::string_view("g"),       std::string_view("gal"),
        std::string_view("h"),       std::string_view("hPa"),     std::string_view("hours"),
        std::string_view("in"),      std::string_view("inHg"),    std::string_view("kB"),
        std::string_view("kHz"),     std::string_view("kPa"),     std::string_view("kV"),
        std::string_view("kVA"),     std::string_view("kVAh"),    std::string_view("kW"),
        std::string_view("kWh"),     std::string_view("kbit/s"),  std::string_view("kbps"),
        std::string_view("kg"),      std::string_view("km"),      std::string_view("km/h"),
        std::string_view("kn"),      std::string_view("kvar"),    std::string_view("kvarh"),
        std::string_view("kΩ"),      std::string_view("l"),       std::string_view("l/h"),
        std::string_view("l/min"),   std::string_view("lb"),      std::string_view("lm"),
        std::string_view("lqi"),     std::string_view("lux"),     std::string_view("lx"),
        std::string_view("m"),       std::string_view("m/s"),     std::string_view("m3"),
        std::string_view("m3/h"),    std::string_view("mA"),      std::string_view("mAh"),
        std::string_view("mV"),      std::string_view("mW"),      std::string_view("mbar"),
        std::string_view("mg"),      std::string_view("mg/m3"),   std::string_view("mg/m³"),
        std::string_view("min"),     std::string_view("minutes"), std::string_view("mm"),
        std::string_view("mm/h"),    std::string_view("mph"),     std::string_view("ms"),
        std::string_view("m²"),      std::string_view("m³"),      std::string_view("m³/h"),
        std::string_view("ppb"),     std::string_view("ppm"),     std::string_view("psi"),
        std::string_view("rpm"),     std::string_view("s"),       std::string_view("sec"),
        std::string_view("seconds"), std::string_view("ug/m3"),   std::string_view("var"),
        std::string_view("varh"),    std::string_view("°"),       std::string_view("°C"),
        std::string_view("°F"),      std::string_view("µS/cm"),   std::string_view("µg/m³"),
        std::string_view("µs"),      std::string_view("Ω"),       std::string_view("μg/m³"),
        std::string_view("℃"),       std::string_view("℉"),       std::string_view("㎡"),
        std::string_view("㎥")};
    std::sort(units.begin(), units.end());
    return units;
}();

constexpr std::string_view kTrueWords[] = {
    "on", "true", "open", "opened", "online", "yes", "home", "detected", "connected", "active"};
constexpr std::string_view kFalseWords[] = {"off",
                                            "false",
                                            "closed",
                                            "close",
                                            "offline",
                                            "no",
                                            "away",
                                            "not_home",
                                            "clear",
                                            "disconnected",
                                            "inactive"};
constexpr std::string_view kAbsentWords[] = {
    "", "null", "none", "nan", "-", "unknown", "unavailable", "undefined"};
constexpr std::string_view kInfinityWords[] = {
    "inf", "infinity", "-inf", "-infinity", "+inf", "+infinity"};

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

template <size_t N>
bool any_of_words(const std::string_view (&words)[N], std::string_view text) {
    for (const std::string_view word : words) {
        if (equals_ignoring_case(word, text)) {
            return true;
        }
    }
    return false;
}

// Bytes of the number at the start: sign, digits, fraction, exponent. 0 = none.
size_t number_length(std::string_view text, char decimal) {
    size_t i = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    const size_t digits = i;
    while (i < text.size() && is_digit(text[i])) {
        ++i;
    }
    size_t mantissa = i - digits;
    if (i < text.size() && text[i] == decimal) {
        const size_t fraction = ++i;
        while (i < text.size() && is_digit(text[i])) {
            ++i;
        }
        mantissa += i - fraction;
    }
    if (mantissa == 0) {
        return 0;
    }
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        size_t exponent = i + 1;
        if (exponent < text.size() && (text[exponent] == '-' || text[exponent] == '+')) {
            ++exponent;
        }
        const size_t first = exponent;
        while (exponent < text.size() && is_digit(text[exponent])) {
            ++exponent;
        }
        i = exponent > first ? exponent : i;
    }
    return i;
}

// "07C" and "0F" are codes: a hexadecimal letter right after a zero-led integer is no unit.
bool looks_like_code(std::string_view number, std::string_view unit, bool spaced) {
    const std::string_view digits = number.substr(number[0] == '-' || number[0] == '+' ? 1 : 0);
    return !spaced && unit.size() == 1 && lower(unit[0]) >= 'a' && lower(unit[0]) <= 'f' &&
           digits[0] == '0' && digits.find_first_not_of("0123456789") == std::string_view::npos;
}

bool to_double(std::string_view number, char decimal, double& value) {
    if (number[0] == '+') {
        number.remove_prefix(1);
    }
    std::string replaced;
    if (decimal != '.') {
        replaced = number;
        std::replace(replaced.begin(), replaced.end(), decimal, '.');
        number = replaced;
    }
    const auto parsed = fast_float::from_chars(number.data(), number.data() + number.size(), value);
    return parsed.ec == std::errc() && parsed.ptr == number.data() + number.size() &&
           std::isfinite(value);
}

bool is_inexact_integer(std::string_view number, double value) {
    constexpr double kLastExact = 9007199254740992.0;  // 2^53; the integer after it is read as it
    const bool is_larger =
        std::fabs(value) > kLastExact || (std::fabs(value) == kLastExact && number.ends_with('3'));
    return is_larger && number.find_first_of(".eE") == std::string_view::npos;
}

Scalar parse_word(std::string_view text, bool words) {
    Scalar out;
    out.text = text;
    constexpr size_t kLongestWord = 12;
    if (text.size() > kLongestWord) {
        return out;
    }
    if (any_of_words(kAbsentWords, text)) {
        out.kind = ScalarKind::Absent;
    } else if (any_of_words(kInfinityWords, text)) {
        out.kind = ScalarKind::Rejected;
    } else if (words && any_of_words(kTrueWords, text)) {
        out.kind = ScalarKind::Word;
        out.value = 1;
    } else if (words && any_of_words(kFalseWords, text)) {
        out.kind = ScalarKind::Word;
    }
    return out;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return lower(x) == lower(y);
           });
}

bool is_known_unit(std::string_view unit) {
    return std::binary_search(kUnits.begin(), kUnits.end(), unit);
}

std::string_view trim_scalar(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text.substr(0, 3) == kByteOrderMark) {
        text.remove_prefix(3);
    }
    const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (is_space(text.back()) || text.back() == '\0')) {
        text.remove_suffix(1);
    }
    return text;
}

Scalar parse_scalar(std::string_view input, const ScalarSyntax& syntax) {
    const std::string_view text = trim_scalar(input);
    const size_t length = number_length(text, syntax.decimal);
    if (length == 0) {
        return parse_word(text, syntax.words);
    }
    Scalar out;
    out.text = text;
    const std::string_view number = text.substr(0, length);
    std::string_view unit = text.substr(length);
    const bool spaced = !unit.empty() && unit[0] == ' ';
    while (!unit.empty() && unit[0] == ' ') {
        unit.remove_prefix(1);
    }
    const bool unit_fits = unit.empty() || (syntax.units && is_known_unit(unit) &&
                                            !looks_like_code(number, unit, spaced));
    if (!unit_fits) {
        return out;
    }
    if (!to_double(number, syntax.decimal, out.value)) {
        out.value = 0;  // not the infinity that it was read as
        out.kind = ScalarKind::Rejected;
        return out;
    }
    out.kind = ScalarKind::Number;
    out.unit = unit;
    out.inexact = is_inexact_integer(number, out.value);
    return out;
}

}  // namespace cistern::collector
