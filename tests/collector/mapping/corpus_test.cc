// SPDX-License-Identifier: MIT
// The corpus of real device messages with the samples they must give, where it is at hand: the
// folder `shared/corpus` beside the repository. Prints every row that differs.
#include "collector/mapping/explain.h"
#include "collector/mapping/mapper.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <map>

namespace cistern::collector {
namespace {

using Json = nlohmann::json;

std::vector<Json> load_corpus() {
    std::vector<Json> rows;
    for (const char* path : {CISTERN_SOURCE_DIR "/../shared/corpus/payloads.jsonl",
                             CISTERN_SOURCE_DIR "/../../shared/corpus/payloads.jsonl"}) {
        std::ifstream file(path);
        std::string line;
        while (std::getline(file, line)) {
            rows.push_back(Json::parse(line));
        }
        if (!rows.empty()) {
            break;
        }
    }
    return rows;
}

RuleOptions encoding_rule(const std::string& topic) {
    RuleOptions rule;
    rule.name = "encoding";
    rule.topics = {topic};
    const auto u16be = [](const char* name) {
        BinaryField field;
        field.name = name;
        field.type = "u16be";
        field.scale = 0.01;
        return field;
    };
    if (topic == "lp/in") {
        rule.decode.name = "influx";
    } else if (topic == "csv/in") {
        rule.decode.name = "csv";
        rule.decode.csv_columns = {"ts:unix", "temperature", "humidity", "state"};
    } else if (topic == "gz/in") {
        rule.decode.name = "auto";
    } else if (topic == "msgpack/in") {
        rule.decode.name = "msgpack";
    } else if (topic == "cbor/in") {
        rule.decode.name = "cbor";
    } else if (topic == "raw/float32le") {
        rule.decode.name = "f32le";
    } else if (topic == "raw/u16be") {
        rule.decode.name = "binary";
        rule.decode.binary = {u16be("temperature"), u16be("humidity")};
    } else if (topic == "json5/in") {
        rule.decode.name = "json";
    }
    return rule;
}

std::string generated_payload(const Json& row) {
    const std::string topic = row["topic"];
    if (topic == "e/1mb") {
        return "{\"data\":\"" + std::string(1048576, 'A') + "\"}";
    }
    if (topic == "e/1mbnum") {
        return "{\"pad\":\"" + std::string(200000, ' ') + "\",\"v\":1}";
    }
    if (topic == "e/manykeys") {
        Json object;
        for (int i = 0; i < 10000; ++i) {
            object["k" + std::to_string(i)] = i;
        }
        return object.dump();
    }
    return row["payload"];
}

ExplainInput input_of(const Json& row) {
    auto parsed = parse_explain_line(row.dump(), 0);
    EXPECT_TRUE(parsed.has_value());
    if (row.contains("generator")) {
        parsed->payload = generated_payload(row);
    }
    return *parsed;
}

bool close(double a, double b) {
    return a == b || std::fabs(a - b) <= 1e-6 * std::max(std::fabs(a), std::fabs(b));
}

bool sample_fits(const Json& want, const Json& got, const Json& row, bool subset) {
    if (want["metric"] != got["metric"] ||
        !close(want["value"].get<double>(), got["value"].get<double>())) {
        return false;
    }
    for (const auto& [name, value] : want["labels"].items()) {
        if (!got["labels"].contains(name) || got["labels"][name] != value) {
            return false;
        }
    }
    if (!subset && want["labels"].size() != got["labels"].size()) {
        return false;
    }
    for (const char* key : {"unit", "type"}) {
        if (want.contains(key) && (!got.contains(key) || got[key] != want[key])) {
            return false;
        }
    }
    const double ts = want.value("ts_ms", row["rx_ts_ms"].get<double>());
    return std::fabs(got["ts_ms"].get<double>() - ts) < 1;
}

std::string compare(const Json& row, const Json& got) {
    const bool subset = row["family"] == "ha_discovery" ||
                        row["note"].get<std::string>().find("subset") != std::string::npos;
    Json left = got.value("samples", Json::array());
    std::string problem;
    for (const Json& want : row["expect"]) {
        bool found = false;
        for (size_t i = 0; i < left.size() && !found; ++i) {
            if (sample_fits(want, left[i], row, subset)) {
                left.erase(i);
                found = true;
            }
        }
        problem += found ? "" : "\n    missing " + want.dump();
    }
    for (const Json& extra : left) {
        problem += "\n    extra   " + extra.dump();
    }
    const Json texts = row.value("expect_text", Json::object());
    for (const auto& [metric, value] : texts.items()) {
        bool found = false;
        for (const Json& text : got.value("text", Json::array())) {
            found |= text["metric"] == metric && text["value"] == value;
        }
        problem += found ? "" : "\n    missing text " + metric;
    }
    if (row.value("expect_stale", false) && got.value("stale", Json::array()).empty()) {
        problem += "\n    missing stale";
    }
    if (row.contains("expect_action")) {
        bool found = false;
        for (const Json& action : got.value("actions", Json::array())) {
            found |= action["name"] == row["expect_action"];
        }
        problem += found ? "" : "\n    missing action " + row["expect_action"].get<std::string>();
    }
    return problem;
}

MappingOptions corpus_options(const std::vector<Json>& rows) {
    MappingOptions options;
    for (const Json& row : rows) {
        if (row["family"] == "encodings") {
            options.rules.push_back(encoding_rule(row["topic"]));
        }
    }
    return options;
}

Json run_row(Mapper& mapper, const Json& row) {
    MappedMessage mapped;
    if (row.contains("ha_config")) {
        Json config = row["ha_config"];
        config["retain"] = true;
        config["rx_ts_ms"] = row["rx_ts_ms"];
        mapper.map(input_of(config).message(), false, mapped);
    }
    const ExplainInput input = input_of(row);
    mapper.map(input.message(), true, mapped);
    return Json::parse(explain_json(input, mapped, mapper));
}

void check_all(bool one_mapper) {
    const std::vector<Json> rows = load_corpus();
    if (rows.empty()) {
        GTEST_SKIP() << "no corpus beside the repository";
    }
    const MappingOptions options = corpus_options(rows);
    std::map<std::string, std::unique_ptr<Mapper>> mappers;
    size_t failed = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
        const Json& row = rows[i];
        const std::string group =
            one_mapper ? "all" : row.value("group", "row " + std::to_string(i));
        auto& mapper = mappers[group];
        if (mapper == nullptr) {
            auto created = Mapper::create(options);
            ASSERT_TRUE(created.has_value()) << created.error().message;
            mapper = std::move(*created);
        }
        const Json got = run_row(*mapper, row);
        const std::string problem = compare(row, got);
        if (!problem.empty()) {
            ++failed;
            ADD_FAILURE() << row["family"] << " line " << i + 1 << " " << row["topic"] << " "
                          << row.value("payload", "(binary)").substr(0, 160) << problem
                          << "\n    got " << got.dump().substr(0, 900);
        }
    }

    EXPECT_EQ(failed, 0U) << failed << " of " << rows.size() << " rows differ";
}

TEST(Corpus, EveryRowGivesItsSamplesWithAMapperOfItsOwn) {
    check_all(false);
}

TEST(Corpus, EveryRowGivesItsSamplesInOneRunThroughTheFile) {
    check_all(true);
}

}  // namespace
}  // namespace cistern::collector
