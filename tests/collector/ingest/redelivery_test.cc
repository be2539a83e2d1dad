// SPDX-License-Identifier: MIT
// Against a model of a broker: it hands out messages in order, learns of acknowledgements late or
// never, and delivers again what it does not know to be acknowledged.
#include "collector/ingest/redelivery.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <set>

namespace cistern::collector {
namespace {

constexpr uint64_t kSource = 7;

enum class Ids { Sequential, LowestFree };

class ModelBroker {
  public:
    explicit ModelBroker(Ids ids, uint16_t first_id = 1) : ids_(ids), next_id_(first_id) {}

    struct Message {
        uint64_t number;
        uint64_t content;
        uint16_t id;
        bool dup;
    };

    void publish(uint64_t content) { queue_.push_back({published_++, content, 0, false}); }
    void connect(bool keeps_dup) {
        sent_ = 0;
        for (Message& message : unacknowledged_) {
            message.dup = message.dup && keeps_dup;
        }
    }
    // The next message of this connection, or null.
    const Message* next(size_t window) {
        if (sent_ == unacknowledged_.size()) {
            if (queue_.empty() || unacknowledged_.size() >= window) {
                return nullptr;
            }
            unacknowledged_.push_back(queue_.front());
            queue_.pop_front();
            unacknowledged_.back().id = new_id();
        }
        Message& message = unacknowledged_[sent_++];
        last_ = message;
        message.dup = true;  // from now on
        return &last_;
    }
    // The broker reads `count` of the acknowledgements that were sent to it.
    void acknowledge(size_t count) {
        for (; count > 0 && sent_ > 0; --count, --sent_) {
            in_use_.erase(unacknowledged_.front().id);
            unacknowledged_.pop_front();
        }
    }
    [[nodiscard]] size_t awaiting() const { return sent_; }
    [[nodiscard]] uint64_t published() const { return published_; }

  private:
    uint16_t new_id() {
        if (ids_ == Ids::Sequential) {
            const uint16_t id = next_id_;
            next_id_ = next_id_ == 65'535 ? 1 : static_cast<uint16_t>(next_id_ + 1);
            return id;
        }
        uint16_t id = 1;
        while (in_use_.contains(id)) {
            ++id;
        }
        in_use_.insert(id);
        return id;
    }

    const Ids ids_;
    uint16_t next_id_;
    uint64_t published_ = 0;
    std::deque<Message> queue_;
    std::deque<Message> unacknowledged_;
    std::set<uint16_t> in_use_;
    size_t sent_ = 0;
    Message last_{};
};

// The collector around the state machine: a log that survives, and what is stored.
class ModelCollector {
  public:
    void restart() {
        redelivery_ = std::make_unique<Redelivery>(kSource);
        redelivery_->restore(log_);
    }
    void connect(bool session_present) { redelivery_->on_connected(session_present); }
    void receive(const ModelBroker::Message& message, bool gives_sample) {
        const Delivery delivery{message.content, message.id, message.dup};
        if (redelivery_->was_stored(delivery) || !gives_sample) {
            return;
        }
        const store::MessageStamp stamp = redelivery_->stamp_for(delivery);
        log_.push_back(stamp);
        if (log_.size() > 65'536) {
            log_.erase(log_.begin(), log_.begin() + 8192);
        }
        redelivery_->on_stored(stamp);
        stored.push_back(message.number);
    }
    std::vector<uint64_t> stored;

