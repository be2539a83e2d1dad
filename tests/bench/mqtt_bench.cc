// SPDX-License-Identifier: MIT
// The parts of tests/bench/mqtt_bench.py: a publisher, a subscriber that does nothing with what it
// gets, and the collector. A subscriber prints "ready", takes N messages and prints how long the
// last N-1 took and what CPU time the process spent on each.
//   mqtt_bench publish PORT QOS text|json N [TOPICS]
//   mqtt_bench null PORT QOS N
//   mqtt_bench cistern PORT QOS N ROOT
#include "collector/ingest/ingest.h"
#include "store/base/clock.h"
#include "store/base/log.h"
#include "store/base/metrics.h"
#include "store/base/time_units.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <mqtt/async_client.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

namespace {

constexpr uint64_t kTopicsDefault = 1000;

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// What one subscriber saw; both kinds report through it.
struct Measure {
    std::atomic<uint64_t> count{0};
    int64_t first_ns = 0;
    double first_cpu = 0;

    void wait(uint64_t messages, const std::function<uint64_t()>& counted) {
        uint64_t seen = 0;
        int64_t end_ns = 0;
        while (seen < messages) {
            std::this_thread::sleep_for(std::chrono::microseconds(500));
            seen = counted();
            end_ns = cistern::system_clock().monotonic_ns();
            if (seen > 0 && first_ns == 0) {
                first_ns = end_ns;
                first_cpu = cpu_seconds();
            }
        }
        const double seconds = static_cast<double>(end_ns - first_ns) / cistern::kNsPerSecond;
        fmt::print("{:.6f} {:.4f}\n",
                   seconds,
                   (cpu_seconds() - first_cpu) * 1e6 / static_cast<double>(messages));
        std::fflush(stdout);
    }
};

void say_ready() {
    std::puts("ready");
    std::fflush(stdout);
}

int run_null(const std::string& port, int qos, uint64_t messages) {
    Measure measure;
    // The same protocol, session and window as the collector's.
    mqtt::async_client client("tcp://127.0.0.1:" + port,
                              fmt::format("null-{}", ::getpid()),
                              mqtt::create_options(MQTTVERSION_5),
                              nullptr);
    client.set_message_callback([&measure](const mqtt::const_message_ptr&) {
        measure.count.fetch_add(1, std::memory_order_relaxed);
    });
    const cistern::mqtt::ClientOptions ours;
    mqtt::connect_options options;
    options.set_mqtt_version(MQTTVERSION_5);
    options.set_clean_start(false);
    mqtt::properties properties;
    properties.add({mqtt::property::SESSION_EXPIRY_INTERVAL, 60});
    properties.add({mqtt::property::RECEIVE_MAXIMUM, static_cast<int32_t>(ours.receive_maximum)});
    options.set_properties(std::move(properties));
    client.connect(options)->wait();
    client.subscribe("bench/#", qos)->wait();
    say_ready();
    measure.wait(messages, [&measure] { return measure.count.load(std::memory_order_relaxed); });
    client.disconnect()->wait();
    return 0;
}

int run_cistern(const std::string& port, int qos, uint64_t messages, const std::string& root) {
    using namespace cistern;
    set_up_log({});  // standard output is for the figures
    store::StoreOptions store_options;
    store_options.root = root;
    auto store = store::Store::open(store_options);
    MetricsRegistry metrics;
    collector::BrokerOptions options;
    options.client.name = "bench";
    options.client.url = "mqtt://127.0.0.1:" + port;
    options.client.client_id = fmt::format("cistern-{}", ::getpid());
    options.subscribe = {"bench/#"};
    options.qos = static_cast<uint8_t>(qos);
    const collector::MappingOptions rules;
    auto mapper = collector::Mapper::create(rules);
    auto ingest = collector::Ingest::create(options, std::move(*mapper), {**store, metrics});
    (*ingest)->start();
    while ((*ingest)->status().connection.subscriptions.empty()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    say_ready();
    Counter& received =
        metrics.counter("cistern_messages_received_total", "", {{"broker", "bench"}});
    Measure().wait(messages, [&received] { return received.value(); });
    (*ingest)->stop();
    return (*store)->close().has_value() ? 0 : 1;
}

// A publisher that costs as little as possible: packets by hand, a window of 1000.
class Publisher {
  public:
    Publisher(const std::string& port, int qos)
        : qos_(qos), socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<uint16_t>(std::atoi(port.c_str())));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
            std::exit(1);
        }
        const std::string name = fmt::format("bench-{}", ::getpid());
        buffer_ = std::string("\x10", 1) + static_cast<char>(12 + name.size()) +
                  std::string("\0\4MQTT\4\2\0\0\0", 11) + static_cast<char>(name.size()) + name;
        flush();
        read(4);
    }
    void publish(const std::string& topic, const std::string& payload) {
        const size_t size = 2 + topic.size() + (qos_ > 0 ? 2 : 0) + payload.size();
        buffer_ += static_cast<char>(qos_ > 0 ? 0x32 : 0x30);
        if (size < 128) {
            buffer_ += static_cast<char>(size);
        } else {
            buffer_ += static_cast<char>(size % 128 + 128);
            buffer_ += static_cast<char>(size / 128);
        }
        buffer_ += static_cast<char>(topic.size() >> 8);
        buffer_ += static_cast<char>(topic.size() & 0xff);
        buffer_ += topic;
        if (qos_ > 0) {
            next_id_ = next_id_ % 65'535 + 1;
            buffer_ += static_cast<char>(next_id_ >> 8);
            buffer_ += static_cast<char>(next_id_ & 0xff);
            ++pending_;
        }
        buffer_ += payload;
        if (buffer_.size() > 8192) {
            flush();
        }
        while (pending_ >= 1000) {
            flush();
            acknowledge();
        }
    }
    void finish() {
        flush();
        while (pending_ > 0) {
            acknowledge();
        }
        ::shutdown(socket_, SHUT_WR);
        read(1);
    }

  private:
    void flush() {
        for (size_t at = 0; at < buffer_.size();) {
            const ssize_t sent =
                ::send(socket_, buffer_.data() + at, buffer_.size() - at, MSG_NOSIGNAL);
            if (sent <= 0) {
                std::exit(1);
            }
            at += static_cast<size_t>(sent);
        }
        buffer_.clear();
    }
    size_t read(size_t size) {
        char bytes[4096];
        const ssize_t got = ::recv(socket_, bytes, std::min(size, sizeof(bytes)), 0);
        return got > 0 ? static_cast<size_t>(got) : 0;
    }
    void acknowledge() {  // PUBACKs have four bytes
        constexpr size_t kPubackBytes = 4;
        const size_t got = read(4096);
        if (got == 0) {
            std::exit(1);
        }
        partial_ += got;
        pending_ -= partial_ / kPubackBytes;
        partial_ %= kPubackBytes;
    }

    const int qos_;
    const int socket_;
    std::string buffer_;
    unsigned next_id_ = 0;
    size_t pending_ = 0;
    size_t partial_ = 0;
};

