// SPDX-License-Identifier: MIT
#include "store/engine/manifest.h"

#include "store/base/crc32c.h"

#include <fmt/format.h>

#include <charconv>

namespace cistern::store {
namespace {

constexpr std::string_view kFirstLine = "cistern-manifest 1";
constexpr std::string_view kAnyFirstLine = "cistern-manifest ";
constexpr std::string_view kChecksumKey = "crc32c ";
constexpr size_t kFileFields = 10;

// Words between single blanks.
std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const size_t blank = std::min(line.find(' '), line.size());
        words.push_back(line.substr(0, blank));
        line.remove_prefix(std::min(blank + 1, line.size()));
    }
    return words;
}

template <class Integer>
bool read_number(std::string_view word, Integer& into) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), into);
    return error == std::errc{} && end == word.data() + word.size();
}

bool read_file_line(const std::vector<std::string_view>& words, FileInfo& file) {
    if (words.size() != kFileFields || (words[4] != "sealed" && words[4] != "open")) {
        return false;
    }
    file.name = words[9];
    file.sealed = words[4] == "sealed";
    return read_number(words[1], file.period.begin) && read_number(words[2], file.period.end) &&
           read_number(words[3], file.generation) && read_number(words[5], file.samples) &&
           read_number(words[6], file.first_ns) && read_number(words[7], file.last_ns) &&
           read_number(words[8], file.series_max);
}

bool read_line(std::string_view line, Manifest& manifest) {
    const auto words = words_of(line);
    if (words.empty()) {
        return false;
    }
    if (words[0] == "file") {
        manifest.files.emplace_back();
        return read_file_line(words, manifest.files.back());
    }
    if (words.size() != 2) {
        return false;
    }
    if (words[0] == "flushed_lsn") {
        return read_number(words[1], manifest.flushed_lsn);
    }
    if (words[0] == "next_generation") {
        return read_number(words[1], manifest.next_generation);
    }
    return words[0] == "trusted_time_ns" && read_number(words[1], manifest.trusted_time_ns);
}

}  // namespace

std::string print_manifest(const Manifest& manifest) {
    std::string text = fmt::format("{}\nflushed_lsn {}\nnext_generation {}\ntrusted_time_ns {}\n",
                                   kFirstLine,
                                   manifest.flushed_lsn,
                                   manifest.next_generation,
                                   manifest.trusted_time_ns);
    for (const FileInfo& file : manifest.files) {
        text += fmt::format("file {} {} {} {} {} {} {} {} {}\n",
                            file.period.begin,
                            file.period.end,
                            file.generation,
                            file.sealed ? "sealed" : "open",
                            file.samples,
                            file.first_ns,
                            file.last_ns,
                            file.series_max,
                            file.name);
    }
    return text + fmt::format("{}{:08x}\n", kChecksumKey, crc32c(std::as_bytes(std::span(text))));
}

Result<Manifest> parse_manifest(std::string_view text) {
    const auto corrupt = [](std::string_view reason) {
        return fail(ErrorCode::Corruption, fmt::format("{}: {}", kManifestName, reason));
    };
    const size_t checksum_at = text.rfind(kChecksumKey);
    if (!text.starts_with(kAnyFirstLine) || checksum_at == std::string_view::npos) {
        return corrupt("not a manifest, or cut short");
    }
    const std::string_view body = text.substr(0, checksum_at);
    if (text.substr(checksum_at) !=
        fmt::format("{}{:08x}\n", kChecksumKey, crc32c(std::as_bytes(std::span(body))))) {
        return corrupt("the checksum is wrong");
    }
    // The last line is the same in every version: a damaged number is not taken for a newer one.
    if (!text.starts_with(fmt::format("{}\n", kFirstLine))) {
        return fail(ErrorCode::Unsupported,
                    fmt::format("{}: written by a newer version: {}",
                                kManifestName,
                                text.substr(0, text.find('\n'))));
    }
    Manifest manifest;
    size_t at = kFirstLine.size() + 1;
    while (at < body.size()) {
        const size_t end = std::min(body.find('\n', at), body.size());
        if (!read_line(body.substr(at, end - at), manifest)) {
            return corrupt(fmt::format("line not understood: {}", body.substr(at, end - at)));
        }
        at = end + 1;
    }
    return manifest;
}

Result<std::optional<Manifest>> load_manifest(FileSystem& fs, const std::string& folder) {
    const std::string path = fmt::format("{}/{}", folder, kManifestName);
    if (!TRY(fs.exists(path))) {
        return std::optional<Manifest>();
    }
    return std::optional(TRY(parse_manifest(TRY(read_file(fs, path)))));
}

Status save_manifest(FileSystem& fs, const std::string& folder, const Manifest& manifest) {
    return write_file_atomically(
        fs, fmt::format("{}/{}", folder, kManifestName), print_manifest(manifest));
}

}  // namespace cistern::store
