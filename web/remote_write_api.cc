// SPDX-License-Identifier: MIT
#include "web/remote_write_api.h"

#include "store/base/time_units.h"
#include "store/engine/options.h"
#include "web/import_batch.h"
#include "web/import_report.h"
#include "web/metric_family.h"
#include "web/remote_write.h"
#include "web/snappy_block.h"
#include "web/time_parameters.h"

#include <fmt/format.h>

#include <map>

namespace cistern::web {
namespace {

constexpr std::string_view kVersion2 = "proto=io.prometheus.write.v2.Request";
constexpr std::string_view kVersion1 = "proto=prometheus.WriteRequest";

enum class Version : uint8_t { One, Two };

// 415 is what makes a sender fall back to what we speak.
Result<Version> negotiate(const Headers& headers) {
    const std::string_view coding = headers.get("Content-Encoding");
    if (!coding.empty() && coding != "snappy") {
        return fail(ErrorCode::Unsupported,
                    fmt::format("Content-Encoding \"{}\" is not snappy", coding));
    }
    std::string type(headers.get("Content-Type"));
    std::erase(type, ' ');
    const size_t semicolon = type.find(';');
    const std::string_view media = std::string_view(type).substr(0, semicolon);
    if (!media.empty() && media != "application/x-protobuf" &&
        media != "application/octet-stream") {
        return fail(ErrorCode::Unsupported,
                    fmt::format("Content-Type \"{}\" is not application/x-protobuf", media));
    }
    if (semicolon == std::string::npos) return Version::One;
    const std::string_view proto = std::string_view(type).substr(semicolon + 1);
    if (proto == kVersion1) return Version::One;
    if (proto == kVersion2) return Version::Two;
    if (!proto.starts_with("proto=")) return Version::One;
    return fail(ErrorCode::Unsupported,
                fmt::format("protobuf message \"{}\" is not supported", proto.substr(6)));
}

using Families = std::map<std::string, store::SeriesMetadata>;

// Senders of 1.0 tell metadata once a minute in requests of their own, about series that exist.
Status note_families(const Services& services,
                     const Request& request,
                     const std::string& database_name,
                     const Families& families) {
    if (families.empty() || services.store.find(database_name) == nullptr) return {};
    store::Database* database = TRY(open_for_write(services, request, database_name));
    const auto querier = database->querier();
    for (const auto& [family, told] : families) {
        for (std::string& metric : family_metrics(family, told.type)) {
            const auto matcher =
                store::Matcher::equal(std::string(store::kMetricNameLabel), std::move(metric));
            for (const auto& handle : TRY(querier->select({&matcher, 1}, {})))
                note_metadata(*database, handle.id, told);
        }
    }
    return {};
}

// Takes series after series into the batch; bad ones are noted, the others stored.
class Writer {
  public:
    Writer(const Services& services, const Request& request, std::string database)
        : batch_(services,
                 request,
                 std::move(database),
                 KeyKind::RemoteWrite,
                 [this](std::string_view) { return (*labels_of_)(); }) {
        batch_.set_metadata_of([this](const store::Labels&) { return metadata_of(); });
    }

    Status take(const RemoteSeries& series, const RemoteWriteSink::LabelsOf& labels_of) {
        labels_of_ = &labels_of;
        series_ = &series;
        if (series.histograms > 0) note(series.histograms, "native histograms are not stored");
        if (series.samples.empty()) return {};
        auto found = batch_.find_series({}, series.key, store::ValueType::Float);
        if (!found) {
            if (found.error().code != ErrorCode::InvalidArgument)
                return tl::unexpected(found.error());
            note(series.samples.size(), found.error().message);
            return {};
        }
        for (const RemoteSample& sample : series.samples) {
            const Status added = add(*found, sample);
            if (added) continue;
            if (added.error().code != ErrorCode::InvalidArgument) return added;
            note(1, added.error().message);
        }
        return {};
    }
    void take(const RemoteMetadata& metadata) {
        if (families_.size() < kFamiliesMax)
            families_[std::string(metadata.family)] = metadata.metadata;
    }
    [[nodiscard]] const Families& families() const { return families_; }
    Status flush() { return batch_.flush(); }

