// SPDX-License-Identifier: MIT
#include "web/remote_read_api.h"

#include "store/base/log.h"
#include "web/remote_read.h"
#include "web/snappy_block.h"
#include "web/time_parameters.h"

#include <atomic>

namespace cistern::web {
namespace {

// What a streamed answer needs after the handler returned.
struct Reading {
    RemoteReadRequest request;
    std::shared_ptr<store::Querier> querier;
    std::shared_ptr<void> place;
    uint64_t samples_left = 0;
};

// Calls take(labels, columns in ms) for each series of a query, sorted by labels.
template <class Take>
Status read_query(Reading& reading, const RemoteReadQuery& query, const Take& take) {
    const store::TimeRange range = closed_range(query.start_ms, query.end_ms);
    const auto series = TRY(reading.querier->select(query.matchers, range));
    store::SampleColumns columns;
    for (const auto& handle : series) {
        TRY(reading.querier->read(handle, range, columns));
        if (columns.timestamps.empty()) continue;
        if (columns.size() > reading.samples_left) {
            return fail(ErrorCode::ResourceExhausted,
                        "exceeded the sample limit of a query: ask for less");
        }
        reading.samples_left -= columns.size();
        TRY(take(*handle.labels, to_milliseconds(columns)));
    }
    return {};
}

Result<std::string> read_samples(Reading& reading) {
    std::string response;
    for (const RemoteReadQuery& query : reading.request.queries) {
        std::string result;
        TRY(read_query(reading,
                       query,
                       [&result](const store::Labels& labels, const store::SampleColumns& columns) {
                           append_time_series(result, labels, columns);
                           return Status{};
                       }));
        append_query_result(response, result);
    }
    return response;
}

// The memory of one answer is one series: the limit of samples does not apply.
void stream_chunks(Reading& reading, ResponseStream& out) {
    reading.samples_left = UINT64_MAX;
    const auto write = [&out](std::string_view frame) { return out.write(frame); };
    for (size_t i = 0; i < reading.request.queries.size(); ++i) {
        const Status done = read_query(
            reading,
            reading.request.queries[i],
            [&](const store::Labels& labels, const store::SampleColumns& columns) -> Status {
                if (write_chunked_series(labels, columns, static_cast<int64_t>(i), write))
                    return {};
                return fail(ErrorCode::Cancelled, "the client left");
            });
        if (done) continue;
        // The head is sent: all that is left is to stop short, which the client notices.
        if (done.error().code != ErrorCode::Cancelled)
            log_warn("remote read stopped: {}", done.error().message);
        return;
    }
}

class Places {
  public:
    explicit Places(uint32_t places_max) : places_max_(places_max) {}
    std::shared_ptr<void> take() {
        if (taken_->fetch_add(1) >= places_max_) {
            taken_->fetch_sub(1);
            return nullptr;
        }
        return {taken_.get(), [taken = taken_](void*) { taken->fetch_sub(1); }};
    }

  private:
    uint32_t places_max_;
    std::shared_ptr<std::atomic<uint32_t>> taken_ = std::make_shared<std::atomic<uint32_t>>(0);
};

Result<std::shared_ptr<Reading>> read_request(const Services& services, const Request& request) {
    const LimitOptions& limits = services.options.limits;
    const std::string body = TRY(request.read_body(limits.body_bytes));
    const std::string message = TRY(decompress_snappy(body, limits.decompressed_bytes));
    auto reading = std::make_shared<Reading>();
    reading->request = TRY(decode_remote_read(message));
    reading->querier = TRY(open_querier(services, request));
    reading->samples_left = limits.query_samples;
    return reading;
}

Response answer_samples(Reading& reading) {
    const auto message = read_samples(reading);
    if (!message) {
        const bool too_many = message.error().code == ErrorCode::ResourceExhausted;
        return too_many ? Response::error(400, "bad_data", message.error().message)
                        : Response::error(message.error());
    }
    Response response;
    response.headers.set("Content-Type", "application/x-protobuf");
    response.headers.set("Content-Encoding", "snappy");
    response.compressible = false;
    response.body = compress_snappy(*message);
    return response;
}

Response answer(const Services& services, const Request& request, Places& places) {
    std::shared_ptr<void> place = places.take();
    if (!place) {
        Response busy = Response::error(503, "unavailable", "too many remote reads at once");
        busy.headers.set("Retry-After", "5");
        return busy;
    }
    auto reading = read_request(services, request);
    if (!reading) return Response::error(reading.error());
    if (!(*reading)->request.wants_chunks) return answer_samples(**reading);
    (*reading)->place = std::move(place);
    Response response;
    response.headers.set("Content-Type",
                         "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse");
    response.compressible = false;
    response.stream = [reading = *std::move(reading)](ResponseStream& out) {
        stream_chunks(*reading, out);
    };
    return response;
}

}  // namespace

void add_remote_read_routes(Router& router, const Services& services) {
    auto places = std::make_shared<Places>(services.options.limits.remote_read_concurrency);
    router.add(
        {Method::Post,
         "/api/v1/read",
         Role::Read,
         [&services, places](const Request& request) { return answer(services, request, *places); },
         BodyLimit::Small});
}

}  // namespace cistern::web
