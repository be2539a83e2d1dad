// SPDX-License-Identifier: MIT
// A life of a database in fast motion, and the oracle that says what must be there after a crash.
#pragma once

#include "store/engine/store.h"

#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace cistern::test {

// What the store was asked to keep, in the order of the appends.
struct WrittenSample {
    std::string metric;
    store::TimestampNs timestamp = 0;
    double value = 0;
};
using WrittenBatch = std::vector<WrittenSample>;

// Small sizes, so that rolling, recycling, flushing and merging happen all the time.
store::StoreOptions crash_options(FileSystem& fs, Clock& clock);

class Workload {
  public:
    Workload(FileSystem& fs, uint64_t seed);

    // Called when a batch was acknowledged, and when everything up to a batch is promised to
    // survive a power cut. Numbers count from 1.
    std::function<void(uint64_t batch)> on_started = [](uint64_t) {};
    std::function<void(uint64_t batch)> on_acked = [](uint64_t) {};
    std::function<void(uint64_t batch)> on_durable = [](uint64_t) {};

    // Opens the store and works until `steps` are done or something fails. Does not close.
    Status run(int steps);
    // One batch of samples; one sync, after which all are promised to survive a power cut.
    Status append();
    Status sync();
    // The process is gone: nothing is flushed, the disk stays as it is.
    void kill();

    [[nodiscard]] const std::vector<WrittenBatch>& batches() const { return batches_; }
    [[nodiscard]] store::Store* store() { return store_.get(); }

  private:
    Status open();
    Status step();
    WrittenBatch next_batch();

    FileSystem& fs_;
    ManualClock clock_;
    std::mt19937_64 random_;
    std::unique_ptr<store::Store> store_;
    std::vector<WrittenBatch> batches_;
    uint64_t sequence_ = 0;
};

// Reads everything back and holds it against the batches: a prefix of them, each sample exactly
// once with its value, nothing else. How many batches are there, or what is wrong.
Result<uint64_t> recovered_batches(store::Store& store, const std::vector<WrittenBatch>& batches);

}  // namespace cistern::test
