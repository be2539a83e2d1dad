// SPDX-License-Identifier: MIT
// Any bytes as catalog.log and catalog.json: open, use, persist, open again.
#include "store/base/assert.h"
#include "store/catalog/catalog.h"
#include "tests/support/temp_folder.h"

#include <cstdint>
#include <string>

using namespace cistern;
using namespace cistern::store;

namespace {

void write(const std::string& path, std::string_view content) {
    auto file = posix_file_system().open(path, OpenMode::Create);
    CISTERN_ASSERT(file.has_value());
    CISTERN_ASSERT((*file)->pwrite(0, std::as_bytes(std::span(content))).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    static const test::TempFolder folder;
    std::string_view text(reinterpret_cast<const char*>(bytes), size);
    const size_t json = std::min(text.find("{\"version\""), size);
    write(folder.file("catalog.log"), text.substr(0, json));
    write(folder.file("catalog.json"), text.substr(json));
    std::vector<std::string> warnings;
    auto catalog = Catalog::open(posix_file_system(), folder.path(), warnings);
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
    auto again = Catalog::open(posix_file_system(), folder.path(), warnings);
    CISTERN_ASSERT(again.has_value());
    CISTERN_ASSERT((*again)->series_count() == (*catalog)->series_count());
    CISTERN_ASSERT(!added.has_value() ||
                   (*again)->find(Labels::of_metric("fuzz", {{"a", "b"}})) == *added);
    return 0;
}
