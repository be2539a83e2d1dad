// SPDX-License-Identifier: MIT
// Any topic with any payload through all presets, discovery, Sparkplug and the generic mapper.
// The first byte picks a topic of a known family, else the first line is the topic.
#include "collector/mapping/mapper.h"

#include <cmath>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace cistern::collector;
    static const auto mapper = std::move(*Mapper::create({}));
    constexpr std::string_view kTopics[] = {"zigbee2mqtt/d",
                                            "zigbee2mqtt/bridge/devices",
                                            "tele/d/SENSOR",
                                            "d/status/switch:0",
                                            "d/events/rpc",
                                            "homeassistant/sensor/d/config",
                                            "homeassistant/device/d/config",
                                            "v3/a@t/devices/d/up",
                                            "application/a/device/d/event/up",
                                            "frigate/stats",
                                            "rtl_433/g/events",
                                            "p1/telegram",
                                            "kesy",
                                            "spBv1.0/G/NBIRTH/N",
                                            "spBv1.0/G/DDATA/N/D",
                                            "homie/5/d/$description",
                                            "evcc/site/pv/1/power",
                                            "x/y"};
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    if (rest.empty()) {
        return 0;
    }
    std::string_view topic;
    const auto pick = static_cast<unsigned char>(rest[0]);
    if (pick < std::size(kTopics)) {
        topic = kTopics[pick];
        rest.remove_prefix(1);
    } else {
        topic = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(topic.size() + 1, rest.size()));
    }
    Message message;
    message.topic = topic;
    message.payload = rest;
    message.received_ns = 1'767'225'600'000'000'000;
    MappedMessage mapped;
    mapper->map(message, true, mapped);
    MappedSeries series;
    for (const MappedSample& sample : mapped.samples) {
        if (!std::isfinite(sample.value) || !mapper->describe(sample.series, series)) {
            __builtin_trap();
        }
    }
    return 0;
}
