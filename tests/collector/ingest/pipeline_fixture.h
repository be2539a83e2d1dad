// SPDX-License-Identifier: MIT
// A pipeline on a real store in a folder of its own, fed by hand.
#pragma once

#include "collector/ingest/ingest.h"
#include "collector/ingest/pipeline.h"
#include "tests/collector/ingest/faulty_store.h"
#include "tests/collector/ingest/plain_mapper.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

namespace cistern::collector {

inline constexpr int64_t kMs = 1'000'000;
inline constexpr int64_t kSecond = 1'000'000'000;
inline constexpr int64_t kStart = 1'767'225'600 * kSecond;  // 2026-01-01

class PipelineTest : public ::testing::Test {
  protected:
    PipelineTest() { open(); }

    // As after a crash: nothing of the old process is left but the files.
    void open() {
        pipeline_.reset();
        store_.reset();
        store::StoreOptions options;
        options.root = folder_.path();
        options.clock = &clock_;
        options.background = false;
        auto opened = store::Store::open(options);
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        store_ = std::make_unique<store::FaultyStore>(std::move(*opened));
        metrics_ = std::make_unique<MetricsRegistry>();
        auto mapper = std::make_unique<PlainMapper>();
        mapper_ = mapper.get();
        options_.client.name = "lan";
        pipeline_ =
            std::make_unique<Pipeline>(options_, std::move(mapper), *store_, *metrics_, clock_);
        connect(true);
    }
    void connect(bool session_present) { pipeline_->on_connected({session_present, 5}); }

    bool receive(std::string_view topic, std::string_view payload, uint8_t qos = 0) {
        mqtt::MessageView view;
        view.topic = topic;
        view.payload = payload;
        view.qos = qos;
        view.packet_id = qos > 0 ? ++packet_id_ : uint16_t{0};
        return pipeline_->on_message(view);
    }
    bool receive_again(std::string_view topic, std::string_view payload, uint16_t packet_id) {
        mqtt::MessageView view;
        view.topic = topic;
        view.payload = payload;
        view.qos = 1;
        view.dup = true;
        view.packet_id = packet_id;
        return pipeline_->on_message(view);
    }
    bool receive_retained(std::string_view topic, std::string_view payload) {
        mqtt::MessageView view;
        view.topic = topic;
        view.payload = payload;
        view.retain = true;
        view.qos = 1;
        view.packet_id = ++packet_id_;
        return pipeline_->on_message(view);
    }
    store::SampleColumns samples(const std::string& metric,
                                 const std::string& topic,
                                 const std::string& db = "main") {
        store::SampleColumns columns;
        store::Database* database = store_->find(db);
        if (database == nullptr) {
            return columns;
        }
        const std::vector<store::Matcher> matchers = {store::Matcher::equal("__name__", metric),
                                                      store::Matcher::equal("topic", topic)};
        const auto querier = database->querier();
        const auto found = querier->select(matchers, {});
        if (found.has_value() && found->size() == 1) {
            EXPECT_TRUE(querier->read(found->front(), {}, columns).has_value());
        }
        return columns;
    }
    uint64_t dropped(std::string_view reason) {
        for (const auto& [name, count] : pipeline_->status().dropped) {
            if (name == reason) {
                return count;
            }
        }
        return 0;
    }

    test::TempFolder folder_;
    ManualClock clock_{kStart};
    BrokerOptions options_;
    std::unique_ptr<store::FaultyStore> store_;
    std::unique_ptr<MetricsRegistry> metrics_;
    PlainMapper* mapper_ = nullptr;
    std::unique_ptr<Pipeline> pipeline_;
    uint16_t packet_id_ = 0;
};

}  // namespace cistern::collector
