// SPDX-License-Identifier: MIT
#include "collector/mapping/expression.h"

#include "collector/decode/decoder.h"

#include <gtest/gtest.h>

namespace cistern::collector {
namespace {

struct Rendered {
    std::string text;
    bool undefined = false;
    bool keep = false;
};

Rendered render(std::string_view source, std::string_view payload, bool ignore_default = false) {
    const auto parsed = ValueTemplate::parse(source);
    EXPECT_TRUE(parsed.has_value()) << source << ": " << parsed.error().message;
    NodeArena arena;
    const auto decoder = make_auto_decoder({});
    const auto decoded = decoder->decode(payload, arena);
    ExprScope scope;
    scope.value = payload;
    scope.ignore_default = ignore_default;
    scope.nodes = {decoded->root, decoded->root, decoded->root};
    const ExprValue value = parsed->render(scope);
    return {value.to_text(), value.is_undefined(), scope.keep_previous};
}

std::string text(std::string_view source, std::string_view payload) {
    return render(source, payload).text;
}

TEST(ValueTemplate, FollowsPathsInEveryNotation) {
    EXPECT_EQ(text("{{ value_json.a.b }}", R"({"a":{"b":7}})"), "7");
    EXPECT_EQ(text("{{ value_json['a']['b-c'] }}", R"({"a":{"b-c":7.5}})"), "7.5");
    EXPECT_EQ(text("{{ value_json[0].x }}", R"([{"x":1}])"), "1");
    EXPECT_EQ(text("{{ value_json.a.1 }}", R"({"a":[1,2]})"), "2");
    EXPECT_EQ(text("{{ value_json.values[0] }}", R"({"values":[5]})"), "5");
    EXPECT_EQ(text("{{value_json.get('x', 3)}}", R"({})"), "3");
}

TEST(ValueTemplate, ChainsFiltersTighterThanOperators) {
    EXPECT_EQ(text("{{ value | float / 1000 }}", "21500"), "21.5");
    EXPECT_EQ(text("{{ value_json.t | round(1) }}", R"({"t":20.456})"), "20.5");
    EXPECT_EQ(
        text("{{ (value_json.a + value_json.b) | round(1, 'floor') }}", R"({"a":1.04,"b":1.04})"),
        "2.0");
    EXPECT_EQ(text("{{ value | int(0) + 1 }}", "abc"), "1");
    EXPECT_EQ(text("{{ value | multiply(0.1) | round(2) }}", "215"), "21.5");
    EXPECT_EQ(text("{{ -5 | abs }}", ""), "5.0");
    EXPECT_EQ(text("{{ 7 // 2 }} ", ""), "3");
    EXPECT_EQ(text("{{ -7 % 3 }}", ""), "2");
    EXPECT_EQ(text("{{ 2 ** 3 }}", ""), "8");
}

TEST(ValueTemplate, DecidesInlineAndInBlocks) {
    EXPECT_EQ(text("{{ 1 if value_json.state == 'heat' else 0 }}", R"({"state":"heat"})"), "1");
    EXPECT_EQ(text("{{ iif(value_json.on, 'ON', 'OFF') }}", R"({"on":false})"), "OFF");
    EXPECT_EQ(
        text("{% if value_json.id == 12 %}{{ value_json.t }}{% endif %}", R"({"id":12,"t":4.5})"),
        "4.5");
    EXPECT_TRUE(
        render("{% if value_json.id == 12 %}{{ value_json.t }}{% endif %}", R"({"id":13,"t":4.5})")
            .undefined);
    EXPECT_EQ(
        text("{%- if value == 'a' -%} 1 {%- elif value == 'b' -%} 2 {%- else -%} 3 {%- endif -%}",
             "b"),
        "2");
    EXPECT_EQ(text("{{ 'x' in value and not value_json.no is defined }}", R"({"x":1})"), "True");
    EXPECT_EQ(text("{% set k = value_json.a %}{{ k * 2 }}", R"({"a":4})"), "8");
}

TEST(ValueTemplate, TreatsMissingAsNoValue) {
    EXPECT_TRUE(render("{{ value_json.nope }}", "{}").undefined);
    EXPECT_TRUE(render("{{ value_json.a.b.c }}", R"({"a":1})").undefined);
    EXPECT_TRUE(render("{{ value_json.nope | float }}", "{}").undefined);
    EXPECT_TRUE(render("{{ value_json.nope | is_defined }}", "{}").keep);
    EXPECT_EQ(text("{{ value_json.nope | default(0) }}", "{}"), "0");
    EXPECT_TRUE(render("{{ value_json.nope | default(0) }}", "{}", true).undefined);
    EXPECT_TRUE(render("{{ value_json.t }}", "not json").undefined);
    EXPECT_TRUE(render("{{ 1 / 0 }}", "").undefined);
}

TEST(ValueTemplate, WorksOnTexts) {
    EXPECT_EQ(text("{{ value.split(';')[1] }}", "a;b;c"), "b");
    EXPECT_EQ(text("{{ value[0:4] }}", "abcdef"), "abcd");
    EXPECT_EQ(text("{{ value[-2:] }}", "abcdef"), "ef");
    EXPECT_EQ(text("{{ value | replace(',', '.') | float }}", "21,5"), "21.5");
    EXPECT_EQ(text("{{ value | upper }}{{ 'x' ~ 1 }}", "on"), "ONx1");
}

TEST(ValueTemplate, TakesArgumentsByName) {
    EXPECT_EQ(text("{{ value | int(base=16) }}", "ff"), "255");
    EXPECT_EQ(text("{{ value | int(base=16, default=7) }}", "xyz"), "7");
    EXPECT_EQ(text("{{ value | int(0, 16) }}", "0x1F"), "31");
    EXPECT_EQ(text("{{ value_json.a | round(1, default=0) }}", R"({"a":"x"})"), "0");
    EXPECT_EQ(text("{{ value | float(default=-1) }}", "x"), "-1");
    EXPECT_EQ(text("{{ value_json.a | default(boolean=true, default_value=3) }}", R"({"a":""})"),
              "3");
}

TEST(ValueTemplate, LooksUpInTablesAndLists) {
    EXPECT_EQ(text("{{ {'a':1,'b':2}[value_json.k] }}", R"({"k":"b"})"), "2");
    EXPECT_EQ(text("{{ {'a': {'x': 4}}['a']['x'] }}", ""), "4");
    EXPECT_EQ(text("{% set m = {'a':1} %}{{ m.get(value, 0) }}", "c"), "0");
    EXPECT_EQ(text("{{ ['off','heat','auto'].index(value) }}", "auto"), "2");
    EXPECT_EQ(text("{{ value_json.l | max - value_json.l | min }}", R"({"l":[1,5,3]})"), "4");
    EXPECT_EQ(text("{{ value_json.l | sum }}", R"({"l":[1,5,3]})"), "9");
    EXPECT_EQ(text("{{ (value_json.l | sort)[0] }}", R"({"l":[4,1,3]})"), "1");
    EXPECT_EQ(text("{{ value_json.l | selectattr('n','eq','b') | map(attribute='x') | first }}",
                   R"({"l":[{"n":"a","x":1},{"n":"b","x":5}]})"),
              "5");
    EXPECT_EQ(text("{{ (value | from_json).x }}", R"({"x":5})"), "5");
    EXPECT_TRUE(render("{{ value_json.l | sum }}", R"({"l":["x"]})").undefined);
}

TEST(ValueTemplate, SearchesAndFormatsTexts) {
    EXPECT_EQ(text("{{ value | regex_findall_index('([0-9.]+)') }}", "T=21.5C"), "21.5");
    EXPECT_EQ(text("{{ value | regex_findall('[0-9]+') | last }}", "a12b34"), "34");
    EXPECT_EQ(text(R"({{ value | regex_replace('[^\d.]', '') }})", "T=21.5C"), "21.5");
    EXPECT_EQ(text(R"({{ value | regex_findall_index('\d+', 1) }})", "a1b22"), "22");
    EXPECT_EQ(text("{{ value | regex_match('b') }}", "ab"), "False");
    EXPECT_EQ(text("{{ value | regex_search('b') }}", "ab"), "True");
    EXPECT_EQ(text("{{ '%.1f' | format(value_json.a) }}", R"({"a":1.26})"), "1.3");
    EXPECT_EQ(text("{{ '%05.1f' % value_json.a }}", R"({"a":1.26})"), "001.3");
    EXPECT_EQ(text("{{ '{:.2f} {}'.format(1.005, 'x') }}", ""), "1.00 x");
    EXPECT_TRUE(render("{{ '%.1f' % value }}", "abc").undefined);
    EXPECT_TRUE(render("{{ '%999999999f' % 1 }}", "").undefined);
    EXPECT_EQ(text("{{ value.rstrip('C') }}", "21C"), "21");
    EXPECT_EQ(text("{{ value.split()[1] }}", "  a  b "), "b");
    EXPECT_EQ(text("{{ value | length }}", "h\xc3\xa4\xc3\x9f"), "3");
    EXPECT_EQ(text("{{ value[1:] }}", "h\xc3\xa4\xc3\x9f"), "\xc3\xa4\xc3\x9f");
}

TEST(ValueTemplate, WritesTimes) {
    EXPECT_EQ(text("{{ value | timestamp_custom('%Y-%m-%d %H:%M', false) }}", "1767225600"),
              "2026-01-01 00:00");
    EXPECT_EQ(text("{{ value | int | timestamp_utc }}", "1767225600"), "2026-01-01T00:00:00+00:00");
    EXPECT_EQ(text("{{ as_datetime(value) }}", "2026-01-01T02:00:00+02:00"),
              "2026-01-01T00:00:00+00:00");
    EXPECT_TRUE(render("{{ value | timestamp_local }}", "soon").undefined);
}

TEST(ValueTemplate, TestsWhatAValueIs) {
    EXPECT_EQ(text("{{ 4 is even and 3 is odd and 9 is divisibleby(3) }}", ""), "True");
    EXPECT_EQ(text("{{ value_json.a is sameas true }}", R"({"a":1})"), "False");
    EXPECT_EQ(text("{{ value_json.a is not in [1, 2] }}", R"({"a":3})"), "True");
    EXPECT_EQ(text("{{ value_json.a is mapping }}", R"({"a":{}})"), "True");
}

TEST(ValueTemplate, NamesWhatItDoesNotSupport) {
    for (const char* source : {"{{ states('sensor.x') }}",
                               "{{ now() }}",
                               "{% for x in y %}{% endfor %}",
                               "{{ this.state }}",
                               "{{ value | regex_replace('(?<=a)b', '') }}",
                               "{{ value_json.a | from_json }}"}) {
        const auto parsed = ValueTemplate::parse(source);
        ASSERT_FALSE(parsed.has_value()) << source;
        EXPECT_EQ(parsed.error().code, ErrorCode::Unsupported) << source;
    }
}

TEST(ValueTemplate, RefusesBrokenSyntax) {
    for (const char* source : {"{{ value",
                               "{{ value | }}",
                               "{{ (1 }}",
                               "{{ 'a }}",
                               "{% if 1 %}x",
                               "{% endif %}",
                               "{{ }}",
                               "{{ a.b. }}",
                               "{{ 1 + }}",
                               "{{ x not y }}"}) {
        EXPECT_FALSE(ValueTemplate::parse(source).has_value()) << source;
    }
    std::string deep = "{{ ";
    deep += std::string(5000, '(');
    EXPECT_FALSE(ValueTemplate::parse(deep).has_value());
    EXPECT_FALSE(ValueTemplate::parse("{{ " + std::string(5000, '-') + "1 }}").has_value());
}

TEST(Expression, ReadsPayloadPathsOfRules) {
    NodeArena arena;
    const auto decoder = make_auto_decoder({});
    const auto decoded = decoder->decode(R"({"q":true,"type":"telemetry","n":{"a-b":3}})", arena);
    const auto truth = [&](const char* source) {
        ExprScope scope;
        scope.nodes = {decoded->root, decoded->root, decoded->root};
        return Expression::parse(source)->evaluate(scope).truthy();
    };
    EXPECT_TRUE(truth("$.q == true"));
    EXPECT_TRUE(truth("$.type in ['telemetry', 'position']"));
    EXPECT_TRUE(truth("$.n.a-b == 3 and $.missing is not defined"));
    EXPECT_TRUE(truth("$ is mapping and $$.n is mapping"));
    EXPECT_FALSE(truth("$.q == false or $.n.a-b < 3"));
}

}  // namespace
}  // namespace cistern::collector
