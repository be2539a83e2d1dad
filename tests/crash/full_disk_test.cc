// SPDX-License-Identifier: MIT
// Real file systems that are really full: a small tmpfs of our own, and a small ext4 in a file.
// Need root, and a loop device for the second; skip elsewhere.
#include "store/base/log.h"
#include "store/base/time_units.h"
#include "store/engine/store.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace cistern::test {
namespace {

using store::Database;

constexpr int kCannotMount = 77;
constexpr uint64_t kDiskBytes = 24 << 20;
constexpr uint64_t kJournalBytes = 8 << 20;  // and the other tables of ext4
constexpr store::TimestampNs kStart = 1'700'000'000 * kNsPerSecond;

// In the child: what went wrong, on standard error, and out.
#define EXPECT_HERE(condition)                                                           \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            ::_exit(1);                                                                  \
        }                                                                                \
    } while (false)

class FullDisk {
  public:
    explicit FullDisk(const std::string& root) : root_(root) {}

    void run() {
        store::StoreOptions options;
        options.root = root_ + "/root";
        options.clock = &clock_;
        options.background = false;
        options.reserve_bytes = 2 << 20;
        auto opened = store::Store::open(options);
        EXPECT_HERE(opened);
        Database& database = **(*opened)->database("main");
        const auto series = database.series(store::Labels::of_metric("m"), store::ValueType::Float);
        EXPECT_HERE(series);
        id_ = series->id;
        for (int i = 0; i < 1000; ++i) {
            EXPECT_HERE(append(database));
        }
        fill_up();
        while (append(database)) {
        }
        EXPECT_HERE(refusal_ == ErrorCode::ResourceExhausted);
        EXPECT_HERE(database.stats().read_only);
        EXPECT_HERE(count(database) == acknowledged_);  // queries work
        clock_.advance(2 * kNsPerSecond);
        (*opened)->run_maintenance();  // the reserve lets the samples in memory go into a file
        EXPECT_HERE(count(database) == acknowledged_);

        EXPECT_HERE(::unlink((root_ + "/filler").c_str()) == 0);
        clock_.advance(2 * kNsPerSecond);
        (*opened)->run_maintenance();
        for (int i = 0; i < 1000; ++i) {
            EXPECT_HERE(append(database));
        }
        EXPECT_HERE(!database.stats().read_only);
        // As after a kill: the first store is not closed.
        options.read_only = true;
        auto again = store::Store::open(options);
        EXPECT_HERE(again);
        EXPECT_HERE(count(*(*again)->find("main")) == acknowledged_);
        EXPECT_HERE((*opened)->close());
        ::_exit(0);
    }

  private:
    bool append(Database& database) {
        const store::Sample sample{
            id_, kStart + next_ * kNsPerSecond, store::ValueBits::of(1.0 / (1 + next_))};
        const auto counts = database.append({{&sample, 1}, {}});
        ++next_;
        acknowledged_ += counts ? 1 : 0;
        refusal_ = counts ? ErrorCode{} : counts.error().code;
        return counts.has_value();
    }
    [[nodiscard]] uint64_t count(Database& database) const {
        const auto querier = database.querier();
        const auto found = querier->select({}, {});
        store::SampleColumns columns;
        EXPECT_HERE(found && found->size() == 1 && querier->read(found->front(), {}, columns));
        return columns.size();
    }
    // Somebody else takes all the room there is.
    void fill_up() const {
        std::FILE* const file = std::fopen((root_ + "/filler").c_str(), "wb");
        EXPECT_HERE(file != nullptr);
        const std::vector<char> zeros(4096);
        while (std::fwrite(zeros.data(), 1, zeros.size(), file) == zeros.size() &&
               std::fflush(file) == 0) {
        }
        (void)std::fclose(file);
    }

    const std::string root_;
    ManualClock clock_{kStart};
    store::SeriesId id_;
    int64_t next_ = 0;
    uint64_t acknowledged_ = 0;
    ErrorCode refusal_{};
};

// Puts a small file system at `path`, which is an empty folder. A name space of our own: the mount
// goes away with the process, however that ends.
using Mount = bool (*)(const std::string& path);

bool mount_tmpfs(const std::string& path) {
    const std::string size = "size=" + std::to_string(kDiskBytes);
    return ::mount("cistern", path.c_str(), "tmpfs", 0, size.c_str()) == 0;
}

bool mount_ext4(const std::string& path) {
    const std::string image = path + ".image";
    const std::string bytes = std::to_string(kDiskBytes + kJournalBytes);
    const std::string commands = "exec >/dev/null 2>&1; truncate -s " + bytes + " " + image +
                                 " && mkfs.ext4 -q -F -m 0 " + image + " && mount -o loop " +
                                 image + " " + path;
    return std::system(commands.c_str()) == 0;  // NOLINT(cert-env33-c): programs of the system
}

// What run() exited with.
int run_on(Mount mount) {
    const TempFolder folder;
    const std::string disk = folder.file("disk");
    const pid_t pid = ::fork();
    if (pid == 0) {
        set_up_log({});
        if (::mkdir(disk.c_str(), 0700) != 0 || ::unshare(CLONE_NEWNS) != 0 ||
            ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 || !mount(disk)) {
            ::_exit(kCannotMount);
        }
        FullDisk(disk).run();
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(FullDisk, OfMemoryRefusesWritesAnswersQueriesAndGoesOnWhenThereIsRoom) {
    const int exit_code = run_on(mount_tmpfs);
    if (exit_code == kCannotMount) {
        GTEST_SKIP() << "a tmpfs cannot be mounted here: not root";
    }
    EXPECT_EQ(exit_code, 0);
}

TEST(FullDisk, OfExt4RefusesWritesAnswersQueriesAndGoesOnWhenThereIsRoom) {
    const int exit_code = run_on(mount_ext4);
    if (exit_code == kCannotMount) {
        GTEST_SKIP() << "no ext4 can be made and mounted here: not root, no mkfs.ext4 or no loop "
                        "device";
    }
    EXPECT_EQ(exit_code, 0);
}

}  // namespace
}  // namespace cistern::test
