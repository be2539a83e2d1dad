// SPDX-License-Identifier: MIT
// Everything the rule language can say, as plain data: config fills it from TOML, presets fill it
// in code, the mapper compiles it. docs/rules.md teaches the language. Durations are ns.
#pragma once

#include "collector/decode/decoder_spec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cistern::collector {

// Name or glob (`*` any run, `?` any one character) -> something, in the order written; first match
// wins.
template <class T>
using ByName = std::vector<std::pair<std::string, T>>;

// Payload word -> number. Compared exactly first, then ignoring ASCII case.
using ValueMap = std::vector<std::pair<std::string, double>>;

enum class OnUnmapped : uint8_t {
    Scalar,  // go on with the text scalar table (default)
    Text,    // keep as text
    Drop,    // no sample, counted as `unmapped`
};

enum class LatePolicy : uint8_t { Accept, Drop };

// stale_after = "auto" | "never" | a duration.
inline constexpr int64_t kStaleAfterAuto = 0;
inline constexpr int64_t kStaleAfterNever = -1;

// on_change = { deadband = 0.2 | "5%", max_gap = "10m" } or on_change = true
struct OnChangeOptions {
    double deadband = 0;
    bool percent = false;    // deadband is a share of the last stored value, in percent
    int64_t max_gap_ns = 0;  // a sample at least this often; 0 = no such promise
};

// timestamp = { field = "$.meta.ts", format = "unix_ms", tz = "Europe/Berlin", … }
struct TimestampOptions {
    // A path ($.a.b, $$.a from the root), or several with | between: the first that is there.
    // Empty = time of reception.
    std::string field;
    std::string
        format;      // empty or auto, rfc3339, unix, unix_ms, unix_us, unix_ns, or strptime style
    std::string tz;  // IANA zone of a time that names none
    std::optional<int64_t> max_past_ns;
    std::optional<int64_t> max_future_ns;
    bool fallback_auto = false;  // where field is absent or bad, the usual keys are tried
};

// flatten = { key_label = ["sensor"], exclude = ["*.tF"], … }
struct FlattenOptions {
    std::vector<std::string> key_label;       // the first levels' object keys become these labels
    std::vector<std::string> prefix_instead;  // …but these keys stay a name prefix (globs)
    std::vector<std::string> include;         // globs over dotted paths or names; empty = all
    std::vector<std::string> exclude;
    ByName<std::vector<double>> sentinel;  // name -> values that mean "not there"
    // Keys like POWER{channel} or {component}:{channel}: captures become labels, the second text is
    // the name that is left ("" = none).
    std::vector<std::pair<std::string, std::string>> key_patterns;
    std::string array_label = "index";
    bool time_keys = true;   // timestamp, ts, time, … are the time, not samples
    bool identities = true;  // id, mac, model, … that are strings are not samples
    bool envelopes = true;   // {value, unit, quality, timestamp} is one value
};

// scalar = { units = true, map = {…}, decimal = "," }
struct ScalarOptions {
    bool units = true;  // "21.5 °C" is 21.5 with a unit
    bool words = true;  // on, off, open, …
    char decimal = '.';
    ValueMap map;
};

// [[rule.value]]
struct ValueOptions {
    std::string path;
    std::string metric;  // template; empty = named after the path
    std::string unit;
    std::string type;  // gauge, counter or empty
    double scale = 1;
    double offset = 0;
    ValueMap map;
    OnUnmapped on_unmapped = OnUnmapped::Scalar;
    std::vector<std::pair<std::string, std::string>> labels;  // besides the rule's
    std::string expr;  // an expression over `value`, applied before scale and offset
    std::optional<OnChangeOptions> on_change;
};

// Raw payloads kept for replay: raw = { keep = "7d", max = "512MiB" }
struct RawOptions {
    int64_t keep_ns = 0;
    uint64_t max_bytes = 0;
};

// What a preset's availability topic does besides the sample `available`.
struct AvailabilityOptions {
    std::string online;  // payload or the field's value; empty = the word table
    std::string offline;
    std::vector<std::string>
        stale_labels;  // series with these labels' values go stale when offline
};

