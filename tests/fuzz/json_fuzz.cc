// SPDX-License-Identifier: MIT
// JSON and automatic decoding of any bytes.
#include "collector/decode/decoder.h"
#include "collector/decode/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace cistern::collector;
    const std::string_view payload(reinterpret_cast<const char*>(data), size);
    NodeArena arena(4096);
    for (const auto& decoder :
         {make_json_decoder({}), make_ndjson_decoder({}), make_auto_decoder({})}) {
        arena.reset();
        const auto decoded = decoder->decode(payload, arena);
        if (decoded.has_value() && decoded->root == nullptr) {
            __builtin_trap();
        }
    }
    return 0;
}