    [[nodiscard]] uint64_t bad() const { return bad_ + batch_.counts().rejected; }
    [[nodiscard]] uint64_t rejected() const { return batch_.counts().rejected; }
    [[nodiscard]] uint64_t stored() const { return batch_.counts().stored; }
    [[nodiscard]] std::string reason() const {
        if (!first_reason_.empty()) return first_reason_;
        return "out of bounds: samples are too old, too new or out of order for this database";
    }

  private:
    static constexpr size_t kFamiliesMax = 10'000;

    Status add(const ImportBatch::Series& series, const RemoteSample& sample) {
        if (sample.timestamp_ms > kTimeMsMax || sample.timestamp_ms < kTimeMsMin) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("out of bounds: timestamp {} ms cannot be stored",
                                    sample.timestamp_ms));
        }
        return batch_.add(series,
                          store::ValueType::Float,
                          store::ValueBits::of(sample.value),
                          sample.timestamp_ms * kNsPerMs);
    }
    void note(uint64_t samples, const std::string& reason) {
        bad_ += samples;
        if (!first_reason_.empty()) return;
        const auto labels = (*labels_of_)();
        first_reason_ = labels ? labels->to_string() + ": " + reason : reason;
    }
    const store::SeriesMetadata* metadata_of() {
        return series_->has_metadata ? &series_->metadata : nullptr;
    }

    const RemoteWriteSink::LabelsOf* labels_of_ = nullptr;  // of the series being taken
    const RemoteSeries* series_ = nullptr;
    Families families_;
    ImportBatch batch_;
    uint64_t bad_ = 0;
    std::string first_reason_;
};

void add_written_headers(Response& response, Version version, uint64_t samples) {
    if (version != Version::Two) return;
    response.headers.set("X-Prometheus-Remote-Write-Samples-Written", std::to_string(samples));
    response.headers.set("X-Prometheus-Remote-Write-Histograms-Written", "0");
    response.headers.set("X-Prometheus-Remote-Write-Exemplars-Written", "0");
}

Response store_message(Writer& writer, std::string_view message, Version version) {
    RemoteWriteSink sink;
    sink.on_series = [&writer](const RemoteSeries& series,
                               const RemoteWriteSink::LabelsOf& labels) {
        return writer.take(series, labels);
    };
    sink.on_metadata = [&writer](const RemoteMetadata& metadata) { writer.take(metadata); };
    const Status decoded = version == Version::Two ? decode_remote_write_2(message, sink)
                                                   : decode_remote_write_1(message, sink);
    // What came before the damage is kept, as samples before a bad one are.
    const Status flushed = writer.flush();
    if (!flushed) return storing_failed(flushed.error());
    if (!decoded && decoded.error().code != ErrorCode::InvalidArgument)
        return storing_failed(decoded.error());
    if (!decoded) return Response::error(decoded.error());
    if (writer.bad() == 0) return Response::no_content();
    return Response::error(400,
                           "bad_data",
                           fmt::format("{} (and {} more samples not stored; {} stored)",
                                       writer.reason(),
                                       writer.bad() - 1,
                                       writer.stored()));
}

Response write(const Services& services, const Request& request) {
    const auto version = negotiate(request.headers);
    if (!version) return Response::error(version.error());
    auto database = database_name(services, request);
    if (!database) return Response::error(database.error());
    const LimitOptions& limits = services.options.limits;
    const auto body = request.read_body(limits.body_bytes);
    if (!body) return Response::error(body.error());
    if (body->empty()) return Response::no_content();
    const auto message = decompress_snappy(*body, limits.decompressed_bytes);
    if (!message) return Response::error(message.error());
    Writer writer(services, request, *database);
    Response response = store_message(writer, *message, *version);
    if (response.status == 204) {
        const Status noted = note_families(services, request, *database, writer.families());
        if (!noted) return Response::error(noted.error());
    }
    count_dropped(services.registry, writer.bad() - writer.rejected(), writer.rejected());
    add_written_headers(response, *version, writer.stored());
    return response;
}

}  // namespace

void add_remote_write_routes(Router& router, const Services& services) {
    router.add({Method::Post,
                "/api/v1/write",
                Role::Write,
                [&services](const Request& request) { return write(services, request); },
                BodyLimit::Small});
}

}  // namespace cistern::web
