// SPDX-License-Identifier: MIT
#include "web/remote_write.h"

#include <fmt/format.h>
#include <protozero/pbf_reader.hpp>

#include <algorithm>
#include <array>

namespace cistern::web {
namespace {

using protozero::data_view;
using protozero::pbf_reader;

// A field of another wire type than the protocol says is skipped like an unknown one: protozero
// itself only asserts.
constexpr uint32_t varint(uint32_t tag) {
    return protozero::tag_and_type(tag, protozero::pbf_wire_type::varint);
}
constexpr uint32_t fixed64(uint32_t tag) {
    return protozero::tag_and_type(tag, protozero::pbf_wire_type::fixed64);
}
constexpr uint32_t bytes(uint32_t tag) {
    return protozero::tag_and_type(tag, protozero::pbf_wire_type::length_delimited);
}
constexpr auto kBytes = protozero::pbf_wire_type::length_delimited;

constexpr std::array<std::string_view, 8> kMetricTypes = {
    "", "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset"};

std::string_view view(data_view bytes) {
    return {bytes.data(), bytes.size()};
}

std::string_view metric_type(int32_t number) {
    const auto index = static_cast<size_t>(number);
    return number >= 0 && index < kMetricTypes.size() ? kMetricTypes[index] : std::string_view{};
}

RemoteSample decode_sample(pbf_reader reader) {
    RemoteSample sample;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case fixed64(1):
                sample.value = reader.get_double();
                break;
            case varint(2):
                sample.timestamp_ms = reader.get_int64();
                break;
            default:
                reader.skip();
        }
    }
    return sample;
}

store::Label decode_label(pbf_reader reader) {
    store::Label label;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case bytes(1):
                label.name = reader.get_string();
                break;
            case bytes(2):
                label.value = reader.get_string();
                break;
            default:
                reader.skip();
        }
    }
    return label;
}

// One TimeSeries of 1.0. Its labels are decoded only when the cache does not know the key.
class SeriesReader1 {
  public:
    Status read(data_view message, const RemoteWriteSink& sink) {
        series_.samples.clear();
        series_.histograms = series_.exemplars = 0;
        labels_.clear();
        pbf_reader reader(message);
        while (reader.next())
            take_field(reader);
        make_key();
        return sink.on_series(series_, [this] { return decode_labels(); });
    }

  private:
    void take_field(pbf_reader& reader) {
        switch (reader.tag_and_type()) {
            case bytes(1):
                labels_.push_back(reader.get_view());
                break;
            case bytes(2):
                series_.samples.push_back(decode_sample(reader.get_message()));
                break;
            case bytes(3):
                ++series_.exemplars;
                reader.skip();
                break;
            case bytes(4):
                ++series_.histograms;
                reader.skip();
                break;
            default:
                reader.skip();
        }
    }
    // Label messages follow each other in the body: the bytes from the first to the last.
    void make_key() {
        series_.key = {};
        if (labels_.empty()) return;
        // With the length in front of the first one, so that every label's bounds are in the key.
        const size_t first = labels_.front().size();
        const char* begin = labels_.front().data() - (first < 128 ? 1 : first < 16384 ? 2 : 3);
        const char* end = labels_.back().data() + labels_.back().size();
        size_t inner = 0;
        for (const data_view label : labels_)
            inner += label.size();
        // Between two of them are a tag and a length of one to three bytes.
        const bool adjacent =
            end >= begin && static_cast<size_t>(end - begin) <= inner + 4 * labels_.size();
        if (adjacent) {
            series_.key = {begin, static_cast<size_t>(end - begin)};
            return;
        }
        joined_.clear();
        for (const data_view label : labels_) {
            joined_ += fmt::format("{}:", label.size());
            joined_.append(label.data(), label.size());
        }
        series_.key = joined_;
    }
    [[nodiscard]] Result<store::Labels> decode_labels() const {
        std::vector<store::Label> labels;
        for (const data_view label : labels_)
            labels.push_back(decode_label(pbf_reader(label)));
        return labels_in_any_order(std::move(labels));
    }

    RemoteSeries series_;
    std::vector<data_view> labels_;
    std::string joined_;
};

void decode_metadata_1(pbf_reader reader, const RemoteWriteSink& sink) {
    RemoteMetadata metadata;
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case varint(1):
                metadata.metadata.type = metric_type(reader.get_int32());
                break;
            case bytes(2):
                metadata.family = view(reader.get_view());
                break;
            case bytes(4):
                metadata.metadata.help = reader.get_string();
                break;
            case bytes(5):
                metadata.metadata.unit = reader.get_string();
                break;
            default:
                reader.skip();
        }
    }
    if (sink.on_metadata) sink.on_metadata(metadata);
}

// One TimeSeries of 2.0, whose strings are numbers of the request's table.
class SeriesReader2 {
  public:
    explicit SeriesReader2(const std::vector<data_view>& symbols) : symbols_(symbols) {}

