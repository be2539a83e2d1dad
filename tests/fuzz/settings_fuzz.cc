// SPDX-License-Identifier: MIT
// Any bytes as engine.toml: problems, never a crash.
#include "config/rule_settings.h"
#include "config/store_settings.h"
#include "config/web_settings.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
    using namespace cistern;
    const auto document = config::parse_toml({reinterpret_cast<const char*>(bytes), size});
    if (!document) {
        return 0;
    }
    config::Problems problems;
    config::TableReader root(*document, "fuzz", "", problems);
    store::StoreOptions store_options;
    web::WebOptions web_options;
    collector::MappingOptions mapping;
    config::read_store_settings(root, store_options);
    config::read_web_settings(root, web_options);
    config::read_mapping_settings(root, mapping);
    root.finish();
    return 0;
}
