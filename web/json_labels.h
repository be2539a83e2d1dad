// SPDX-License-Identifier: MIT
// A label set as a JSON object.
#pragma once

#include "store/model/labels.h"
#include "web/json_writer.h"

namespace cistern::web {

inline void write_labels(JsonWriter& json, const store::Labels& labels) {
    json.begin_object();
    for (const store::Label& label : labels.all())
        json.field(label.name, label.value);
    json.end_object();
}

}  // namespace cistern::web
