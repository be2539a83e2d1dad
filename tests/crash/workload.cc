// SPDX-License-Identifier: MIT
#include "tests/crash/workload.h"

#include "store/base/time_units.h"

#include <fmt/format.h>

#include <bit>

namespace cistern::test {
namespace {


constexpr int64_t kStart = 1'700'000'000 * kNsPerSecond;
constexpr std::string_view kDatabase = "main";

}  // namespace

store::StoreOptions crash_options(FileSystem& fs, Clock& clock) {
    store::StoreOptions options;
    options.root = "/disk/root";
    options.file_system = &fs;
    options.clock = &clock;
    options.background = false;
    options.reserve_bytes = 1024;
    options.recent_messages_max = 16;
    options.defaults.wal.segment_bytes = 16 << 10;
    options.defaults.wal.total_bytes_max = 64 << 10;
    options.defaults.block_samples_max = 64;
    return options;
}

Workload::Workload(FileSystem& fs, uint64_t seed) : fs_(fs), clock_(kStart), random_(seed) {}

Status Workload::open() {
    store_ = TRY(store::Store::open(crash_options(fs_, clock_)));
    return {};
}

Status Workload::run(int steps) {
    TRY(open());
    for (int i = 0; i < steps; ++i) {
        TRY(step());
    }
    return {};
}

void Workload::kill() {
    // On purpose never destroyed: a destructor would flush.
    (void)store_.release();
}

Status Workload::step() {
    const uint64_t kind = random_() % 100;
    clock_.advance(static_cast<int64_t>(random_() % 20) * kNsPerSecond);
    if (kind < 70) {
        return append();
    }
    if (kind < 82) {
        return sync();
    }
    if (kind < 90) {
        TRY(TRY(store_->database(kDatabase))->flush());
        on_durable(batches_.size());
        return {};
    }
    if (kind < 94) {
        clock_.advance(kNsPerDay);
        store_->run_maintenance();
        return {};
    }
    if (kind < 97) {
        TRY(TRY(store_->database(kDatabase))->compact());
        on_durable(batches_.size());
        return {};
    }
    TRY(store_->close());
    on_durable(batches_.size());
    store_.reset();
    return open();
}

Status Workload::append() {
    store::Database& database = *TRY(store_->database(kDatabase));
    WrittenBatch batch = next_batch();
    std::vector<store::Sample> samples;
    for (const WrittenSample& sample : batch) {
        const auto series =
            TRY(database.series(store::Labels::of_metric(sample.metric), store::ValueType::Float));
        samples.push_back({series.id, sample.timestamp, store::ValueBits::of(sample.value)});
    }
    batches_.push_back(std::move(batch));
    on_started(batches_.size());
    ++sequence_;
    TRY(database.append({samples, {7, sequence_, sequence_ * 31, 0}}));
    on_acked(batches_.size());
    return {};
}

Status Workload::sync() {
    clock_.advance(2 * kNsPerSecond);
    store_->run_maintenance();
    if (store_->find(kDatabase) != nullptr && store_->find(kDatabase)->stats().read_only) {
        return fail(ErrorCode::Io, "the sync failed");
    }
    on_durable(batches_.size());
    return {};
}

WrittenBatch Workload::next_batch() {
    WrittenBatch batch;
    const uint64_t size = 1 + random_() % 6;
    const uint64_t number = batches_.size() + 1;
    // Mostly now, sometimes a day or two late.
    const int64_t base = clock_.now_ns() -
                         (random_() % 8 == 0 ? static_cast<int64_t>(random_() % 3) * kNsPerDay : 0);
    for (uint64_t i = 0; i < size; ++i) {
        // New metrics keep coming; every timestamp is there once.
        batch.push_back({fmt::format("metric_{}", random_() % (3 + number / 5)),
                         base + static_cast<int64_t>(number * 64 + i),
                         static_cast<double>(number) + static_cast<double>(i) / 8});
    }
    return batch;
}

Result<uint64_t> recovered_batches(store::Store& store, const std::vector<WrittenBatch>& batches) {
    store::Database* const database = store.find(kDatabase);
    if (database == nullptr) {
        return uint64_t{0};
    }
    std::map<std::pair<std::string, store::TimestampNs>, double> found;
    const auto querier = database->querier();
    for (const store::SeriesHandle& series : TRY(querier->select({}, {}))) {
        store::SampleColumns columns;
        TRY(querier->read(series, {}, columns));
        for (size_t i = 0; i < columns.size(); ++i) {
            found[{std::string(series.labels->metric()), columns.timestamps[i]}] =
                columns.values[i];
        }
    }
    const size_t total = found.size();
    uint64_t complete = 0;
    for (; complete < batches.size(); ++complete) {
        size_t present = 0;
        for (const WrittenSample& sample : batches[complete]) {
            const auto at = found.find({sample.metric, sample.timestamp});
            if (at != found.end() &&
                std::bit_cast<uint64_t>(at->second) != std::bit_cast<uint64_t>(sample.value)) {
                return fail(ErrorCode::Corruption,
                            fmt::format("batch {} has a wrong value", complete + 1));
            }
            present += at == found.end() ? 0 : 1;
        }
        if (present == 0) {
            break;
        }
        if (present != batches[complete].size()) {
            return fail(ErrorCode::Corruption,
                        fmt::format("a part of batch {} is there", complete + 1));
        }
        for (const WrittenSample& sample : batches[complete]) {
            found.erase({sample.metric, sample.timestamp});
        }
    }
    if (!found.empty()) {
        return fail(
            ErrorCode::Corruption,
            fmt::format("{} samples behind a hole at batch {}", found.size(), complete + 1));
    }
    const auto stats = database->stats();
    if (stats.head_samples + stats.file_samples != total) {
        return fail(
            ErrorCode::Corruption,
            fmt::format(
                "{} samples are stored as {}", total, stats.head_samples + stats.file_samples));
    }
    return complete;
}

}  // namespace cistern::test
