// SPDX-License-Identifier: MIT
// Decoders by name. A decoder turns payload bytes into a tree; to add one, write make_<name> and a
// line in the table of decoder.cc.
#pragma once

#include "collector/decode/decoder_spec.h"
#include "collector/decode/node.h"
#include "store/base/result.h"

#include <memory>
#include <string_view>
#include <vector>

namespace cistern::collector {

struct Decoded {
    const Node* root = nullptr;
    bool duplicate_keys = false;  // an object named a member twice; the last wins
    bool repaired = false;        // bad UTF-8, NaN and the like were replaced
};

// Errors: InvalidArgument = not in this format; ResourceExhausted = deeper, larger or more than
// allowed; Unsupported = bytes that this build knows but cannot read.
// Not thread safe: keeps buffers. The tree may point into the payload, the decoder and the arena,
// and lives until the next decode() or the arena's reset().
class Decoder {
  public:
    virtual ~Decoder() = default;
    virtual Result<Decoded> decode(std::string_view payload, NodeArena& arena) = 0;
};

// Names what is wrong with the spec and which decoders there are.
Result<std::unique_ptr<Decoder>> make_decoder(const DecoderSpec& spec, const DecodeLimits& limits);
std::vector<std::string_view> decoder_names();

// "auto": gzip and zstd are inflated; `{` or `[` starts JSON; a JSON string that holds JSON is
// unwrapped once; known binary (JPEG, PNG, …) and other non-text is Unsupported; the rest is text.
std::unique_ptr<Decoder> make_auto_decoder(const DecodeLimits& limits);
// The payload as one String.
std::unique_ptr<Decoder> make_text_decoder();

// What an MQTT 5 content type asks for: "application/cbor" -> "cbor". Empty when unknown.
std::string_view decoder_of_content_type(std::string_view content_type);
// Bytes that are no text: control characters or invalid UTF-8 beyond repair.
bool looks_binary(std::string_view payload);

}  // namespace cistern::collector
