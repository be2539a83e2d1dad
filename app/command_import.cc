// SPDX-License-Identifier: MIT
// cistern import: line protocol from a file or standard input into a root.
#include "app/command_line.h"
#include "app/open_store.h"
#include "app/terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace cistern::app {
namespace {

struct ImportOptions {
    std::string root;
    std::string in;
    std::string database;
    bool json = false;
};

constexpr size_t kChunkBytes = 4 << 20;

struct CloseFile {
    void operator()(std::FILE* file) const {
        if (file != stdin) {
            std::fclose(file);
        }
    }
};
using InputFile = std::unique_ptr<std::FILE, CloseFile>;

Result<InputFile> open_input(const std::string& path) {
    if (path == "-") {
        return InputFile(stdin);
    }
    InputFile file(std::fopen(path.c_str(), "rb"));
    if (!file) {
        const ErrorCode code = errno == ENOENT ? ErrorCode::NotFound : ErrorCode::Io;
        return fail(code, fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    }
    return file;
}

// Of a pipe nobody knows it: 0.
uint64_t size_of(const std::string& path) {
    std::error_code error;
    const uint64_t size = std::filesystem::file_size(path, error);
    return error ? 0 : size;
}

// Reads a file or a pipe in pieces that end with a line and hands them on.
class LineChunks {
  public:
    LineChunks(std::FILE* file, std::string path) : file_(file), path_(std::move(path)) {}

    // Empty at the end.
    Result<std::string_view> next() {
        buffer_.erase(0, given_);
        while (!at_end_) {
            const size_t before = buffer_.size();
            buffer_.resize(before + kChunkBytes);
            const size_t got = std::fread(buffer_.data() + before, 1, kChunkBytes, file_);
            buffer_.resize(before + got);
            offset_ += got;
            if (std::ferror(file_) != 0) {
                return fail(ErrorCode::Io,
                            fmt::format("cannot read {}: {}", path_, std::strerror(errno)));
            }
            at_end_ = got < kChunkBytes;
            const size_t newline = buffer_.find_last_of('\n');
            if (newline != std::string::npos && !at_end_) {
                given_ = newline + 1;
                return std::string_view(buffer_).substr(0, given_);
            }
        }
        given_ = buffer_.size();
        return std::string_view(buffer_);
    }
    [[nodiscard]] uint64_t offset() const { return offset_; }

  private:
    std::FILE* const file_;
    const std::string path_;
    uint64_t offset_ = 0;
    bool at_end_ = false;
    std::string buffer_;
    size_t given_ = 0;
};

size_t count_lines(std::string_view text) {
    return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

Result<store::ImportResult> import_file(const ImportOptions& options) {
    const InputFile file = TRY(open_input(options.in));
    auto store = TRY(open_store_for_writing(options.root, "cistern import"));
    const std::string database = options.database.empty() ? "main" : options.database;
    ProgressBar bar("importing", size_of(options.in));
    LineChunks chunks(file.get(), options.in);
    store::ImportResult total;
    for (size_t lines = 0;;) {
        const std::string_view chunk = TRY(chunks.next());
        if (chunk.empty()) {
            break;
        }
        const store::ImportResult part =
            TRY(store->append_lines(chunk, database)
                    .with_context(fmt::format("after {} samples", human_count(total.imported))));
        total.imported += part.imported;
        total.failed += part.failed;
        for (const store::LineError& error : part.errors) {
            if (total.errors.size() < store::kLineErrorsMax) {
                total.errors.push_back({error.line + lines, error.reason});
            }
        }
        lines += count_lines(chunk);
        bar.advance_to(chunks.offset());
    }
    TRY(store->close());
    return total;
}

int run_import(const ImportOptions& options) {
    const auto result = import_file(options);
    if (!result) {
        return report(result.error());
    }
    for (const store::LineError& error : result->errors) {
        fmt::print(stderr, "{}:{}: {}\n", options.in, error.line, error.reason);
    }
    if (options.json) {
        fmt::print(
            "{}\n",
            nlohmann::json{{"imported", result->imported}, {"failed", result->failed}}.dump());
    } else {
        fmt::print("imported {} samples, {} bad lines\n",
                   human_count(result->imported),
                   human_count(result->failed));
    }
    return result->failed == 0 ? kExitOk : kExitProblem;
}

}  // namespace

void add_import(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<ImportOptions>();
    auto* command = app.add_subcommand("import", "Store line protocol from a file");
    command->footer(
        "Each line is `DB/metric{label=\"value\"} value [time]`; time is unix ns or\n"
        "\"YYYY-MM-DD HH:MM:SS.n\" (UTC), now when absent; a line that begins with # is a "
        "comment.\n"
        "A bad line is reported with its number and reason; the good lines are stored.\n"
        "Refuses while a server runs on the root: send the lines to /api/v1/import then.\n"
        "\n"
        "Examples:\n"
        "  cistern import --root data --in backup.lp\n"
        "  cistern export --root old --db main | cistern import --root new --in -");
    add_root_option(*command, options->root);
    command->add_option("--in", options->in, "The file; - for standard input")
        ->required()
        ->type_name("FILE.lp");
    command
        ->add_option("--db", options->database, "Database of lines that name none (default main)")
        ->type_name("NAME");
    command->add_flag("--json", options->json, "Print the counts as JSON");
    command->callback([options, &exit_code] { exit_code = run_import(*options); });
}

}  // namespace cistern::app
