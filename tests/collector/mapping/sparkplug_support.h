// SPDX-License-Identifier: MIT
// A Sparkplug session and short ways to send it births and data.
#pragma once

#include "collector/decode/sparkplug_payload.h"
#include "collector/mapping/sparkplug_session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace cistern::collector {

inline constexpr uint64_t kTime = 1'767'225'590'000;             // ms
inline constexpr int64_t kReceived = 1'767'225'600'000'000'000;  // ns
inline constexpr int64_t kSecond = 1'000'000'000;

inline SparkplugOutMetric metric(const std::string& name,
                                 uint64_t alias,
                                 SparkplugType type,
                                 decltype(SparkplugOutMetric::value) value) {
    SparkplugOutMetric made;
    made.name = name;
    if (alias != 0) {
        made.alias = alias;
    }
    made.timestamp_ms = kTime;
    made.type = type;
    made.value = std::move(value);
    return made;
}
inline SparkplugOutMetric by_alias(uint64_t alias, decltype(SparkplugOutMetric::value) value) {
    SparkplugOutMetric made = metric("", alias, SparkplugType::Unknown, std::move(value));
    return made;
}

class SparkplugSessionTest : public testing::Test {
  protected:
    SparkplugOutcome& send(const std::string& topic,
                           const std::string& payload,
                           int64_t received_ns = kReceived) {
        payload_ = payload;
        topic_ = topic;
        Message message;
        message.broker = "lan";
        message.topic = topic_;
        message.payload = payload_;
        message.received_ns = received_ns;
        const auto parsed = parse_sparkplug_topic(topic_);
        EXPECT_TRUE(parsed.has_value()) << topic;
        session_->handle(message, *parsed, out_);
        return out_;
    }
    SparkplugOutcome& birth(uint64_t bd_seq = 4, uint64_t seq = 0) {
        auto temperature = metric("Ambient/Temp", 2, SparkplugType::Float, 21.5);
        temperature.unit = "°C";
        return send(
            "spBv1.0/Plant/NBIRTH/Edge",
            encode_sparkplug(kTime,
                             seq,
                             {metric("bdSeq", 0, SparkplugType::Int64, bd_seq),
                              metric("Node Control/Rebirth", 0, SparkplugType::Boolean, false),
                              temperature,
                              metric("Serial", 3, SparkplugType::String, std::string("SN-1"))}));
    }
    SparkplugOutcome& device_birth(uint64_t seq = 1) {
        return send(
            "spBv1.0/Plant/DBIRTH/Edge/Press",
            encode_sparkplug(kTime,
                             seq,
                             {metric("RPM", 10, SparkplugType::Int32, int64_t{-1450}),
                              metric("Small", 14, SparkplugType::Int8, uint64_t{0xfffffffb})}));
    }
    SparkplugOutcome& device_data(uint64_t seq,
                                  const SparkplugOutMetric& value,
                                  int64_t received_ns = kReceived) {
        return send("spBv1.0/Plant/DDATA/Edge/Press",
                    encode_sparkplug(kTime + 10, seq, {value}),
                    received_ns);
    }
    // "device/name value unit", sorted.
    [[nodiscard]] std::vector<std::string> samples() const {
        std::vector<std::string> texts;
        for (const SparkplugSample& sample : out_.samples) {
            const SparkplugDefinition& of = session_->definition(sample.definition);
            std::string value = std::to_string(sample.value);
            value.erase(value.find_last_not_of('0') + 1);
            texts.push_back(of.device + "/" + of.name +
                            (of.index < 0 ? "" : "[" + std::to_string(of.index) + "]") + " " +
                            value + " " + of.unit);
        }
        std::sort(texts.begin(), texts.end());
        return texts;
    }
    [[nodiscard]] std::string action() const {
        return out_.actions.empty() ? "" : out_.actions[0].name;
    }
    [[nodiscard]] std::string_view noted() const {
        return out_.notes.empty() ? std::string_view() : out_.notes[0].reason;
    }
    [[nodiscard]] std::string_view dropped() const {
        return out_.dropped.empty() ? std::string_view() : out_.dropped[0].reason;
    }

    SparkplugOptions options_;
    std::unique_ptr<SparkplugSession> session_ = SparkplugSession::create(options_, {});
    SparkplugOutcome out_;
    std::string topic_;
    std::string payload_;
};
using Texts = std::vector<std::string>;

}  // namespace cistern::collector
