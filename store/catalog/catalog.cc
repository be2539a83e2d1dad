// SPDX-License-Identifier: MIT
#include "store/catalog/catalog.h"

#include "store/catalog/file_catalog.h"

namespace cistern::store {

Result<std::unique_ptr<Catalog>> Catalog::open(FileSystem& fs,
                                               const std::string& folder,
                                               std::vector<std::string>& warnings) {
    auto catalog = std::make_unique<FileCatalog>(fs, folder);
    TRY(catalog->load(warnings));
    return std::unique_ptr<Catalog>(std::move(catalog));
}

}  // namespace cistern::store
