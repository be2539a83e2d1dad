// SPDX-License-Identifier: MIT
// What `cistern explain` reads and prints; design of the JSON: one object per message.
#pragma once

#include "collector/mapping/mapper.h"

#include <string>
#include <string_view>
#include <vector>

namespace cistern::collector {

// A message that owns its text.
struct ExplainInput {
    std::string topic;
    std::string payload;
    bool retain = false;
    int64_t received_ns = 0;
    std::string content_type;
    std::vector<std::pair<std::string, std::string>> user_properties;

    [[nodiscard]] Message message() const;
};

// {"topic", "payload" or "payload_b64", "retain", "rx_ts_ms"}; other members are ignored. A missing
// rx_ts_ms takes `now_ns`. Says what is wrong with the line.
Result<ExplainInput> parse_explain_line(std::string_view line, int64_t now_ns);

// {"topic","rule","samples":[{"db","metric","labels","value","ts_ms","unit","type"}],"text":[…],
//  "stale":[…],"dropped":[{"reason","field"}],"notes":[…],"actions":[…],"steps":[…]}; one line,
// empty lists are left out.
std::string explain_json(const ExplainInput& input,
                         const MappedMessage& mapped,
                         const Mapper& mapper);
// For people.
std::string explain_text(const ExplainInput& input,
                         const MappedMessage& mapped,
                         const Mapper& mapper);

}  // namespace cistern::collector