int run_publish(const std::string& port, int qos, bool json, uint64_t messages, uint64_t topics) {
    Publisher publisher(port, qos);
    for (uint64_t i = 0; i < messages; ++i) {
        const uint64_t device = i % topics;
        const double value = 20 + static_cast<double>(i / topics % 50) / 10;
        if (json) {
            publisher.publish(
                fmt::format("bench/d{}", device),
                fmt::format(
                    R"({{"temperature":{:.1f},"humidity":{:.1f},"pressure":1013.2,"battery":97,"linkquality":{}}})",
                    value,
                    value + 20,
                    i % 200));
        } else {
            publisher.publish(fmt::format("bench/d{}/temperature", device),
                              fmt::format("{:.1f}", value));
        }
    }
    publisher.finish();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string mode = argc > 4 ? argv[1] : "";
    const int qos = argc > 4 ? std::atoi(argv[3]) : 0;
    if (mode == "publish" && (argc == 6 || argc == 7)) {
        return run_publish(argv[2],
                           qos,
                           std::string(argv[4]) == "json",
                           std::strtoull(argv[5], nullptr, 10),
                           argc == 7 ? std::strtoull(argv[6], nullptr, 10) : kTopicsDefault);
    }
    if (mode == "null" && argc == 5) {
        return run_null(argv[2], qos, std::strtoull(argv[4], nullptr, 10));
    }
    if (mode == "cistern" && argc == 6) {
        return run_cistern(argv[2], qos, std::strtoull(argv[4], nullptr, 10), argv[5]);
    }
    fmt::print(stderr,
               "usage: mqtt_bench publish|null|cistern PORT QOS …; see the top of mqtt_bench.cc\n");
    return 2;
}
