// SPDX-License-Identifier: MIT
// Filters and functions of expressions: numbers, choices, and how all of them are called.
#include "collector/decode/text_scalar.h"
#include "collector/mapping/expression_functions.h"
#include "collector/mapping/expression_node.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace cistern::collector {
namespace {

using Kind = ExprValue::Kind;
using Args = ExprArgs;

ExprValue argument(const Args& args, size_t i) {
    return expr_argument(args, i);
}

ExprValue to_float(const Args& args) {
    double value = 0;
    return !args.empty() && args[0].to_number(value) ? ExprValue::of_float(value)
                                                     : argument(args, 1);
}

// "ff" or "0xff" in base 16; base 0 takes what the prefix says.
ExprValue to_int_of_base(std::string_view text, int64_t base, const ExprValue& otherwise) {
    text = trim_scalar(text);
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative ? 1 : 0);
    constexpr std::pair<std::string_view, int64_t> kPrefixes[] = {{"0x", 16}, {"0b", 2}, {"0o", 8}};
    for (const auto& [prefix, of] : kPrefixes) {
        if (text.size() > 2 && equals_ignoring_case(text.substr(0, 2), prefix) &&
            (base == of || base == 0)) {
            text.remove_prefix(2);
            base = of;
        }
    }
    int64_t value = 0;
    if (base < 2 || base > 36) {
        return otherwise;
    }
    const auto read =
        std::from_chars(text.data(), text.data() + text.size(), value, static_cast<int>(base));
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return whole ? ExprValue::of_int(negative ? -value : value) : otherwise;
}

ExprValue to_int(const Args& args) {
    double value = 0;
    const ExprValue base = argument(args, 2);
    if (base.kind == Kind::Int && base.integer != 10 && !args[0].is_number()) {
        return to_int_of_base(args[0].to_text(), base.integer, argument(args, 1));
    }
    const bool good = !args.empty() && args[0].to_number(value) && std::fabs(value) < 9.2e18;
    return good ? ExprValue::of_int(static_cast<int64_t>(value)) : argument(args, 1);
}

ExprValue to_bool(const Args& args) {
    if (args.empty() || args[0].kind != Kind::Text) {
        return args.empty() || args[0].is_undefined() ? argument(args, 1)
                                                      : ExprValue::of_bool(args[0].truthy());
    }
    const Scalar scalar = parse_scalar(args[0].text);
    const bool known = scalar.kind == ScalarKind::Word || scalar.kind == ScalarKind::Number;
    return known ? ExprValue::of_bool(scalar.value != 0) : argument(args, 1);
}

ExprValue round(const Args& args) {
    double value = 0;
    if (args.empty() || !args[0].to_number(value)) {
        return argument(args, 3);
    }
    const int64_t digits =
        argument(args, 1).kind == Kind::Int ? std::clamp<int64_t>(args[1].integer, -15, 15) : 0;
    const std::string method = argument(args, 2).text;
    const double scale = std::pow(10.0, static_cast<double>(digits));
    const double scaled = value * scale;
    const double rounded = method == "floor"  ? std::floor(scaled)
                           : method == "ceil" ? std::ceil(scaled)
                           : method == "half" ? std::nearbyint(scaled * 2) / 2
                                              : std::nearbyint(scaled);
    return digits == 0 && method != "half" && std::fabs(rounded) < 9e15
               ? ExprValue::of_int(static_cast<int64_t>(rounded))
               : ExprValue::of_float(rounded / scale);
}

ExprValue numeric(const Args& args, double (*apply)(double, double), double otherwise) {
    double a = 0;
    double b = otherwise;
    if (args.empty() || !args[0].to_number(a)) {
        return argument(args, 2);
    }
    if (args.size() > 1 && !args[1].to_number(b)) {
        return ExprValue::undefined();
    }
    return ExprValue::of_float(apply(a, b));
}

ExprValue logarithm(const Args& args) {
    double value = 0;
    double base = 0;
    if (args.empty() || !args[0].to_number(value) || value <= 0) {
        return argument(args, 2);
    }
    const bool has_base = args.size() > 1 && args[1].to_number(base) && base > 0 && base != 1;
    return ExprValue::of_float(has_base ? std::log(value) / std::log(base) : std::log(value));
}

ExprValue bitwise(const Args& args, int64_t (*apply)(int64_t, int64_t)) {
    const ExprValue a = argument(args, 0);
    const ExprValue b = argument(args, 1);
    const auto whole = [](const ExprValue& v) {
        return v.kind == Kind::Int || v.kind == Kind::Bool;
    };
    return whole(a) && whole(b) ? ExprValue::of_int(apply(a.integer, b.integer))
                                : ExprValue::undefined();
}

ExprValue get(const Args& args) {
    ExprValue found = expr_member(argument(args, 0), argument(args, 1));
    return found.is_undefined() && args.size() > 2 ? args[2] : found;
}

ExprValue iif(const Args& args) {
    if (argument(args, 0).truthy()) {
        return args.size() > 1 ? args[1] : ExprValue::of_bool(true);
    }
    if (argument(args, 0).kind == Kind::None && args.size() > 3) {
        return args[3];
    }
    return args.size() > 2 ? args[2] : ExprValue::of_bool(false);
}

