// SPDX-License-Identifier: MIT
#include "store/engine/line_import.h"

#include "store/model/series_key.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::store {
namespace {

constexpr size_t kBatchLines = 4096;

// Whether trying again with the same line may help: then the import stops, else the line is bad.
bool is_transient(const Error& error) {
    return error.code == ErrorCode::Io || error.code == ErrorCode::Unavailable;
}

}  // namespace

Result<ImportResult> LineImport::run(std::string_view lines) {
    LineParser parser(lines, now_ns_);
    Status status;
    for (auto step = parser.next(); status && step != LineParser::Step::End; step = parser.next()) {
        if (step == LineParser::Step::BadLine) {
            refuse(parser.line_number(), parser.reason());
        } else {
            status = take(parser.line());
        }
    }
    for (auto& [name, target] : targets_) {
        if (status) {
            status = send(target);
        }
    }
    if (!status) {
        return tl::unexpected(
            status.error().with_context(fmt::format("after {} lines", result_.imported)));
    }
    std::sort(result_.errors.begin(),
              result_.errors.end(),
              [](const LineError& a, const LineError& b) { return a.line < b.line; });
    return std::move(result_);
}

Status LineImport::take(const ParsedLine& line) {
    auto target = target_of(line.database.empty() ? default_database_ : line.database);
    if (!target) {
        if (is_transient(target.error())) {
            return tl::unexpected(target.error());
        }
        refuse(line.number, target.error().message);
        return {};
    }
    auto sample = sample_of(**target, line);
    if (!sample) {
        refuse(line.number, sample.error().message);
        return {};
    }
    (*target)->samples.push_back(*sample);
    (*target)->lines.push_back(line.number);
    return (*target)->samples.size() < kBatchLines ? Status{} : send(**target);
}

Result<Sample> LineImport::sample_of(Target& target, const ParsedLine& line) {
    auto series = target.cache.find(line.key);
    if (!series) {
        const Labels labels = TRY(parse_series_key(line.key, KeyDialect::LineProtocol));
        const SeriesHandle handle = TRY(target.database->series(labels, line.type));
        series = SeriesCache::Series{handle.id, handle.type};
        target.cache.insert(line.key, *series);
    }
    ValueBits value = line.value;
    if (series->type == ValueType::Int && line.type == ValueType::Float) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{} holds integers; a float cannot be stored in it", line.key));
    }
    if (series->type == ValueType::Float && line.type == ValueType::Int) {
        value = ValueBits::of(static_cast<double>(line.value.as_int()));
    }
    return Sample{series->id, line.has_timestamp ? line.timestamp : now_ns_, value};
}

Result<LineImport::Target*> LineImport::target_of(std::string_view name) {
    if (const auto found = targets_.find(name); found != targets_.end()) {
        return &found->second;
    }
    LocalDatabase* const database = TRY(find_(name));
    Target& target = targets_[std::string(name)];
    target.database = database;
    return &target;
}

Status LineImport::send(Target& target) {
    if (target.samples.empty()) {
        return {};
    }
    auto appended = target.database->append_and_explain({target.samples, {}}, &rejections_);
    if (!appended) {
        return tl::unexpected(appended.error());
    }
    result_.imported += appended->stored;
    for (const Rejection& rejection : rejections_) {
        refuse(target.lines[rejection.sample], std::string(rejection.reason));
    }
    target.samples.clear();
    target.lines.clear();
    return {};
}

void LineImport::refuse(size_t line, std::string reason) {
    ++result_.failed;
    if (result_.errors.size() < kLineErrorsMax) {
        result_.errors.push_back({line, std::move(reason)});
    }
}

}  // namespace cistern::store
