// SPDX-License-Identifier: MIT
#include "collector/ingest/last_texts.h"

namespace cistern::collector {

void LastTexts::set(const Mapper& mapper, const MappedText& text, int64_t now_ns) {
    const uint32_t slot = text.series.slot();
    if (slot >= by_slot_.size()) {
        by_slot_.resize(slot + 1);
    }
    Slot& known = by_slot_[slot];
    if (!known.is_set || !(known.key == text.series)) {
        known = {text.series, resolve(mapper, text.series), true};
    }
    if (known.text != nullptr) {
        known.text->value.assign(text.value.substr(0, kTextBytesMax));
        known.text->last_ns = now_ns;
    }
}

LastText* LastTexts::resolve(const Mapper& mapper, SeriesKey key) {
    if (!mapper.describe(key, described_)) {
        return nullptr;
    }
    LastText*& text = by_labels_[{described_.db, described_.labels}];
    if (text == nullptr && texts_.size() < texts_max_) {
        text = &texts_.emplace_back();
        text->db = described_.db;
        text->labels = described_.labels;
    }
    return text;
}

}  // namespace cistern::collector
