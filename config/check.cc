// SPDX-License-Identifier: MIT
#include "config/check.h"

#include "collector/mapping/mapper.h"
#include "config/engine_config.h"
#include "store/model/line_protocol.h"
#include "store/model/series_key.h"
#include "web/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace cistern::config {
namespace {

// A sample as an [[test]] writes it, comparable.
struct TestedSample {
    std::string series;  // db/metric{labels}
    double value = 0;
};

std::string series_text(const std::string& db, const store::Labels& labels) {
    return db + "/" + labels.to_string();
}

Result<TestedSample> parse_expected(const std::string& text, const std::string& default_database) {
    store::LineParser parser(text, 0);
    if (parser.next() != store::LineParser::Step::Line) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("expected '{}' is no line such as main/t{{device=\"a\"}} 21.5: {}",
                                text,
                                parser.reason()));
    }
    const store::ParsedLine& line = parser.line();
    const store::Labels labels =
        TRY(store::parse_series_key(line.key, store::KeyDialect::LineProtocol));
    const std::string db = line.database.empty() ? default_database : std::string(line.database);
    return TestedSample{series_text(db, labels), line.value.number(line.type)};
}

bool is_same(const TestedSample& a, const TestedSample& b) {
    return a.series == b.series &&
           (a.value == b.value || std::abs(a.value - b.value) <= 1e-9 * std::abs(b.value));
}

std::vector<TestedSample> samples_of(const collector::Mapper& mapper,
                                     const collector::MappedMessage& mapped,
                                     const std::string& default_database) {
    std::vector<TestedSample> samples;
    collector::MappedSeries series;
    for (const collector::MappedSample& sample : mapped.samples) {
        if (mapper.describe(sample.series, series)) {
            const std::string& db = series.db.empty() ? default_database : series.db;
            samples.push_back({series_text(db, series.labels), sample.value});
        }
    }
    return samples;
}

// Empty when the message gives exactly what the test expects.
std::string difference(const std::vector<TestedSample>& expected,
                       const std::vector<TestedSample>& given) {
    std::string text;
    const auto missing_from = [&text](const auto& from, const auto& among, const char* verb) {
        for (const TestedSample& sample : from) {
            const bool found = std::any_of(among.begin(), among.end(), [&](const auto& other) {
                return is_same(sample, other);
            });
            if (!found) {
                text += fmt::format(
                    "{}{} {} {}", text.empty() ? "" : "; ", verb, sample.series, sample.value);
            }
        }
    };
    missing_from(expected, given, "missing");
    missing_from(given, expected, "not expected");
    return text;
}

void run_test(const collector::RuleTestOptions& test,
              const EngineConfig& config,
              Problems& problems) {
    const std::string key = "test " + test.name;
    const auto refuse = [&](const std::string& message) {
        problems.push_back({config.file, test.line, key, message, "", false});
    };
    const auto mapper = collector::Mapper::create(config.mapping);
    if (!mapper) {
        return;  // reported for the rules
    }
    std::vector<TestedSample> expected;
    for (const std::string& line : test.expect) {
        auto sample = parse_expected(line, config.store.default_database);
        if (!sample) {
            refuse(sample.error().message);
            return;
        }
        expected.push_back(std::move(*sample));
    }
    collector::Message message;
    message.topic = test.topic;
    message.payload = test.payload;
    message.retain = test.retain;
    message.received_ns = system_clock().now_ns();
    collector::MappedMessage mapped;
    (*mapper)->map(message, false, mapped);
    const std::string found =
        difference(expected, samples_of(**mapper, mapped, config.store.default_database));
    if (!found.empty()) {
        refuse(fmt::format("rule '{}': {}", mapped.rule, found));
    }
}

// Where the rule stands that the message begins with: rule 'name': …
uint32_t line_of(const EngineConfig& config, std::string_view message) {
    constexpr std::string_view kStart = "rule '";
    if (message.rfind(kStart, 0) != 0) {
        return 0;
    }
    message.remove_prefix(kStart.size());
    for (const collector::RuleOptions& rule : config.mapping.rules) {
        if (message.rfind(rule.name + "'", 0) == 0) {
            return rule.line;
        }
    }
    return 0;
}

// What names a broker must name one of the settings'.
void check_broker_names(const EngineConfig& config, Problems& problems) {
    std::vector<std::string> known;
    for (const collector::BrokerOptions& broker : config.brokers) {
        known.push_back(broker.client.name);
    }
    const auto check = [&](const std::string& section, const std::string& name) {
        if (!name.empty() && !known.empty() &&
            std::find(known.begin(), known.end(), name) == known.end()) {
            const std::string near = nearest(name, known);
            problems.push_back({config.file,
                                0,
                                section + ".broker",
                                fmt::format("no [[broker]] is called '{}'", name),
                                near.empty() ? "" : fmt::format("did you mean '{}'?", near),
                                false});
        }
    };
    for (const collector::SparkplugOptions& section : config.mapping.sparkplug) {
        check("sparkplug", section.broker);
    }
    check("ha_discovery", config.mapping.ha_discovery.broker);
}

void check_rules(const EngineConfig& config, Problems& problems) {
    const auto mapper = collector::Mapper::create(config.mapping);
    if (!mapper) {
        std::istringstream lines(mapper.error().message);
        for (std::string line; std::getline(lines, line);) {
            problems.push_back({config.file, line_of(config, line), "", line, "", false});
        }
        return;
    }
    for (const std::string& warning : (*mapper)->warnings()) {
        problems.push_back({config.file, line_of(config, warning), "", warning, "", true});
    }
    check_broker_names(config, problems);
    for (const collector::RuleTestOptions& test : config.mapping.tests) {
        run_test(test, config, problems);
    }
}

}  // namespace

Result<Checked> check_settings(FileSystem& fs, const std::string& file) {
    Checked checked;
    const EngineConfig config =
        parse_engine_config(TRY(read_file(fs, file)), file, checked.problems);
    checked.brokers = config.brokers.size();
    checked.rules = config.mapping.rules.size();
    checked.tests = config.mapping.tests.size();
    if (!has_errors(checked.problems)) {
        check_rules(config, checked.problems);
    }
    if (const Status exposed = web::check_exposure(config.web.listen, config.web.auth); !exposed) {
        checked.problems.push_back({file, 0, "engine.listen", exposed.error().message, "", false});
    }
    return checked;
}

}  // namespace cistern::config
