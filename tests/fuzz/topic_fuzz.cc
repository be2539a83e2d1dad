// SPDX-License-Identifier: MIT
// A pattern and a topic, divided by the first line end.
#include "collector/mapping/topic_pattern.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace cistern::collector;
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const size_t line = all.find('\n');
    const auto pattern = TopicPattern::parse(all.substr(0, line));
    const std::string_view topic = line == std::string_view::npos ? all : all.substr(line + 1);
    std::vector<Capture> captures;
    if (pattern.has_value() && topic.size() <= UINT16_MAX &&
        pattern->match(TopicLevels(topic), captures)) {
        for (const Capture& capture : captures) {
            if (size_t{capture.begin} + capture.length > topic.size()) {
                __builtin_trap();
            }
        }
    }
    return 0;
}
