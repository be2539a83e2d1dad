// SPDX-License-Identifier: MIT
// The implementation of Client: its thread's states. Internal to this folder.
#pragma once

#include "collector/mqtt/backoff.h"
#include "collector/mqtt/client.h"
#include "collector/mqtt/connection.h"
#include "collector/mqtt/url.h"
#include "store/base/mutex.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace cistern::mqtt {

// Threads: `run` makes connections; the library's thread calls the ConnectionEvents; anyone calls
// the public methods. Everything shared is under mutex_, which is never held while calling the
// library or the handler.
class ClientImpl final : public Client, private ConnectionEvents {
  public:
    ClientImpl(ClientOptions options, BrokerUrl url, Handler& handler);
    ~ClientImpl() override { stop(); }

    void start() override;
    void stop() override;
    void set_filters(std::vector<Filter> filters, std::vector<std::string> leftovers) override;
    void park(std::string_view reason) override;
    void resume() override;
    [[nodiscard]] Status publish(std::string_view topic,
                                 std::string_view payload,
                                 uint8_t qos,
                                 bool retain) override;
    [[nodiscard]] size_t pending_publishes() const override;
    [[nodiscard]] ClientStatus status() const override;

  private:
    void on_open(bool session_present) override;
    bool on_message(const MessageView& message) override;
    void on_lost(std::string_view reason) override;

    void run();
    bool wait_until_wanted();
    void connect_once();
    Status open_connection();
    Result<Endpoint> next_endpoint();
    void note_connect_failure(const ConnectFailure& failure);
    void serve_connection();
    Status bring_filters_up_to_date();
    bool is_silent() const;
    void say_hello(Connection& connection) const;
    void say_goodbye(Connection& connection) const;
    void say(Connection& connection, const LastWill& message) const;
    void back_off();
    void set_state(ClientState state);
    void set_error(std::string error);

    const ClientOptions options_;
    const BrokerUrl url_;
    Handler& handler_;

    // Of the run thread.
    std::optional<LastWill> will_;  // of this connection, from the handler
    ClientOptions offered_;         // options_ with that will
    Backoff backoff_;
    uint8_t level_;
    size_t address_index_ = 0;
    int silent_failures_ = 0;

    std::atomic<bool> refused_{false};         // the handler refused: acknowledge nothing more
    std::atomic<int64_t> last_message_ns_{0};  // monotonic; 0 = none on this connection

    mutable Mutex mutex_;
    CondVar wake_;
    std::shared_ptr<Connection> connection_ CISTERN_GUARDED_BY(mutex_);
    bool stopping_ CISTERN_GUARDED_BY(mutex_) = false;
    bool parked_ CISTERN_GUARDED_BY(mutex_) = false;
    bool lost_ CISTERN_GUARDED_BY(mutex_) = false;
    bool filters_changed_ CISTERN_GUARDED_BY(mutex_) = false;
    std::vector<Filter> filters_ CISTERN_GUARDED_BY(mutex_);
    std::vector<std::string> leftovers_ CISTERN_GUARDED_BY(mutex_);
    ClientStatus status_ CISTERN_GUARDED_BY(mutex_);
    std::thread thread_;
};

}  // namespace cistern::mqtt
