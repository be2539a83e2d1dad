// SPDX-License-Identifier: MIT
#include "app/simulator.h"

#include "app/simulate_device.h"
#include "collector/mqtt/client.h"
#include "store/base/clock.h"
#include "store/base/time_units.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <thread>

namespace cistern::app {
namespace {

constexpr int64_t kConnectTimeoutNs = 10'000'000'000;
constexpr size_t kPendingMax = 2'000;  // publishes under way per connection; more wait
constexpr auto kPause = std::chrono::milliseconds(2);

struct Family {
    const char* name;  // of its preset
    DeviceFactory make;
};
constexpr std::array kFamilies = {
    Family{"zigbee2mqtt", make_zigbee2mqtt},
    Family{"tasmota", make_tasmota},
    Family{"shelly_gen1", make_shelly_gen1},
    Family{"shelly_gen2", make_shelly_gen2},
    Family{"esphome", make_esphome},
    Family{"victron", make_victron},
    Family{"rtl_433", make_rtl_433},
    Family{"homie", make_homie},
    Family{"evcc", make_evcc},
    Family{"dsmr", make_dsmr},
    Family{"sparkplug", make_sparkplug},
};

class NoMessages final : public mqtt::Handler {
  public:
    void on_connected(const mqtt::Connected&) override {}
    bool on_message(const mqtt::MessageView&) override { return true; }
    void on_disconnected(std::string_view) override {}
};

// The devices of one family behind one connection.
class Fleet {
  public:
    Status open(const SimulatorOptions& options,
                const Family& family,
                uint32_t count,
                std::mt19937_64& random) {
        for (uint32_t i = 0; i < count; ++i) {
            devices_.push_back(family.make(i, random));
        }
        mqtt::ClientOptions client;
        client.name = fmt::format("simulate/{}", family.name);
        client.url = options.broker;
        client.client_id = fmt::format("cistern-simulate-{}-{}", family.name, options.seed);
        client.clean_session = true;
        if (const auto will = devices_.front()->will()) {
            client.will = mqtt::LastWill{will->topic, will->payload, 1, will->retain};
        }
        client_ = TRY(mqtt::Client::create(client, handler_));
        client_->start();
        return {};
    }
    [[nodiscard]] bool is_connected() const {
        return client_->status().state == mqtt::ClientState::Connected;
    }
    [[nodiscard]] std::string error() const { return client_->status().last_error; }
    void announce() {
        for (const auto& device : devices_) {
            device->announce(queue_);
        }
    }
    // Sends the next message; devices report in turn.
    void send_next(double now_s, std::mt19937_64& random) {
        if (next_ == queue_.size()) {
            queue_.clear();
            next_ = 0;
            devices_[turn_++ % devices_.size()]->report(now_s, random, queue_);
        }
        while (client_->pending_publishes() > kPendingMax) {
            std::this_thread::sleep_for(kPause);
        }
        const SimulatedMessage& message = queue_[next_++];
        // While the broker is away messages are lost, as those of a real device are.
        static_cast<void>(
            client_->publish(message.topic, message.payload, message.qos, message.retain));
    }
    void drain() {
        for (int i = 0; i < 500 && client_->pending_publishes() > 0; ++i) {
            std::this_thread::sleep_for(kPause);
        }
        client_->stop();
    }
    [[nodiscard]] bool has_announcement() const { return next_ < queue_.size(); }

  private:
    NoMessages handler_;
    std::vector<std::unique_ptr<SimulatedDevice>> devices_;
    std::unique_ptr<mqtt::Client> client_;
    std::vector<SimulatedMessage> queue_;
    size_t next_ = 0;
    size_t turn_ = 0;
};

Status check(const SimulatorOptions& options) {
    if (options.devices < 1 || options.devices > 100'000) {
        return fail(ErrorCode::InvalidArgument, "simulate: devices must be 1..100000");
    }
    if (!(options.rate > 0) || options.rate > 1e6) {
        return fail(ErrorCode::InvalidArgument,
                    "simulate: rate must be above 0 and at most 1000000 messages a second");
    }
    if (!(options.seconds >= 0)) {
        return fail(ErrorCode::InvalidArgument, "simulate: seconds must not be negative");
    }
    return {};
}

Status wait_connected(const std::vector<std::unique_ptr<Fleet>>& fleets) {
    const int64_t until = system_clock().monotonic_ns() + kConnectTimeoutNs;
    for (const auto& fleet : fleets) {
        while (!fleet->is_connected()) {
            if (system_clock().monotonic_ns() > until) {
                return fail(ErrorCode::Unavailable, fmt::format("simulate: {}", fleet->error()));
            }
            std::this_thread::sleep_for(kPause);
        }
    }
    return {};
}

void publish_at_rate(const SimulatorOptions& options,
                     std::vector<std::unique_ptr<Fleet>>& fleets,
                     std::mt19937_64& random) {
    const int64_t start = system_clock().monotonic_ns();
    for (uint64_t sent = 0;; ++sent) {
        const double due_s = static_cast<double>(sent) / options.rate;
        if (options.seconds > 0 && due_s >= options.seconds) {
            return;
        }
        double now_s = static_cast<double>(system_clock().monotonic_ns() - start) / kNsPerSecond;
        while (now_s < due_s) {
            std::this_thread::sleep_for(std::chrono::duration<double>(due_s - now_s));
            now_s = static_cast<double>(system_clock().monotonic_ns() - start) / kNsPerSecond;
        }
        fleets[sent % fleets.size()]->send_next(now_s, random);
    }
}

}  // namespace

std::vector<std::string> simulated_families() {
    std::vector<std::string> names;
    for (const Family& family : kFamilies) {
        names.emplace_back(family.name);
    }
    return names;
}

Status run_simulator(const SimulatorOptions& options) {
    TRY(check(options));
    std::mt19937_64 random(options.seed);
    std::vector<std::unique_ptr<Fleet>> fleets;
    for (size_t i = 0; i < kFamilies.size(); ++i) {
        const auto share =
            static_cast<uint32_t>((options.devices + kFamilies.size() - 1 - i) / kFamilies.size());
        if (share > 0) {
            fleets.push_back(std::make_unique<Fleet>());
            TRY(fleets.back()->open(options, kFamilies[i], share, random));
        }
    }
    if (options.hostile) {
        fleets.push_back(std::make_unique<Fleet>());
        TRY(fleets.back()->open(options, Family{"hostile", make_hostile}, 1, random));
    }
    TRY(wait_connected(fleets));
    for (const auto& fleet : fleets) {
        fleet->announce();
        while (fleet->has_announcement()) {
            fleet->send_next(0, random);
        }
    }
    publish_at_rate(options, fleets, random);
    for (const auto& fleet : fleets) {
        fleet->drain();
    }
    return {};
}

}  // namespace cistern::app
