// SPDX-License-Identifier: MIT
// Formats of bytes rather than text. Each checks lengths before it reads and depth before it
// recurses; counts that a payload claims are believed only as far as its bytes reach.
#pragma once

#include "collector/decode/decoder.h"

#include <memory>

namespace cistern::collector {

// RFC 8949, with tags for big numbers, decimal fractions and typed arrays (RFC 8746). Keys that
// are integers become decimal text; other keys are refused.
std::unique_ptr<Decoder> make_cbor_decoder(const DecodeLimits& limits);
// The MessagePack specification; a timestamp extension becomes unix ns.
std::unique_ptr<Decoder> make_msgpack_decoder(const DecodeLimits& limits);
// RFC 8428 in JSON or CBOR: an Array of Records. The base name becomes the label `device`.
std::unique_ptr<Decoder> make_senml_decoder(const DecodeLimits& limits);
// Columns of DecoderSpec::csv_columns, or of the first line when there are none: an Array of
// Records per line.
Result<std::unique_ptr<Decoder>> make_csv_decoder(const DecoderSpec& spec);
// key=value pairs: an Object of Strings; percent-decoded where the separator is '&'.
Result<std::unique_ptr<Decoder>> make_key_value_decoder(const DecoderSpec& spec);
// DecoderSpec::binary: an Array of Records, one per field. Longer payloads are accepted, shorter
// ones name the field that is missing.
Result<std::unique_ptr<Decoder>> make_binary_decoder(const DecoderSpec& spec);
// One value that is the whole payload: "f32le".
Result<std::unique_ptr<Decoder>> make_single_binary_decoder(const std::string& type);
bool is_binary_type(std::string_view type);
// Cayenne Low Power Payload with its known extensions: an Array of Records with label `channel`.
// Bytes, or the same as hexadecimal text.
std::unique_ptr<Decoder> make_cayenne_lpp_decoder();
// A Sparkplug B payload on its own: an Array of Records of the metrics that have a name. Aliases
// need a session: collector/mapping/sparkplug_session.h.
std::unique_ptr<Decoder> make_sparkplug_decoder(const DecodeLimits& limits);

}  // namespace cistern::collector
