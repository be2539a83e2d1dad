// SPDX-License-Identifier: MIT
#include "tests/fuzz/decoder_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    cistern::collector::DecoderSpec spec;
    spec.name = "cbor";
    return cistern::collector::fuzz::run_decoder(spec, bytes, size);
}
