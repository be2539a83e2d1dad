// SPDX-License-Identifier: MIT
// A child process appends and says what was acknowledged; it is killed with -9, again and again.
#include "store/base/log.h"
#include "store/engine/store.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_scale.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <random>

namespace cistern::test {
namespace {

store::StoreOptions options_in(const std::string& root) {
    store::StoreOptions options;
    options.root = root;
    options.reserve_bytes = 0;
    options.defaults.wal.segment_bytes = 256 << 10;
    options.defaults.flush_bytes = 512 << 10;
    return options;
}

// Sample n has the value n and belongs to a metric that is new every 100 samples.
[[noreturn]] void work(const std::string& root, int64_t first, int acknowledged) {
    set_up_log({});
    auto store = store::Store::open(options_in(root));
    if (!store) {
        ::_exit(1);
    }
    store::Database& database = **(*store)->database("main");
    for (int64_t n = first;; ++n) {
        const auto labels = store::Labels::of_metric("metric_" + std::to_string(n / 100));
        const auto series = database.series(labels, store::ValueType::Int);
        const store::Sample sample{series->id, n * 1'000'000, store::ValueBits::of_int(n)};
        if (!database.append({{&sample, 1}, {}}) ||
            ::write(acknowledged, &n, sizeof(n)) != sizeof(n)) {
            ::_exit(1);
        }
    }
}

struct Child {
    pid_t pid = 0;
    int acknowledged = -1;
};

Child start_child(const std::string& root, int64_t first) {
    int ends[2] = {};
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::close(ends[0]);
        work(root, first, ends[1]);
    }
    ::close(ends[1]);
    return {pid, ends[0]};
}

// Kills the child once it has acknowledged `enough` samples; the last one that it acknowledged.
int64_t kill_after(const Child& child, int64_t last, int enough) {
    int64_t n = 0;
    for (int got = 0; ::read(child.acknowledged, &n, sizeof(n)) == sizeof(n);) {
        last = n;
        if (++got == enough) {
            ::kill(child.pid, SIGKILL);
        }
    }
    ::close(child.acknowledged);
    int status = 0;
    ::waitpid(child.pid, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    return last;
}

TEST(KillNine, EveryAcknowledgedSampleIsThereExactlyOnce) {
    set_up_log({});
    const TempFolder folder;
    const std::string root = folder.file("root");
    std::mt19937_64 random(23);
    const int rounds = 200 * test_scale();
    int64_t last = 0;
    uint64_t files_most = 0;
    for (int round = 0; round < rounds; ++round) {
        last =
            kill_after(start_child(root, last + 1), last, static_cast<int>(20 + random() % 1500));
        store::StoreOptions options = options_in(root);
        options.read_only = true;
        auto store = store::Store::open(options);
        ASSERT_TRUE(store) << store.error().message;
        store::Database* const database = (*store)->find("main");
        ASSERT_NE(database, nullptr);
        const auto querier = database->querier();
        std::vector<int64_t> found;
        const auto selected = querier->select({}, {});
        ASSERT_TRUE(selected);
        for (const store::SeriesHandle& series : *selected) {
            std::vector<store::TimestampNs> timestamps;
            std::vector<store::ValueBits> values;
            ASSERT_TRUE(querier->read_bits(series, {}, timestamps, values));
            for (const store::ValueBits value : values) {
                found.push_back(value.as_int());
            }
        }
        files_most = std::max(files_most, database->stats().files);
        std::sort(found.begin(), found.end());
        // The sample that was on its way when the child died may be there too.
        ASSERT_GE(static_cast<int64_t>(found.size()), last);
        ASSERT_LE(static_cast<int64_t>(found.size()), last + 1);
        for (size_t i = 0; i < found.size(); ++i) {
            ASSERT_EQ(found[i], static_cast<int64_t>(i) + 1);
        }
        last = static_cast<int64_t>(found.size());
    }
    EXPECT_GT(files_most, 0U) << "kills should also fall into flushes";
}

}  // namespace
}  // namespace cistern::test
