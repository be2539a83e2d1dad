// SPDX-License-Identifier: MIT
// Any bytes as catalog.log and catalog.json: open, use, persist, open again.
#include "store/base/assert.h"
#include "store/catalog/catalog.h"
#include "tests/support/memory_file_system.h"

#include <cstdint>
#include <string>
#include <vector>

using namespace cistern;
using namespace cistern::store;

namespace {

constexpr uint64_t kLog = 1;
constexpr uint64_t kSnapshot = 2;

// A disk of nothing but these two files; in memory, since a sync on a real one takes longer than
// everything else here.
test::DiskImage image_of(std::string_view log, std::string_view snapshot) {
    const auto bytes = [](std::string_view text) {
        const auto all = std::as_bytes(std::span(text));
        return std::vector<std::byte>(all.begin(), all.end());
    };
    test::DiskImage image;
    image.directories = {"/", "/db"};
    image.entries = {{"/db/catalog.log", kLog}, {"/db/catalog.json", kSnapshot}};
    image.files[kLog] = bytes(log);
    image.files[kSnapshot] = bytes(snapshot);
    return image;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    std::string_view text(reinterpret_cast<const char*>(bytes), size);
    const size_t json = std::min(text.find("{\"version\""), size);
    test::MemoryFileSystem disk(image_of(text.substr(0, json), text.substr(json)));
    std::vector<std::string> warnings;
    auto catalog = Catalog::open(disk, "/db", warnings);
    if (!catalog.has_value()) {
        return 0;
    }
    const auto ids = (*catalog)->select({});
    CISTERN_ASSERT(ids.size() == (*catalog)->series_count());
    for (const SeriesId id : ids) {
        CISTERN_ASSERT((*catalog)->find(*(*catalog)->labels(id)) == id);
    }
    const auto added =
        (*catalog)->add(Labels::of_metric("fuzz", {{"a", "b"}}), ValueType::Int, UINT32_MAX);
    CISTERN_ASSERT((*catalog)->persist(true).has_value());
    auto again = Catalog::open(disk, "/db", warnings);
    CISTERN_ASSERT(again.has_value());
    CISTERN_ASSERT((*again)->series_count() == (*catalog)->series_count());
    CISTERN_ASSERT(!added.has_value() ||
                   (*again)->find(Labels::of_metric("fuzz", {{"a", "b"}})) == *added);
    return 0;
}
