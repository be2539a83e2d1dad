// SPDX-License-Identifier: MIT
#include "web/services.h"

#include <fmt/format.h>

namespace cistern::web {
namespace {

class EmptyQuerier final : public store::Querier {
  public:
    Result<std::vector<store::SeriesHandle>> select(std::span<const store::Matcher>,
                                                    store::TimeRange) const override {
        return std::vector<store::SeriesHandle>{};
    }
    Status read(const store::SeriesHandle&,
                store::TimeRange,
                store::SampleColumns& into) const override {
        into.clear();
        return {};
    }
    Status read_bits(const store::SeriesHandle&,
                     store::TimeRange,
                     std::vector<store::TimestampNs>& timestamps,
                     std::vector<store::ValueBits>& values) const override {
        timestamps.clear();
        values.clear();
        return {};
    }
    Result<store::Sample> last(const store::SeriesHandle&, store::TimeRange) const override {
        return fail(ErrorCode::NotFound, "no sample");
    }
    Status summarize(const store::SeriesHandle&,
                     store::TimeRange,
                     int64_t,
                     int64_t,
                     std::vector<store::BlockSummary>& into) const override {
        into.clear();
        return {};
    }
    Result<std::vector<std::string>> label_names(std::span<const store::Matcher>,
                                                 store::TimeRange) const override {
        return std::vector<std::string>{};
    }
    Result<std::vector<std::string>> label_values(std::string_view,
                                                  std::span<const store::Matcher>,
                                                  store::TimeRange) const override {
        return std::vector<std::string>{};
    }
};

Error unknown_database(std::string_view name) {
    return {ErrorCode::NotFound, fmt::format("database \"{}\" does not exist", name)};
}

Status check_scope(const Request& request, std::string_view database) {
    if (!request.may_use || request.may_use(database)) return {};
    // The same words as for a missing one: names are not told to those who may not use them.
    return tl::unexpected(unknown_database(database));
}

}  // namespace

std::unique_ptr<store::Querier> make_empty_querier() {
    return std::make_unique<EmptyQuerier>();
}

Result<std::string> database_name(const Services& services, const Request& request) {
    std::string name = request.database;
    if (name.empty()) name = request.query.get("db");
    if (name.empty()) return services.default_database;
    if (name != kAllDatabases) TRY(store::validate_database_name(name));
    return name;
}

Result<std::unique_ptr<store::Querier>> open_querier(const Services& services,
                                                     const Request& request) {
    const std::string name = TRY(database_name(services, request));
    return open_querier(services, request, name);
}

Result<std::unique_ptr<store::Querier>> open_querier(const Services& services,
                                                     const Request& request,
                                                     std::string_view database) {
    TRY(check_scope(request, database));
    if (database == kAllDatabases) return services.store.querier_of_all();
    store::Database* found = services.store.find(database);
    if (found != nullptr) return found->querier();
    if (database == services.default_database) return make_empty_querier();
    return tl::unexpected(unknown_database(database));
}

Result<store::Database*> open_for_write(const Services& services,
                                        const Request& request,
                                        std::string_view database) {
    TRY(check_scope(request, database));
    if (database == kAllDatabases) {
        return fail(ErrorCode::InvalidArgument, "_all is for reading: name one database");
    }
    return services.store.database(database);
}

Response success(std::string_view data_json) {
    std::string body = R"({"status":"success","data":)";
    body += data_json;
    body += '}';
    return Response::json(200, std::move(body));
}

}  // namespace cistern::web
