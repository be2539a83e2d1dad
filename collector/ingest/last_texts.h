// SPDX-License-Identifier: MIT
// The last text of each series whose values are no numbers ("heat", "NNW", a version): kept beside
// the store, in memory.
#pragma once

#include "collector/mapping/mapper.h"
#include "store/model/labels.h"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cistern::collector {

inline constexpr size_t kTextBytesMax = 1024;

struct LastText {
    std::string db;  // empty = the default database
    store::Labels labels;
    std::string value;  // its first kTextBytesMax bytes
    int64_t last_ns = 0;
};

// For one thread.
class LastTexts {
  public:
    explicit LastTexts(uint32_t texts_max) : texts_max_(texts_max) {}

    // A new text beyond texts_max is left out.
    void set(const Mapper& mapper, const MappedText& text, int64_t now_ns);
    // After the mapper was replaced its keys mean something else.
    void forget_keys() { by_slot_.clear(); }
    [[nodiscard]] const std::deque<LastText>& all() const { return texts_; }

  private:
    struct Slot {
        SeriesKey key;
        LastText* text = nullptr;
        bool is_set = false;
    };
    LastText* resolve(const Mapper& mapper, SeriesKey key);

    const uint32_t texts_max_;
    std::vector<Slot> by_slot_;
    std::deque<LastText> texts_;  // addresses stay
    std::map<std::pair<std::string, store::Labels>, LastText*> by_labels_;
    MappedSeries described_;
};

}  // namespace cistern::collector
