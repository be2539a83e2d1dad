// SPDX-License-Identifier: MIT
#include "collector/decode/decoder.h"

#include "collector/decode/binary_formats.h"
#include "collector/decode/inflate.h"
#include "collector/decode/json.h"
#include "collector/decode/line_formats.h"
#include "collector/decode/text_scalar.h"
#include "store/model/labels.h"

#include <fmt/format.h>

namespace cistern::collector {
namespace {

using Maker = Result<std::unique_ptr<Decoder>> (*)(const DecoderSpec&, const DecodeLimits&);

struct Entry {
    std::string_view name;
    Maker make;
    // Formats whose own bytes may look like gzip are never inflated.
    bool inflates = true;
};

// Values between commas (else semicolons, else spaces), told apart by their places: an array of
// texts.
class ListDecoder final : public Decoder {
  public:
    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        if (!store::is_valid_utf8(payload)) {
            return fail(ErrorCode::InvalidArgument, "a list must be UTF-8");
        }
        Decoded out;
        Node* list = arena.make(NodeKind::Array);
        Node* tail = nullptr;
        std::string_view rest = trim_scalar(payload);
        const std::string_view separators = rest.find(',') != std::string_view::npos   ? ","
                                            : rest.find(';') != std::string_view::npos ? ";"
                                                                                       : " \t";
        while (list != nullptr && !rest.empty()) {
            if (separators.size() > 1) {
                rest.remove_prefix(std::min(rest.find_first_not_of(separators), rest.size()));
            }
            const size_t end = std::min(rest.find_first_of(separators), rest.size());
            Node* item = make_text(arena, trim_scalar(rest.substr(0, end)));
            if (item == nullptr) {
                return fail(ErrorCode::ResourceExhausted, "more fields than allowed");
            }
            NodeArena::append(*list, tail, item);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        out.root = list;
        if (list == nullptr) {
            return fail(ErrorCode::ResourceExhausted, "more fields than allowed");
        }
        return out;
    }
};

class TextDecoder final : public Decoder {
  public:
    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        Decoded out;
        out.root = make_text(arena, payload);
        if (out.root == nullptr) {
            return fail(ErrorCode::ResourceExhausted, "more fields than allowed");
        }
        return out;
    }
};

constexpr Entry kDecoders[] = {
    {"auto",
     [](const DecoderSpec&, const DecodeLimits& l) -> Result<std::unique_ptr<Decoder>> {
         return make_auto_decoder(l);
     },
     false},  // it inflates by itself
    {"text",
     [](const DecoderSpec&, const DecodeLimits&) -> Result<std::unique_ptr<Decoder>> {
         return make_text_decoder();
     }},
    {"list",
     [](const DecoderSpec&, const DecodeLimits&) -> Result<std::unique_ptr<Decoder>> {
         return std::make_unique<ListDecoder>();
     }},
    {"json",
     [](const DecoderSpec&, const DecodeLimits& l) -> Result<std::unique_ptr<Decoder>> {
         return make_json_decoder(l);
     }},
    {"ndjson",
     [](const DecoderSpec&, const DecodeLimits& l) -> Result<std::unique_ptr<Decoder>> {
         return make_ndjson_decoder(l);
     }},
    {"influx",
     [](const DecoderSpec&, const DecodeLimits&) -> Result<std::unique_ptr<Decoder>> {
         return make_influx_decoder();
     }},
    {"prometheus",
     [](const DecoderSpec&, const DecodeLimits&) -> Result<std::unique_ptr<Decoder>> {
         return make_prometheus_decoder();
     }},
    {"obis",
     [](const DecoderSpec&, const DecodeLimits&) -> Result<std::unique_ptr<Decoder>> {
         return make_obis_decoder();
     }},
    {"csv", [](const DecoderSpec& s, const DecodeLimits&) { return make_csv_decoder(s); }},
    {"key_value",
     [](const DecoderSpec& s, const DecodeLimits&) { return make_key_value_decoder(s); }},
    {"cbor",
     [](const DecoderSpec&, const DecodeLimits& l) -> Result<std::unique_ptr<Decoder>> {
         return make_cbor_decoder(l);
     }},
    {"msgpack",
     [](const DecoderSpec&, const DecodeLimits& l) -> Result<std::unique_ptr<Decoder>> {
         return make_msgpack_decoder(l);
     }},
    {"senml",
     [](const DecoderSpec&, const DecodeLimits& l) -> Result<std::unique_ptr<Decoder>> {
         return make_senml_decoder(l);
     }},
    {"sparkplug",
     [](const DecoderSpec&, const DecodeLimits& l) -> Result<std::unique_ptr<Decoder>> {
         return make_sparkplug_decoder(l);
     }},
    {"cayenne_lpp",
     [](const DecoderSpec&, const DecodeLimits&) -> Result<std::unique_ptr<Decoder>> {
         return make_cayenne_lpp_decoder();
     },
     false},
    {"binary",
     [](const DecoderSpec& s, const DecodeLimits&) { return make_binary_decoder(s); },
     false},
};

constexpr std::pair<std::string_view, std::string_view> kAliases[] = {{"", "auto"},
                                                                      {"gzip", "auto"},
                                                                      {"zstd", "auto"},
                                                                      {"value", "text"},
                                                                      {"plain", "text"},
                                                                      {"string", "text"},
                                                                      {"stream", "ndjson"},
                                                                      {"jsonl", "ndjson"},
                                                                      {"lp", "influx"},
                                                                      {"line_protocol", "influx"},
                                                                      {"influx_lines", "influx"},
                                                                      {"prom", "prometheus"},
                                                                      {"openmetrics", "prometheus"},
                                                                      {"p1", "obis"},
                                                                      {"dsmr", "obis"},
                                                                      {"messagepack", "msgpack"},
                                                                      {"kv", "key_value"},
                                                                      {"lpp", "cayenne_lpp"},
                                                                      {"cayenne", "cayenne_lpp"},
                                                                      {"sparkplug_b", "sparkplug"},
                                                                      {"fixed_binary", "binary"}};

constexpr std::pair<std::string_view, std::string_view> kContentTypes[] = {
    {"application/json", "json"},
    {"text/plain", "auto"},
    {"application/cbor", "cbor"},
    {"application/msgpack", "msgpack"},
    {"application/x-msgpack", "msgpack"},
    {"application/vnd.msgpack", "msgpack"},
    {"application/senml+json", "senml"},
    {"application/senml+cbor", "senml"},
    {"application/gzip", "auto"},
    {"application/zstd", "auto"},
    {"application/x-ndjson", "ndjson"},
    {"text/csv", "csv"},
    {"application/x-www-form-urlencoded", "key_value"}};

class AutoDecoder final : public Decoder {
  public:
    explicit AutoDecoder(const DecodeLimits& limits) : json_(make_json_decoder(limits)) {}

