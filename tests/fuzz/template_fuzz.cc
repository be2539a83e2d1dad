// SPDX-License-Identifier: MIT
// Rule templates and payload paths of any text, filled from a small payload.
#include "collector/decode/decoder.h"
#include "collector/mapping/template_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace cistern::collector;
    static NodeArena arena;
    static const auto decoder = make_auto_decoder({});
    static const auto decoded =
        decoder->decode(R"({"a":{"b":[1,"x",null,{"c":true}]},"d":2.5})", arena);
    const auto text = TemplateText::parse({reinterpret_cast<const char*>(data), size});
    if (text.has_value() && size < 4096) {
        TemplateInput input;
        input.topic = "plant/line1/temp";
        input.field = "field";
        input.nodes = {decoded->root, decoded->root, decoded->root};
        std::string out;
        text->fill(input, true, out);
        text->fill(input, false, out);
    }
    return 0;
}
