// SPDX-License-Identifier: MIT
// Which QoS 1 messages after a (re)connect were stored before and must not be stored again.
//
// A message is acknowledged after it is in the log. When the connection ends in between - because
// this process, the broker or the network died - the broker delivers it again. What is delivered
// again is a run of messages in their old order that ends no later than the log does, under the
// packet identifiers they had (MQTT 3.1.1 "Message delivery retry", MQTT 5 section 4.4). So a
// message is a redelivery when the log's newest entry with its packet identifier has its content,
// and the broker's identifiers, or its DUP flag, rule out a new message that happens to have both.
//
// Some brokers (aedes) begin new identifiers anywhere at each connection, and send new messages in
// between those that come again. There the run may be interrupted, and must go on where it stopped.
//
// DUP alone says nothing: brokers set it on messages that they tried to send and we never got, and
// may lose it in a restart. docs/mqtt.md tells what cannot be known.
#pragma once

#include "store/model/message_stamp.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace cistern::collector {

struct Delivery {
    uint64_t hash = 0;  // of topic and payload
    uint16_t packet_id = 0;
    bool dup = false;
};

// For one thread. One for each broker. 0.8 MB.
class Redelivery {
  public:
    explicit Redelivery(uint64_t source);

    // The stamps found in the log, of all databases, in any order.
    void restore(std::span<const store::MessageStamp> stamps);
    // Before the first message of a connection. Without a session the broker has forgotten what it
    // owed us: nothing is delivered again, and its packet identifiers start anew.
    void on_connected(bool session_present);

    // True: stored before. Call for each QoS 1 message that is no retained replay, in order.
    [[nodiscard]] bool was_stored(const Delivery& delivery);

    // The stamp to write with a message that is stored now...
    [[nodiscard]] store::MessageStamp stamp_for(const Delivery& delivery) const;
    // ...and the note that it is in the log.
    void on_stored(const store::MessageStamp& stamp);

    // Redeliveries may still come on this connection.
    [[nodiscard]] bool is_aligning() const { return aligning_; }
    [[nodiscard]] uint64_t last_sequence() const { return last_sequence_; }

  private:
    // Redeliveries lie within the newest this many messages: half of the identifiers, so that order
    // can be told of any two.
    static constexpr uint64_t kWindow = 32'768;
    struct Entry {
        uint64_t hash = 0;
        uint16_t packet_id = 0;
        bool ascends = false;  // its identifier follows its predecessor's
    };

    [[nodiscard]] const Entry& at(uint64_t position) const { return entries_[position % kWindow]; }
    [[nodiscard]] uint64_t oldest() const { return end_ > kWindow ? end_ - kWindow : 0; }
    // The broker counts its identifiers up, as far as the log tells.
    [[nodiscard]] bool ids_ascend() const;
    // `position` (plus one) is where a run of redeliveries may begin or go on.
    [[nodiscard]] bool is_in_step(uint64_t newest) const;
    void forget();
    void push(uint64_t hash, uint16_t packet_id);

    const uint64_t source_;
    uint64_t last_sequence_ = 0;
    uint8_t session_ =
        0;  // counts sessions, so that an older session's identifiers are not mistaken

    // A ring of the newest messages of this session by position, and the newest position of each
    // identifier plus one (0 = none).
    std::vector<Entry> entries_;
    std::vector<uint64_t> newest_of_id_;
    uint64_t end_ = 0;
    uint64_t ascents_ = 0;  // entries of the ring that ascend

    bool aligning_ = false;
    uint64_t aligned_to_ = 0;   // positions below are behind us
    uint64_t align_until_ = 0;  // end_ at the connect
    bool has_matched_ = false;  // a redelivery came on this connection
    bool ids_began_anew_ = false;
    uint32_t strangers_ = 0;  // new messages since then, or since the last redelivery
};

}  // namespace cistern::collector