struct RuleOptions {
    std::string name;
    uint32_t line = 0;                // in the settings file, for messages; 0 = from elsewhere
    std::vector<std::string> topics;  // patterns: +, #, {name}, {name...}, {name=a|b}, x{name}y
    int qos = 1;
    DecoderSpec decode;
    std::string match;  // expression over the payload; false = this rule does not apply
    std::string db;     // template; empty = [defaults] db
    std::vector<std::string> allowed_db;
    std::string metric;  // template; {field} = the field's own name
    std::vector<std::pair<std::string, std::string>> labels;  // name, template
    std::vector<ValueOptions> values;
    std::string root;   // path: only this part of the payload
    std::string each;   // path with [*]: $ is one element at a time
    std::string value;  // path within `each`
    std::string when;   // expression; an element or message for which it is false is left out
    std::optional<FlattenOptions> flatten;
    ScalarOptions scalar;
    ByName<std::string> rename;
    ByName<std::string> unit;  // unit = "W" is {"*", "W"}; "$$.TempUnit" takes it from the payload
    ByName<std::string> type;
    ByName<double> scale;
    ByName<double> offset;
    ByName<ValueMap> map;
    std::vector<std::string> monotonic;  // counters that go on where a device starts from zero
    std::vector<std::string> text;       // fields kept as text whatever they look like
    OnUnmapped on_unmapped = OnUnmapped::Scalar;
    std::optional<OnChangeOptions> on_change;
    std::optional<TimestampOptions>
        timestamp;  // absent = the usual time keys; field empty = reception
    LatePolicy late = LatePolicy::Accept;
    std::optional<int64_t> stale_after_ns;  // kStaleAfterAuto, kStaleAfterNever or ns
    bool absent_is_stale = false;           // null, "", unavailable … end the series
    std::string labels_from;                // path of an object: its members become labels
    bool epoch_dates = false;   // dates = "epoch": a text that is a full date is seconds since 1970
    bool state_series = false;  // state = "enum": metric{state="heat"} 1 for text values
    std::optional<RawOptions> raw;
    bool drop = false;            // matched and counted as `ignored`; nothing stored
    bool continue_after = false;  // `continue = true`
    uint64_t series_max = 0;      // 0 = limits.series_per_rule

    // Used by the presets.
    std::optional<AvailabilityOptions> availability;
    std::string learn_unit;  // template of a key: the payload is the unit of that key's series
    std::string unit_key;    // template: where a unit learned so is looked up
    std::string hook;        // named code for what rules cannot say; see presets.h
};

// [[ignore]]
struct IgnoreOptions {
    std::vector<std::string> topics;
};

// [[sparkplug]]
struct SparkplugOptions {
    std::string broker;               // empty = any
    std::vector<std::string> groups;  // empty = all
    int64_t reorder_timeout_ns = 2'000'000'000;
    bool rebirth = true;  // "auto": ask for rebirth when publishing is permitted
    std::string host_id;
    std::string db;  // template over group, node, device
    std::vector<std::pair<std::string, std::string>> labels = {
        {"group", "{group}"}, {"node", "{node}"}, {"device", "{device}"}};
    bool store_birth = true;
    bool datasets = false;  // cells of DataSets: label `row`, string columns as labels
    int64_t rebirth_interval_ns = 60'000'000'000;  // per node
};

// [ha_discovery]
struct HaDiscoveryOptions {
    bool enabled = true;
    std::string broker;  // empty = any
    std::string prefix = "homeassistant";
    std::vector<std::string> components;  // empty = all that carry values
    std::vector<std::string> labels = {
        "device", "area", "manufacturer", "model", "entity", "unique_id"};
    bool enrich = true;  // known families take names and units from discovery
    bool availability = true;
    bool expire_after = true;
    bool ignore_default = false;  // `| default(0)` yields no sample
};

// [[test]]: what a message must give.
struct RuleTestOptions {
    std::string name;
    uint32_t line = 0;
    std::string topic;
    std::string payload;
    bool retain = false;
    std::vector<std::string> expect;  // 'db/metric{a="b"} value'
};

struct MappingLimits {
    size_t payload_bytes = 256 << 10;
    size_t depth = 64;
    size_t samples = 512;  // per message
    size_t series_per_rule = 20000;
    size_t label_value_bytes = 1024;
    size_t known_topics = 200000;  // plans kept; the least recently used go first
};

struct MappingDefaults {
    std::string db;  // empty = the store's default database
    int64_t max_future_ns = 600'000'000'000;
    int64_t max_past_ns = 0;  // 0 = no limit
    int64_t stale_after_ns = kStaleAfterAuto;
    bool prometheus_names = false;  // naming = "prometheus": names end in _celsius, _watts, …
    MappingLimits limits;
};

struct MappingOptions {
    MappingDefaults defaults;
    std::vector<IgnoreOptions> ignores;
    std::vector<RuleOptions> rules;
    std::vector<std::string> presets = {"auto"};  // "auto" = all; [] = none; "-name" leaves one out
    bool generic = true;                          // unmatched topics go through the generic mapper
    std::vector<SparkplugOptions> sparkplug = {SparkplugOptions{}};
    HaDiscoveryOptions ha_discovery;
    std::vector<RuleTestOptions> tests;
};

}  // namespace cistern::collector
