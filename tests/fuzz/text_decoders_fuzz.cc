// SPDX-License-Identifier: MIT
// Decoders of whole lines and documents; the first byte chooses.
#include "tests/fuzz/decoder_fuzz.h"

#include <array>
#include <memory>

namespace {

using cistern::collector::Decoder;
using cistern::collector::DecoderSpec;

constexpr std::array kNames = {
    "auto", "influx", "prometheus", "obis", "ndjson", "list", "sparkplug"};

std::array<std::unique_ptr<Decoder>, kNames.size()> make_all() {
    std::array<std::unique_ptr<Decoder>, kNames.size()> all;
    for (size_t i = 0; i < kNames.size(); ++i) {
        DecoderSpec spec;
        spec.name = kNames[i];
        auto made = cistern::collector::make_decoder(spec, {});
        CISTERN_ASSERT(made.has_value());
        all[i] = std::move(*made);
    }
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    if (size == 0) {
        return 0;
    }
    static const auto all = make_all();
    static cistern::collector::NodeArena arena;
    arena.reset();
    const std::string_view payload(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    const auto decoded = all[bytes[0] % all.size()]->decode(payload, arena);
    if (decoded.has_value()) {
        cistern::collector::fuzz::walk(*decoded->root, 0);
    } else {
        CISTERN_ASSERT(!decoded.error().message.empty());
    }
    return 0;
}
