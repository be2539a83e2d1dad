// SPDX-License-Identifier: MIT
#include "store/catalog/catalog_snapshot.h"

#include "store/catalog/series_index.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace cistern::store {
namespace {

using Json = nlohmann::ordered_json;
constexpr size_t kWriteBytes = 1 << 20;

Json to_json(const SnapshotEntry& entry) {
    const Labels& labels = entry.definition.labels;
    Json json = {{"id", entry.definition.id.value()},
                 {"name", labels.metric()},
                 {"type", entry.definition.type == ValueType::Int ? "int" : "float"}};
    for (const Label& label : labels.all()) {
        if (label.name != kMetricNameLabel) {
            json["labels"][label.name] = label.value;
        }
    }
    const SeriesMetadata& metadata = entry.metadata;
    const std::pair<const char*, const std::string*> texts[] = {
        {"unit", &metadata.unit}, {"help", &metadata.help}, {"metric_type", &metadata.type}};
    for (const auto& [name, text] : texts) {
        if (!text->empty()) {
            json[name] = *text;
        }
    }
    if (metadata.stale_after_ns != 0) {
        json["stale_after_ns"] = metadata.stale_after_ns;
    }
    return json;
}

std::string text_of(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool from_json(const Json& json, SnapshotEntry& entry) {
    const auto id = json.find("id");
    if (id == json.end() || !id->is_number_unsigned() || id->get<uint64_t>() > kSeriesIdMax) {
        return false;
    }
    entry.definition.id = SeriesId(id->get<uint32_t>());
    entry.definition.type = text_of(json, "type") == "int" ? ValueType::Int : ValueType::Float;
    std::vector<Label> labels;
    if (const auto found = json.find("labels"); found != json.end() && found->is_object()) {
        for (const auto& [name, value] : found->items()) {
            if (!value.is_string()) {
                return false;
            }
            labels.push_back({name, value.get<std::string>()});
        }
    }
    entry.definition.labels = Labels::of_metric(text_of(json, "name"), std::move(labels));
    entry.metadata = {
        text_of(json, "unit"), text_of(json, "help"), text_of(json, "metric_type"), 0};
    if (const auto stale = json.find("stale_after_ns");
        stale != json.end() && stale->is_number_integer()) {
        entry.metadata.stale_after_ns = stale->get<int64_t>();
    }
    return true;
}

}  // namespace

Result<SnapshotWriter> SnapshotWriter::create(FileSystem& fs, std::string path) {
    auto file = TRY(fs.open(path + ".tmp", OpenMode::Create));
    SnapshotWriter writer(fs, std::move(path), std::move(file));
    writer.pending_ = "{\"version\": 1, \"metrics\": [";
    return writer;
}

Status SnapshotWriter::write_out() {
    TRY(file_->pwrite(offset_, std::as_bytes(std::span(pending_))));
    offset_ += pending_.size();
    pending_.clear();
    return {};
}

Status SnapshotWriter::add(const SnapshotEntry& entry) {
    pending_ += first_ ? "\n" : ",\n";
    first_ = false;
    pending_ += to_json(entry).dump(-1, ' ', false, Json::error_handler_t::replace);
    return pending_.size() < kWriteBytes ? Status() : write_out();
}

Status SnapshotWriter::finish() {
    pending_ += "\n]}\n";
    TRY(write_out());
    TRY(file_->sync_data());
    file_.reset();
    TRY(fs_->rename(path_ + ".tmp", path_));
    return fs_->sync_directory(parent_directory(path_));
}

Status read_snapshot(FileSystem& fs,
                     const std::string& path,
                     const std::function<void(SnapshotEntry)>& sink) {
    const std::string text = TRY(read_file(fs, path));
    // One entry per line, so that damage costs one entry.
    for (size_t begin = 0; begin < text.size();) {
        const size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line = std::string_view(text).substr(begin, end - begin);
        begin = end + 1;
        if (!line.empty() && line.back() == ',') {
            line.remove_suffix(1);
        }
        const Json json = Json::parse(line, nullptr, false);
        SnapshotEntry entry;
        if (json.is_object() && from_json(json, entry)) {
            sink(std::move(entry));
        }
    }
    return {};
}

}  // namespace cistern::store
