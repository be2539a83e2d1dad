// SPDX-License-Identifier: MIT
#include "collector/decode/record_list.h"

#include "store/model/labels.h"

namespace cistern::collector {

// Names, units and labels go into series and documents: bytes that are no UTF-8 become '?'.
std::string_view RecordList::clean(std::string_view text) {
    if (store::is_valid_utf8(text)) {
        return text;
    }
    char* out = arena_.bytes(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        out[i] = static_cast<unsigned char>(text[i]) < 0x80 ? text[i] : '?';
    }
    return {out, text.size()};
}

void RecordList::member(Node& record, Node*& tail, std::string_view key, Node* value) {
    if (value == nullptr) {
        full_ = true;
        return;
    }
    value->key = key;
    NodeArena::append(record, tail, value);
}

void RecordList::add(const RecordFields& fields) {
    Node* record = arena_.make(NodeKind::Record);
    if (record == nullptr || list_ == nullptr) {
        full_ = true;
        return;
    }
    if (fields.value != nullptr && fields.value->is_string()) {
        fields.value->bytes = clean(fields.value->text()).data();
    }
    Node* tail = nullptr;
    member(*record, tail, "name", make_text(arena_, clean(fields.name)));
    member(*record, tail, "value", fields.value);
    if (!fields.unit.empty()) {
        member(*record, tail, "unit", make_text(arena_, clean(fields.unit)));
    }
    if (fields.has_time) {
        member(*record, tail, "time_ns", make_int(arena_, fields.time_ns));
    }
    if (!fields.has_time && fields.time_offset_ns != 0) {
        member(*record, tail, "time_offset_ns", make_int(arena_, fields.time_offset_ns));
    }
    if (fields.text) {
        Node* text = arena_.make(NodeKind::Bool);
        if (text != nullptr) {
            text->boolean = true;
        }
        member(*record, tail, "text", text);
    }
    if (!fields.labels.empty()) {
        Node* labels = arena_.make(NodeKind::Object);
        member(*record, tail, "labels", labels);
        Node* label_tail = nullptr;
        for (const auto& [name, value] : fields.labels) {
            if (labels != nullptr) {
                member(*labels, label_tail, clean(name), make_text(arena_, clean(value)));
            }
        }
    }
    NodeArena::append(*list_, tail_, record);
}

Result<const Node*> RecordList::finish() const {
    if (full_ || list_ == nullptr) {
        return fail(ErrorCode::ResourceExhausted, "more fields than allowed");
    }
    return list_;
}

}  // namespace cistern::collector
