// SPDX-License-Identifier: MIT
// docs/devices.md shows real messages and what they give: each block is run by one mapper.
#include "collector/mapping/presets.h"
#include "tests/collector/mapping/mapping_support.h"

#include <fstream>
#include <set>
#include <sstream>

namespace cistern::collector::test {
namespace {

Lines shown(const MapperUnderTest& mapper) {
    Lines lines = mapper.samples();
    for (const MappedText& text : mapper.mapped().texts) {
        lines.push_back(
            fmt::format("text {} {}", mapper.describe(text.series).labels.to_string(), text.value));
    }
    for (const std::string& one : mapper.stale()) {
        lines.push_back("stale " + one);
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

std::string with_spaces(std::string topic) {
    for (size_t at = topic.find("%20"); at != std::string::npos; at = topic.find("%20")) {
        topic.replace(at, 3, " ");
    }
    return topic;
}

// A P1 telegram is written on one line.
std::string with_line_ends(std::string payload) {
    for (size_t at = payload.find("\\r\\n"); at != std::string::npos; at = payload.find("\\r\\n")) {
        payload.replace(at, 4, "\r\n");
    }
    return payload;
}

struct Document {
    Lines blocks;
    std::set<std::string> families;
};

Document read_document() {
    Document document;
    std::ifstream in(CISTERN_SOURCE_DIR "/docs/devices.md");
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        if (line == "```mqtt") {
            inside = true;
            document.blocks.emplace_back();
        } else if (line == "```") {
            inside = false;
        } else if (inside) {
            document.blocks.back() += line + "\n";
        } else if (line.rfind("Preset `", 0) == 0) {
            document.families.insert(line.substr(8, line.find('`', 8) - 8));
        }
    }
    return document;
}

void check_block(const std::string& block) {
    MapperUnderTest mapper;
    std::string message;
    Lines expected;
    const auto check = [&] {
        if (message.empty()) {
            return;
        }
        const size_t space = message.find(' ');
        // Texts of the mapped message are views into the payload.
        const std::string payload = with_line_ends(message.substr(space + 1));
        mapper.send(with_spaces(message.substr(0, space)), payload);
        std::sort(expected.begin(), expected.end());
        EXPECT_EQ(shown(mapper), expected) << message;
    };
    std::istringstream lines(block);
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("< ", 0) == 0) {
            check();
            message = line.substr(2);
            expected.clear();
        } else {
            expected.push_back(line);
        }
    }
    check();
}

TEST(DevicesDocument, ShowsWhatEveryFamilyGives) {
    const Document document = read_document();
    for (const Preset& preset : all_presets()) {
        EXPECT_EQ(document.families.count(preset.family), 1U)
            << preset.family << " is not described";
    }
    for (const std::string& block : document.blocks) {
        check_block(block);
    }
}

}  // namespace
}  // namespace cistern::collector::test