  private:
    std::unique_ptr<Redelivery> redelivery_;
    std::vector<store::MessageStamp> log_;
};

struct Scenario {
    Ids ids = Ids::Sequential;
    uint64_t contents = 0;     // how many different messages there are; 0 = all differ
    size_t window = 1000;      // unacknowledged messages at most
    bool keeps_dup = true;     // false: the broker was restored and its DUP flags are gone
    bool silent_ones = false;  // every fifth content gives no sample
    uint16_t first_id = 1;
    int kills = 40;
    uint64_t burst = 200;  // messages between two kills, at most
};

// Runs the scenario and compares what is stored with what was published: all, once, in order.
void expect_exactly_once(const Scenario& scenario, uint64_t seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << " contents " << scenario.contents);
    std::mt19937_64 random(seed);
    ModelBroker broker(scenario.ids, scenario.first_id);
    ModelCollector collector;
    const auto gives_sample = [&](uint64_t content) {
        return !scenario.silent_ones || content % 5 != 0;
    };
    std::vector<uint64_t> expected;
    for (int kill = 0; kill <= scenario.kills; ++kill) {
        for (uint64_t i = random() % (scenario.burst + 1); i > 0; --i) {
            const uint64_t number = broker.published();
            const uint64_t content =
                scenario.contents == 0 ? number + 1 : 1 + random() % scenario.contents;
            broker.publish(content);
            if (gives_sample(content)) {
                expected.push_back(number);
            }
        }
        if (kill == 0 || random() % 2 == 0) {
            collector.restart();  // killed; otherwise only the connection was lost
        }
        broker.connect(scenario.keeps_dup);
        collector.connect(kill > 0);
        uint64_t budget = kill == scenario.kills ? ~0ULL : random() % (scenario.burst * 2);
        while (budget-- > 0) {
            const ModelBroker::Message* message = broker.next(scenario.window);
            if (message == nullptr) {
                if (broker.awaiting() == 0) {
                    break;
                }
                broker.acknowledge(broker.awaiting());
                continue;
            }
            collector.receive(*message, gives_sample(message->content));
            if (random() % 4 == 0) {
                broker.acknowledge(random() % (broker.awaiting() + 1));
            }
        }
    }
    ASSERT_EQ(collector.stored.size(), expected.size());
    EXPECT_EQ(collector.stored, expected);
}

TEST(Redelivery, StoresEveryMessageOnceWhateverIsKilled) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        expect_exactly_once({}, seed);
    }
}

TEST(Redelivery, TellsRepeatedContentFromRepeatedDelivery) {
    for (const uint64_t contents : {1, 2, 3}) {
        for (uint64_t seed = 1; seed <= 6; ++seed) {
            Scenario scenario;
            scenario.contents = contents;
            expect_exactly_once(scenario, seed);
        }
    }
}

TEST(Redelivery, WorksWithoutDupFlagsWhereIdentifiersAscend) {
    for (uint64_t seed = 1; seed <= 6; ++seed) {
        Scenario scenario;
        scenario.contents = 2;
        scenario.keeps_dup = false;
        scenario.burst = 400;
        expect_exactly_once(scenario, seed);
    }
}

TEST(Redelivery, WorksAcrossTheWrapOfIdentifiers) {
    for (uint64_t seed = 1; seed <= 4; ++seed) {
        Scenario scenario;
        scenario.contents = 1;
        scenario.first_id = 65'000;
        expect_exactly_once(scenario, seed);
        scenario.contents = 9;
        scenario.silent_ones = true;
        expect_exactly_once(scenario, seed);
    }
}

TEST(Redelivery, CopesWithThirtyThousandRedeliveredMessages) {
    for (uint64_t seed = 1; seed <= 2; ++seed) {
        Scenario scenario;
        scenario.contents = 2;
        scenario.window = 30'000;
        scenario.burst = 40'000;
        scenario.kills = 8;
        expect_exactly_once(scenario, seed);
    }
}

TEST(Redelivery, WorksWhereTheBrokerReusesTheLowestFreeIdentifier) {
    for (const uint64_t contents : {0, 1, 2}) {
        for (uint64_t seed = 1; seed <= 6; ++seed) {
            Scenario scenario;
            scenario.ids = Ids::LowestFree;
            scenario.contents = contents;
            scenario.window = 20;
            expect_exactly_once(scenario, seed);
        }
    }
}

TEST(Redelivery, PassesOverMessagesThatGaveNoSample) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
        Scenario scenario;
        scenario.contents = 9;
        scenario.silent_ones = true;
        expect_exactly_once(scenario, seed);
    }
}

Delivery delivery(uint64_t hash, uint16_t id, bool dup = false) {
    return {hash, id, dup};
}
void store(Redelivery& redelivery, const Delivery& what) {
    ASSERT_FALSE(redelivery.was_stored(what));
    redelivery.on_stored(redelivery.stamp_for(what));
}

TEST(Redelivery, ExpectsNothingFromABrokerThatLostTheSession) {
    Redelivery redelivery(kSource);
    redelivery.on_connected(false);
    for (uint16_t id = 1; id <= 10; ++id) {
        store(redelivery, delivery(1, id));
    }
    redelivery.on_connected(false);
    EXPECT_FALSE(redelivery.was_stored(delivery(1, 1)));
}

