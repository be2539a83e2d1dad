// SPDX-License-Identifier: MIT
// Filters, string methods and functions of expressions.
#include "collector/decode/text_scalar.h"
#include "collector/mapping/expression_node.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace cistern::collector {
namespace {

using Kind = ExprValue::Kind;
using Args = std::vector<ExprValue>;  // the subject first

ExprValue argument(const Args& args, size_t i) {
    return i < args.size() ? args[i] : ExprValue::undefined();
}

ExprValue to_float(const Args& args) {
    double value = 0;
    return !args.empty() && args[0].to_number(value) ? ExprValue::of_float(value)
                                                     : argument(args, 1);
}

ExprValue to_int(const Args& args) {
    double value = 0;
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
        return ExprValue::undefined();
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

ExprValue text_case(const Args& args, char first, char last, int delta) {
    if (args.empty() || args[0].is_undefined()) {
        return ExprValue::undefined();
    }
    std::string text = args[0].to_text();
    for (char& c : text) {
        c = c >= first && c <= last ? static_cast<char>(c + delta) : c;
    }
    return ExprValue::of_text(text);
}

ExprValue replace(const Args& args) {
    if (args.size() < 3 || args[0].is_undefined()) {
        return ExprValue::undefined();
    }
    std::string text = args[0].to_text();
    const std::string from = args[1].to_text();
    const std::string to = args[2].to_text();
    constexpr size_t kTextMax = 1 << 16;
    for (size_t at = text.find(from);
         !from.empty() && at != std::string::npos && text.size() < kTextMax;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return ExprValue::of_text(text);
}

ExprValue split(const Args& args) {
    ExprValue list;
    if (args.empty() || args[0].kind != Kind::Text) {
        return list;
    }
    list.kind = Kind::List;
    const std::string separator = args.size() > 1 ? args[1].to_text() : " ";
    std::string_view rest = args[0].text;
    constexpr size_t kPartsMax = 1000;
    while (!separator.empty() && list.list.size() < kPartsMax) {
        const size_t at = rest.find(separator);
        list.list.push_back(ExprValue::of_text(rest.substr(0, at)));
        if (at == std::string_view::npos) {
            break;
        }
        rest.remove_prefix(at + separator.size());
    }
    return list;
}

ExprValue extreme(const Args& args, bool largest) {
    const Args& all = args.size() == 1 && args[0].kind == Kind::List ? args[0].list : args;
    ExprValue best;
    for (const ExprValue& one : all) {
        if (best.is_undefined() || expr_compare(one, best) == (largest ? 1 : -1)) {
            best = one;
        }
    }
    return best;
}

ExprValue length(const Args& args) {
    const ExprValue value = argument(args, 0);
    switch (value.kind) {
        case Kind::Text:
            return ExprValue::of_int(static_cast<int64_t>(value.text.size()));
        case Kind::List:
            return ExprValue::of_int(static_cast<int64_t>(value.list.size()));
        case Kind::Tree:
            return ExprValue::of_int(value.node->size);
        default:
            return ExprValue::undefined();
    }
}

ExprValue numeric(const Args& args, double (*apply)(double, double), double otherwise) {
    double a = 0;
    double b = otherwise;
    if (args.empty() || !args[0].to_number(a)) {
        return ExprValue::undefined();
    }
    if (args.size() > 1 && !args[1].to_number(b)) {
        return ExprValue::undefined();
    }
    return ExprValue::of_float(apply(a, b));
}

ExprValue edge(const Args& args, size_t which) {
    const ExprValue value = argument(args, 0);
    const int64_t size = length(args).integer;
    return size == 0 ? ExprValue::undefined()
                     : expr_member(value, ExprValue::of_int(which == 0 ? 0 : size - 1));
}

bool starts_with(const Args& args) {
    return args.size() > 1 && args[0].to_text().rfind(args[1].to_text(), 0) == 0;
}
bool ends_with(const Args& args) {
    const std::string text = argument(args, 0).to_text();
    const std::string end = argument(args, 1).to_text();
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
}

using Function = ExprValue (*)(const Args&);

const std::map<std::string, Function, std::less<>>& functions() {
    static const std::map<std::string, Function, std::less<>> kFunctions = {
        {"float", to_float},
        {"int", to_int},
        {"bool", to_bool},
        {"round", round},
        {"replace", replace},
        {"split", split},
        {"length", length},
        {"count", length},
        {"string", [](const Args& a) { return ExprValue::of_text(argument(a, 0).to_text()); }},
        {"lower", [](const Args& a) { return text_case(a, 'A', 'Z', 32); }},
        {"upper", [](const Args& a) { return text_case(a, 'a', 'z', -32); }},
        {"trim",
         [](const Args& a) { return ExprValue::of_text(trim_scalar(argument(a, 0).to_text())); }},
        {"strip",
         [](const Args& a) { return ExprValue::of_text(trim_scalar(argument(a, 0).to_text())); }},
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
        {"max", [](const Args& a) { return extreme(a, true); }},
        {"min", [](const Args& a) { return extreme(a, false); }},
        {"first", [](const Args& a) { return edge(a, 0); }},
        {"last", [](const Args& a) { return edge(a, 1); }},
        {"startswith", [](const Args& a) { return ExprValue::of_bool(starts_with(a)); }},
        {"endswith", [](const Args& a) { return ExprValue::of_bool(ends_with(a)); }},
        {"is_number",
         [](const Args& a) {
             double ignored = 0;
             return ExprValue::of_bool(argument(a, 0).to_number(ignored));
         }},
        {"is_defined",
         [](const Args& a) { return ExprValue::of_bool(!argument(a, 0).is_undefined()); }},
        {"get",
         [](const Args& a) {
             ExprValue found = expr_member(argument(a, 0), argument(a, 1));
             return found.is_undefined() && a.size() > 2 ? a[2] : found;
         }},
        {"iif",
         [](const Args& a) {
             const bool condition = argument(a, 0).truthy();
             return condition ? (a.size() > 1 ? a[1] : ExprValue::of_bool(true))
                              : (a.size() > 2 ? a[2] : ExprValue::of_bool(false));
         }},
    };
    return kFunctions;
}

}  // namespace

bool is_known_call(std::string_view name) {
    return name == "default" || name == "d" || functions().find(name) != functions().end();
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
