// SPDX-License-Identifier: MIT
// A stream of messages: kind, device, length, payload; then the state must survive a restart.
#include "collector/mapping/sparkplug_session.h"
#include "store/base/assert.h"
#include "store/model/labels.h"

#include <algorithm>
#include <cstdint>
#include <string>

using namespace cistern;
using namespace cistern::collector;

namespace {

constexpr const char* kTopics[] = {"spBv1.0/G/NBIRTH/N",
                                   "spBv1.0/G/DBIRTH/N/D",
                                   "spBv1.0/G/NDATA/N",
                                   "spBv1.0/G/DDATA/N/D",
                                   "spBv1.0/G/DDEATH/N/D",
                                   "spBv1.0/G/NDEATH/N",
                                   "spBv1.0/G/DBIRTH/N/E",
                                   "spBv1.0/G/DDATA/N/E",
                                   "spBv1.0/STATE/H",
                                   "spBv1.0/G/NCMD/N"};

void check(const SparkplugSession& session, const SparkplugOutcome& out) {
    for (const SparkplugSample& sample : out.samples) {
        CISTERN_ASSERT(sample.definition < session.definition_count());
    }
    for (const DroppedField& dropped : out.dropped) {
        CISTERN_ASSERT(store::is_valid_utf8(dropped.field));
    }
    for (const SparkplugText& text : out.texts) {
        CISTERN_ASSERT(store::is_valid_utf8(text.value));
        CISTERN_ASSERT(store::is_valid_utf8(session.definition(text.definition).name));
    }
    for (const SparkplugStale& stale : out.stale) {
        CISTERN_ASSERT(stale.definition < session.definition_count());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    SparkplugSession::Limits limits;
    limits.definitions = 100;
    limits.devices_per_node = 4;
    const auto session = SparkplugSession::create({}, limits);
    SparkplugOutcome out;
    std::string_view rest(reinterpret_cast<const char*>(bytes), size);
    int64_t now_ns = 1'767'225'600'000'000'000;
    while (rest.size() >= 2) {
        const std::string_view topic = kTopics[static_cast<uint8_t>(rest[0]) % std::size(kTopics)];
        const size_t length = std::min<size_t>(static_cast<uint8_t>(rest[1]), rest.size() - 2);
        Message message;
        message.topic = topic;
        message.payload = rest.substr(2, length);
        message.received_ns = now_ns += 500'000'000;
        rest.remove_prefix(2 + length);
        session->handle(message, *parse_sparkplug_topic(topic), out);
        check(*session, out);
        session->tick(now_ns, out);
    }
    const std::string state = session->save();
    const auto again = SparkplugSession::create({}, limits);
    CISTERN_ASSERT(again->restore(state).has_value());
    (void)again->restore({reinterpret_cast<const char*>(bytes), size});
    return 0;
}
