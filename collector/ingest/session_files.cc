// SPDX-License-Identifier: MIT
#include "collector/ingest/session_files.h"

#include "store/base/log.h"

#include <fmt/format.h>

namespace cistern::collector {

SessionFiles::SessionFiles(FileSystem& fs, std::string folder, std::string broker)
    : fs_(fs), folder_(std::move(folder)), broker_(std::move(broker)) {}

std::vector<std::string> SessionFiles::read_filters() const {
    std::vector<std::string> filters;
    const std::string content = read("filters");
    for (size_t begin = 0; begin < content.size();) {
        const size_t end = std::min(content.find('\n', begin), content.size());
        if (end > begin) {
            filters.push_back(content.substr(begin, end - begin));
        }
        begin = end + 1;
    }
    return filters;
}

Status SessionFiles::write_filters(const std::vector<std::string>& filters) {
    return write("filters", fmt::format("{}\n", fmt::join(filters, "\n")));
}

std::string SessionFiles::read_mapper_state() const {
    return read("mapper");
}

Status SessionFiles::write_mapper_state(std::string_view state) {
    if (state == written_state_) {
        return {};
    }
    TRY(write("mapper", state));
    written_state_ = std::string(state);
    return {};
}

std::string SessionFiles::read(std::string_view suffix) const {
    const std::string path = fmt::format("{}/{}.{}", folder_, broker_, suffix);
    const auto exists = folder_.empty() ? Result<bool>(false) : fs_.exists(path);
    if (!exists.has_value() || !*exists) {
        return {};
    }
    auto content = read_file(fs_, path);
    if (!content.has_value()) {
        log_warn("broker {}: {}", broker_, content.error().message);
        return {};
    }
    return std::move(*content);
}

Status SessionFiles::write(std::string_view suffix, std::string_view content) {
    if (folder_.empty()) {
        return {};
    }
    TRY(fs_.create_directories(folder_));
    return write_file_atomically(fs_, fmt::format("{}/{}.{}", folder_, broker_, suffix), content);
}

}  // namespace cistern::collector