    Result<Decoded> decode(std::string_view payload, NodeArena& arena) override {
        const std::string_view text = trim_scalar(payload);
        if (!text.empty() && (text[0] == '{' || text[0] == '[')) {
            return json_->decode(text, arena);
        }
        if (const std::string_view what = known_binary(payload); !what.empty()) {
            return fail(ErrorCode::Unsupported, fmt::format("a {}, not a measurement", what));
        }
        if (looks_binary(text)) {
            return fail(ErrorCode::Unsupported,
                        "binary; a rule with decode = … may know how to read it");
        }
        if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
            return decode_quoted(text, arena);
        }
        return text_.decode(payload, arena);
    }

  private:
    Result<Decoded> decode_quoted(std::string_view text, NodeArena& arena) {
        auto outer = json_->decode(text, arena);
        if (!outer.has_value() || !outer->root->is_string()) {
            return text_.decode(text, arena);
        }
        const std::string_view inner = trim_scalar(outer->root->text());
        if (inner.empty() || (inner[0] != '{' && inner[0] != '[')) {
            return outer;
        }
        inner_.assign(inner);  // the parser's memory is about to be reused
        return json_->decode(inner_, arena);
    }

    std::unique_ptr<Decoder> json_;
    TextDecoder text_;
    std::string inner_;
};

std::string_view canonical_name(std::string_view name) {
    for (const auto& [alias, meant] : kAliases) {
        if (name == alias) {
            return meant;
        }
    }
    return name;
}

}  // namespace

Result<std::unique_ptr<Decoder>> make_decoder(const DecoderSpec& spec, const DecodeLimits& limits) {
    const std::string_view name = canonical_name(spec.name);
    for (const Entry& entry : kDecoders) {
        if (entry.name == name) {
            auto decoder = TRY(entry.make(spec, limits));
            return entry.inflates ? make_inflating_decoder(std::move(decoder), limits)
                                  : std::move(decoder);
        }
    }
    if (is_binary_type(name)) {
        return make_single_binary_decoder(std::string(name));
    }
    std::string known;
    for (const Entry& entry : kDecoders) {
        known += (known.empty() ? "" : ", ") + std::string(entry.name);
    }
    return fail(ErrorCode::InvalidArgument,
                fmt::format("decode = '{}' is unknown; there are {}", spec.name, known));
}

std::vector<std::string_view> decoder_names() {
    std::vector<std::string_view> names;
    for (const Entry& entry : kDecoders) {
        names.push_back(entry.name);
    }
    return names;
}

std::unique_ptr<Decoder> make_auto_decoder(const DecodeLimits& limits) {
    return make_inflating_decoder(std::make_unique<AutoDecoder>(limits), limits);
}
std::unique_ptr<Decoder> make_text_decoder() {
    return std::make_unique<TextDecoder>();
}

std::string_view decoder_of_content_type(std::string_view content_type) {
    const std::string_view type = trim_scalar(content_type.substr(0, content_type.find(';')));
    for (const auto& [name, decoder] : kContentTypes) {
        if (equals_ignoring_case(name, type)) {
            return decoder;
        }
    }
    return {};
}

bool looks_binary(std::string_view payload) {
    bool ascii = true;
    for (const char c : payload) {
        const auto byte = static_cast<unsigned char>(c);
        ascii &= byte < 0x80;
        if (byte < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\x1b') {
            return true;
        }
    }
    return !ascii && !store::is_valid_utf8(payload);
}

}  // namespace cistern::collector