TEST(Redelivery, DoesNotMistakeAnOlderSessionsIdentifiersAfterARestart) {
    std::vector<store::MessageStamp> log;
    Redelivery before(kSource);
    const auto keep = [&](const Delivery& what) {
        log.push_back(before.stamp_for(what));
        before.on_stored(log.back());
    };
    before.on_connected(false);
    for (uint16_t id = 1; id <= 10; ++id) {
        keep(delivery(1, id));
    }
    before.on_connected(false);
    keep(delivery(2, 1));
    Redelivery after(kSource);
    after.restore(log);
    after.on_connected(true);
    EXPECT_TRUE(after.was_stored(delivery(2, 1, true)));
    EXPECT_FALSE(after.was_stored(delivery(1, 2, true)));
}

// What aedes does: old messages under their identifiers and without DUP, in between them new ones
// under identifiers that begin anywhere.
void expect_copes_with_new_identifiers(uint16_t first_new_id, uint64_t contents) {
    SCOPED_TRACE(testing::Message() << first_new_id << " " << contents);
    const auto content = [&](uint64_t number) { return 1 + number % contents; };
    ModelCollector collector;
    collector.restart();
    collector.connect(false);
    constexpr uint16_t kFirstId = 16'000;
    constexpr uint64_t kStored = 2000;
    constexpr uint64_t kUnknown = 40;  // stored, and the broker does not know it
    for (uint64_t i = 0; i < kStored; ++i) {
        collector.receive({i, content(i), static_cast<uint16_t>(kFirstId + i), false}, true);
    }
    collector.restart();
    collector.connect(true);
    uint64_t next = kStored;
    const auto receive_new = [&] {
        const auto id = static_cast<uint16_t>(first_new_id + (next - kStored));
        collector.receive({next, content(next), id, false}, true);
        ++next;
    };
    for (uint64_t i = kStored - kUnknown; i < kStored; ++i) {
        collector.receive({i, content(i), static_cast<uint16_t>(kFirstId + i), false}, true);
        for (uint64_t k = i % 4; k > 0; --k) {
            receive_new();
        }
    }
    for (int i = 0; i < 5000; ++i) {
        receive_new();
    }
    EXPECT_EQ(collector.stored.size(), next);
}

TEST(Redelivery, CopesWithBrokersThatBeginNewIdentifiersAnywhere) {
    for (const uint16_t first :
         {uint16_t{61'738}, uint16_t{30'000}, uint16_t{100}, uint16_t{5000}}) {
        expect_copes_with_new_identifiers(first, 1'000'000);
        expect_copes_with_new_identifiers(first, 3);
    }
}

TEST(Redelivery, StopsLookingAtTheFirstNewMessage) {
    Redelivery redelivery(kSource);
    redelivery.on_connected(false);
    for (uint16_t id = 1; id <= 10; ++id) {
        store(redelivery, delivery(id, id));
    }
    redelivery.on_connected(true);
    EXPECT_TRUE(redelivery.is_aligning());
    EXPECT_TRUE(redelivery.was_stored(delivery(9, 9, true)));
    EXPECT_TRUE(redelivery.was_stored(delivery(10, 10, true)));
    EXPECT_FALSE(redelivery.is_aligning());
    EXPECT_FALSE(redelivery.was_stored(delivery(11, 11)));
}

TEST(Redelivery, TakesKnownIdentifiersWithOtherContentForNew) {
    Redelivery redelivery(kSource);
    redelivery.on_connected(false);
    for (uint16_t id = 1; id <= 10; ++id) {
        store(redelivery, delivery(id, id));
    }
    redelivery.on_connected(true);
    EXPECT_FALSE(redelivery.was_stored(delivery(99, 9, true)));
    EXPECT_TRUE(redelivery.was_stored(delivery(10, 10, true)));
}

TEST(Redelivery, NumbersStampsOnFromTheLog) {
    Redelivery redelivery(kSource);
    const std::vector<store::MessageStamp> log = {{kSource, 41, 5, 3}, {kSource, 40, 4, 2}};
    redelivery.restore(log);
    const store::MessageStamp next = redelivery.stamp_for(delivery(6, 4));
    EXPECT_EQ(next.sequence, 42U);
    EXPECT_EQ(next.source, kSource);
    EXPECT_EQ(next.hash, 6U);
}

}  // namespace
}  // namespace cistern::collector
