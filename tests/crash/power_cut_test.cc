// SPDX-License-Identifier: MIT
// The power goes at every change of the disk, and what the disk may then hold is recovered.
#include "tests/support/power_cut.h"

#include "store/base/log.h"
#include "store/base/time_units.h"
#include "store/wal/wal_format.h"
#include "tests/crash/workload.h"
#include "tests/support/fault_file_system.h"
#include "tests/support/test_scale.h"

#include <gtest/gtest.h>

namespace cistern::test {
namespace {

enum NoteKind : uint64_t { kStarted = 1, kAcked, kDurable };

#ifdef NDEBUG
constexpr uint64_t kStatesPerCommit = 100'000;
constexpr size_t kKillEvery = 1;
#else  // ten times slower; the release build of the same commit does the rest
constexpr uint64_t kStatesPerCommit = 5'000;
constexpr size_t kKillEvery = 7;
#endif
struct Recording {
    std::vector<DiskChange> changes;
    std::vector<WrittenBatch> batches;
};

DiskImage empty_disk() {
    DiskImage image;
    image.directories = {"/", "/disk"};
    return image;
}

struct Plant {
    FaultFileSystem::Judge judge = [](FileOp, const std::string&) { return Verdict::pass(); };
    bool promise_at_ack = false;  // an ack is taken for a promise against power cuts
    // The checksum is made after the write, of whatever arrived: it finds no torn frame, and none
    // of a recycled segment's former life.
    bool checksum_after_write = false;
};

void make_checksums_right(std::span<std::byte> segment, uint32_t seed) {
    size_t at = 0;
    while (at + store::kFrameHeaderBytes <= segment.size()) {
        const auto rest = segment.subspan(at);
        if (store::may_be_frame(rest, 0, uint64_t{1} << 32)) {
            const size_t bytes = store::frame_bytes(rest);
            store::reseal_frame(rest.first(bytes), seed);
            at += bytes;
        } else {
            at = (at / store::kWalPageBytes + 1) * store::kWalPageBytes;
        }
    }
}

void make_log_checksums_right(DiskImage& image) {
    for (const auto& [path, inode] : image.entries) {
        if (const auto id = store::parse_segment_file_name(path.substr(path.rfind('/') + 1))) {
            make_checksums_right(image.files[inode], store::segment_seed(*id));
        }
    }
}

Recording record(uint64_t seed, int steps, const Plant& plant) {
    Recording recording;
    MemoryFileSystem disk(empty_disk());
    FaultFileSystem faults(disk, plant.judge);
    disk.observe([&](const DiskChange& change) { recording.changes.push_back(change); });
    Workload workload(faults, seed);
    workload.on_started = [&](uint64_t batch) { disk.note(kStarted, batch); };
    workload.on_acked = [&](uint64_t batch) {
        disk.note(kAcked, batch);
        if (plant.promise_at_ack) {
            disk.note(kDurable, batch);
        }
    };
    workload.on_durable = [&](uint64_t batch) { disk.note(kDurable, batch); };
    const auto done = workload.run(steps);
    EXPECT_TRUE(done) << done.error().message;
    recording.batches = workload.batches();
    disk.observe(nullptr);
    return recording;
}

// Empty when the disk recovers as it must.
std::string check_state(DiskImage image,
                        const std::vector<WrittenBatch>& batches,
                        uint64_t durable,
                        uint64_t started) {
    ManualClock clock(1'800'000'000 * kNsPerSecond);
    uint64_t first = 0;
    for (int round = 0; round < 2; ++round) {
        // A second recovery, on what the first one left, finds the same.
        MemoryFileSystem copy(image);
        auto store = store::Store::open(crash_options(copy, clock));
        if (!store) {
            return "does not open: " + store.error().message;
        }
        const auto found = recovered_batches(**store, batches);
        if (!found) {
            return found.error().message;
        }
        if (*found < durable || *found > started) {
            return fmt::format(
                "{} batches are there; promised {}, started {}", *found, durable, started);
        }
        if (round == 1 && *found != first) {
            return fmt::format("the second recovery found {} batches, the first {}", *found, first);
        }
        first = *found;
        image = copy.image();
    }
    return {};
}

struct Outcome {
    uint64_t states = 0;
    uint64_t violations = 0;
    std::string first;
};

// With a planted bug only until it is found.
Outcome try_cuts(const Recording& recording,
                 uint64_t states_wanted,
                 uint64_t seed,
                 const Plant* plant = nullptr) {
    std::mt19937_64 random(seed);
    Outcome outcome;
    PowerCut cut(empty_disk(), recording.changes);
    const uint64_t places = 2 * (recording.changes.size() + 1);
    const uint64_t per_change = (states_wanted + places - 1) / places;
    uint64_t durable = 0;
    uint64_t started = 0;
    for (size_t at = 0;
         at <= recording.changes.size() && (plant == nullptr || outcome.violations == 0);
         ++at) {
        cut.advance_to(at);
        if (at > 0 && recording.changes[at - 1].kind == DiskChange::Kind::Note) {
            const DiskChange& note = recording.changes[at - 1];
            durable = note.note_kind == kDurable ? note.note : durable;
            started = note.note_kind == kStarted ? note.note : started;
        }
        for (uint64_t i = 0; i < 2 * per_change; ++i) {
            const auto model = i % 2 == 0 ? DirectoryModel::Prefix : DirectoryModel::Subset;
            DiskImage image = cut.cut(model, random);
            if (plant != nullptr && plant->checksum_after_write) {
                make_log_checksums_right(image);
            }
            const std::string problem =
                check_state(std::move(image), recording.batches, durable, started);
            ++outcome.states;
            if (!problem.empty()) {
                ++outcome.violations;
                if (outcome.first.empty()) {
                    outcome.first = fmt::format("after change {}: {}", at, problem);
                }
            }
        }
    }
    return outcome;
}

class PowerCutTest : public ::testing::Test {
  protected:
    void SetUp() override {
        set_up_log({});
    }  // damage is expected here; thousands of lines are not
};

TEST_F(PowerCutTest, NoPromisedSampleIsLostAndNoneIsStoredTwice) {
    constexpr uint64_t kSeeds = 10;
    const uint64_t states = kStatesPerCommit * static_cast<uint64_t>(test_scale()) / kSeeds;
    uint64_t tried = 0;
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
        const Recording recording = record(seed, 120, {});
        const Outcome outcome = try_cuts(recording, states, seed);
        tried += outcome.states;
        EXPECT_EQ(outcome.violations, 0U) << "seed " << seed << ": " << outcome.violations << " of "
                                          << outcome.states << " states; first " << outcome.first;
    }
    EXPECT_GE(tried, states * kSeeds);
}

TEST_F(PowerCutTest, AKilledProcessLosesNothingItAcknowledged) {
    for (uint64_t seed = 1; seed <= 4; ++seed) {
        const Recording recording = record(seed, 120, {});
        PowerCut cut(empty_disk(), recording.changes);
        std::mt19937_64 random(seed);
        uint64_t acked = 0;
        uint64_t started = 0;
        for (size_t at = 1; at <= recording.changes.size(); ++at) {
            cut.advance_to(at);
            const DiskChange& change = recording.changes[at - 1];
            if (change.kind == DiskChange::Kind::Note) {
                acked = change.note_kind == kAcked ? change.note : acked;
                started = change.note_kind == kStarted ? change.note : started;
            }
            if (at % kKillEvery != 0) {
                continue;
            }
            const std::string problem = check_state(
                cut.cut(DirectoryModel::Killed, random), recording.batches, acked, started);
            ASSERT_EQ(problem, "") << "seed " << seed << " after change " << at;
        }
    }
}

// Each plants a bug that the simulator must find; without these it might look at nothing.
class PlantedBugTest : public PowerCutTest {
  protected:
    static uint64_t violations(const Plant& plant) {
        uint64_t found = 0;
        for (uint64_t seed = 1; seed <= 6 && found == 0; ++seed) {
            const Recording recording = record(seed, 120, plant);
            found += try_cuts(recording, 4'000, seed, &plant).violations;
        }
        return found;
    }
    static FaultFileSystem::Judge skipping(FileOp op, std::string part_of_path) {
        return [op, part = std::move(part_of_path)](FileOp done, const std::string& path) {
            return done == op && path.find(part) != std::string::npos ? Verdict::skip()
                                                                      : Verdict::pass();
        };
    }
};

TEST_F(PlantedBugTest, DirectorySyncSkippedIsFound) {
    EXPECT_GT(violations({skipping(FileOp::SyncDirectory, "")}), 0U);
}
TEST_F(PlantedBugTest, DirectorySyncOfTheLogSkippedIsFound) {
    EXPECT_GT(violations({skipping(FileOp::SyncDirectory, "/wal")}), 0U);
}
TEST_F(PlantedBugTest, LogRecycledBeforePartitionFilesAreDurableIsFound) {
    EXPECT_GT(violations({skipping(FileOp::Sync, "/data-")}), 0U);
}
TEST_F(PlantedBugTest, LogRecycledBeforeTheManifestIsDurableIsFound) {
    EXPECT_GT(violations({skipping(FileOp::Sync, "MANIFEST")}), 0U);
}
TEST_F(PlantedBugTest, LogRecycledBeforeTheCatalogIsDurableIsFound) {
    EXPECT_GT(violations({skipping(FileOp::Sync, "catalog")}), 0U);
}
TEST_F(PlantedBugTest, LogNeverSyncedIsFound) {
    EXPECT_GT(violations({skipping(FileOp::Sync, ".wal")}), 0U);
}
TEST_F(PlantedBugTest, PromiseBeforeTheSyncIsFound) {
    Plant plant;
    plant.promise_at_ack = true;
    EXPECT_GT(violations(plant), 0U);
}
TEST_F(PlantedBugTest, ChecksumMadeAfterTheWriteIsFound) {
    Plant plant;
    plant.checksum_after_write = true;
    EXPECT_GT(violations(plant), 0U);
}

}  // namespace
}  // namespace cistern::test