ExprValue is_number(const Args& args) {
    double ignored = 0;
    return ExprValue::of_bool(argument(args, 0).to_number(ignored));
}

ExprFunctions make_functions() {
    ExprFunctions all = {
        {"float", to_float},
        {"int", to_int},
        {"bool", to_bool},
        {"round", round},
        {"log", logarithm},
        {"abs",
         [](const Args& a) {
             return numeric(
                 a, [](double x, double) { return std::fabs(x); }, 0);
         }},
        {"multiply",
         [](const Args& a) {
             return numeric(
                 a, [](double x, double y) { return x * y; }, 1);
         }},
        {"add",
         [](const Args& a) {
             return numeric(
                 a, [](double x, double y) { return x + y; }, 0);
         }},
        {"sqrt",
         [](const Args& a) {
             return numeric(
                 a, [](double x, double) { return std::sqrt(x); }, 0);
         }},
        {"bitwise_and",
         [](const Args& a) { return bitwise(a, [](int64_t x, int64_t y) { return x & y; }); }},
        {"bitwise_or",
         [](const Args& a) { return bitwise(a, [](int64_t x, int64_t y) { return x | y; }); }},
        {"bitwise_xor",
         [](const Args& a) { return bitwise(a, [](int64_t x, int64_t y) { return x ^ y; }); }},
        {"is_number", is_number},
        {"is_defined",
         [](const Args& a) { return ExprValue::of_bool(!argument(a, 0).is_undefined()); }},
        {"get", get},
        {"iif", iif},
    };
    add_text_functions(all);
    add_list_functions(all);
    return all;
}

const ExprFunctions& functions() {
    static const ExprFunctions kFunctions = make_functions();
    return kFunctions;
}

// Where arguments given by name stand, the subject first.
struct Signature {
    std::string_view function;
    std::array<std::string_view, 4> names;
};
constexpr Signature kSignatures[] = {
    {"int", {"value", "default", "base"}},
    {"float", {"value", "default"}},
    {"bool", {"value", "default"}},
    {"round", {"value", "precision", "method", "default"}},
    {"default", {"value", "default_value", "boolean"}},
    {"d", {"value", "default_value", "boolean"}},
    {"multiply", {"value", "amount", "default"}},
    {"add", {"value", "amount", "default"}},
    {"log", {"value", "base", "default"}},
    {"average", {"value", "default"}},
    {"sort", {"value", "reverse"}},
    {"join", {"value", "d"}},
    {"map", {"value", "attribute"}},
    {"iif", {"value", "if_true", "if_false", "if_none"}},
    {"split", {"value", "sep", "maxsplit"}},
    {"timestamp_custom", {"value", "format_string", "local", "default"}},
    {"timestamp_local", {"value", "default"}},
    {"timestamp_utc", {"value", "default"}},
    {"as_datetime", {"value", "default"}},
    {"regex_findall", {"value", "find"}},
    {"regex_findall_index", {"value", "find", "index"}},
    {"regex_match", {"value", "find"}},
    {"regex_search", {"value", "find"}},
    {"regex_replace", {"value", "find", "replace"}},
};

}  // namespace

bool is_known_call(std::string_view name) {
    return name == "default" || name == "d" || name == "from_json" ||
           functions().find(name) != functions().end();
}

size_t argument_place(std::string_view function, std::string_view name) {
    for (const Signature& one : kSignatures) {
        const auto found = std::find(one.names.begin(), one.names.end(), name);
        if (one.function == function && found != one.names.end()) {
            return static_cast<size_t>(found - one.names.begin());
        }
    }
    return 0;
}

Status check_call(const ExprNode& node) {
    const bool has_pattern = node.name.rfind("regex_", 0) == 0 && node.args.size() > 1 &&
                             node.args[1]->op == ExprOp::Literal;
    const std::string error =
        has_pattern ? expr_pattern_error(node.args[1]->literal.text) : std::string();
    if (!error.empty()) {
        return fail(ErrorCode::Unsupported, "the pattern is not supported: " + error);
    }
    // The whole payload is read already; a JSON text within it is not.
    if (node.name == "from_json" &&
        (node.args.size() != 1 || node.args[0]->op != ExprOp::ValueText)) {
        return fail(ErrorCode::Unsupported, "`from_json` of anything but `value` is not supported");
    }
    return {};
}

ExprValue call(const ExprNode& node, ExprScope& scope) {
    Args args;
    for (const auto& arg : node.args) {
        args.push_back(evaluate_node(*arg, scope));
    }
    if (node.name == "default" || node.name == "d") {
        const bool also_false = argument(args, 2).truthy();
        const ExprValue subject = argument(args, 0);
        const bool missing = subject.is_undefined() || (also_false && !subject.truthy());
        return missing && !scope.ignore_default ? argument(args, 1) : subject;
    }
    // As a filter, Home Assistant's is_defined passes the value on and gives up when there is none.
    if (node.name == "is_defined" && args.size() == 1) {
        scope.keep_previous |= args[0].is_undefined();
        return args[0];
    }
    return functions().find(node.name)->second(args);
}

}  // namespace cistern::collector
