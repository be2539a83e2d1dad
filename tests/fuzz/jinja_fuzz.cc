// SPDX-License-Identifier: MIT
// Home Assistant value templates of any text.
#include "collector/decode/decoder.h"
#include "collector/mapping/expression.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace cistern::collector;
    static NodeArena arena;
    static const auto decoder = make_auto_decoder({});
    static const auto decoded =
        decoder->decode(R"({"a":{"b":[1,"x",null,{"c":true}]},"d":2.5,"s":"21,5"})", arena);
    const auto parsed = ValueTemplate::parse({reinterpret_cast<const char*>(data), size});
    if (parsed.has_value()) {
        ExprScope scope;
        scope.value = "21.5;x";
        scope.nodes = {decoded->root, decoded->root, decoded->root};
        (void)parsed->render(scope);
        std::vector<std::vector<std::string>> paths;
        parsed->collect_paths(paths);
    }
    return 0;
}