    Status read(data_view message, const RemoteWriteSink& sink) {
        series_.samples.clear();
        series_.histograms = series_.exemplars = 0;
        series_.has_metadata = false;
        refs_.clear();
        bad_ref_ = false;
        pbf_reader reader(message);
        while (reader.next())
            take_field(reader);
        make_key();
        return sink.on_series(series_, [this] { return decode_labels(); });
    }

  private:
    void take_field(pbf_reader& reader) {
        switch (reader.tag_and_type()) {
            case varint(1):
            case bytes(1):
                take_refs(reader);
                break;
            case bytes(2):
                series_.samples.push_back(decode_sample(reader.get_message()));
                break;
            case bytes(3):
                ++series_.histograms;
                reader.skip();
                break;
            case bytes(4):
                ++series_.exemplars;
                reader.skip();
                break;
            case bytes(5):
                take_metadata(reader.get_message());
                break;
            default:
                reader.skip();
        }
    }
    void take_refs(pbf_reader& reader) {
        if (reader.wire_type() == protozero::pbf_wire_type::varint) {
            refs_.push_back(reader.get_uint32());
            return;
        }
        for (const uint32_t ref : reader.get_packed_uint32())
            refs_.push_back(ref);
    }
    void take_metadata(pbf_reader reader) {
        series_.has_metadata = true;
        series_.metadata = {};
        while (reader.next()) {
            switch (reader.tag_and_type()) {
                case varint(1):
                    series_.metadata.type = metric_type(reader.get_int32());
                    break;
                case varint(3):
                    series_.metadata.help = symbol(reader.get_uint32());
                    break;
                case varint(4):
                    series_.metadata.unit = symbol(reader.get_uint32());
                    break;
                default:
                    reader.skip();
            }
        }
    }
    std::string_view symbol(uint32_t ref) {
        if (ref < symbols_.size()) return view(symbols_[ref]);
        bad_ref_ = true;
        return {};
    }
    void make_key() {
        key_.clear();
        for (const uint32_t ref : refs_) {
            const std::string_view text = symbol(ref);
            const auto size = static_cast<uint32_t>(text.size());
            key_.append(reinterpret_cast<const char*>(&size), sizeof(size));
            key_ += text;
        }
        // A key that no good series has: it never gets into the cache.
        if (bad_ref_ || refs_.size() % 2 != 0) key_.clear();
        series_.key = key_;
    }
    [[nodiscard]] Result<store::Labels> decode_labels() const {
        if (bad_ref_)
            return fail(ErrorCode::InvalidArgument, "a label refers to a symbol that is not there");
        if (refs_.size() % 2 != 0)
            return fail(ErrorCode::InvalidArgument, "a label has a name but no value");
        std::vector<store::Label> labels;
        for (size_t i = 0; i < refs_.size(); i += 2) {
            labels.push_back(
                {std::string(view(symbols_[refs_[i]])), std::string(view(symbols_[refs_[i + 1]]))});
        }
        return labels_in_any_order(std::move(labels));
    }

    const std::vector<data_view>& symbols_;
    RemoteSeries series_;
    std::vector<uint32_t> refs_;
    std::string key_;
    bool bad_ref_ = false;
};

Status decode_1(std::string_view message, const RemoteWriteSink& sink) {
    // Metadata may follow the series it is about.
    for (pbf_reader reader(message.data(), message.size()); reader.next(3, kBytes);) {
        decode_metadata_1(reader.get_message(), sink);
    }
    SeriesReader1 series;
    for (pbf_reader reader(message.data(), message.size()); reader.next(1, kBytes);) {
        TRY(series.read(reader.get_view(), sink));
    }
    return {};
}

Status decode_2(std::string_view message, const RemoteWriteSink& sink) {
    std::vector<data_view> symbols;
    for (pbf_reader reader(message.data(), message.size()); reader.next(4, kBytes);)
        symbols.push_back(reader.get_view());
    SeriesReader2 series(symbols);
    for (pbf_reader reader(message.data(), message.size()); reader.next(5, kBytes);) {
        TRY(series.read(reader.get_view(), sink));
    }
    return {};
}

// protozero reports bad bytes by exceptions; none leaves this file.
template <class Decode>
Status guarded(const Decode& decode, std::string_view message, const RemoteWriteSink& sink) {
    try {
        return decode(message, sink);
    } catch (const protozero::exception& error) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the body is not valid protobuf: {}", error.what()));
    }
}

}  // namespace

Result<store::Labels> labels_in_any_order(std::vector<store::Label> labels) {
    std::sort(labels.begin(), labels.end());
    const auto same_name = [](const auto& a, const auto& b) { return a.name == b.name; };
    const auto twice = std::adjacent_find(labels.begin(), labels.end(), same_name);
    if (twice != labels.end()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("label name \"{}\" is not unique", twice->name));
    }
    return store::Labels(std::move(labels));
}

Status decode_remote_write_1(std::string_view message, const RemoteWriteSink& sink) {
    return guarded(decode_1, message, sink);
}

Status decode_remote_write_2(std::string_view message, const RemoteWriteSink& sink) {
    return guarded(decode_2, message, sink);
}

}  // namespace cistern::web
