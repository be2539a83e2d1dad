// SPDX-License-Identifier: MIT
#include "tests/fuzz/decoder_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    cistern::collector::DecoderSpec spec;
    spec.name = "binary";
    spec.binary = {
        {"a", "i24be", -1, 0.1, 1, "V"}, {"b", "f16le", 1, 1, 0, ""}, {"c", "u64be", -1, 2, 0, ""}};
    return cistern::collector::fuzz::run_decoder(spec, bytes, size);
}
