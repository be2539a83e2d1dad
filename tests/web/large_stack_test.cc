// SPDX-License-Identifier: MIT
#include "web/large_stack.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <thread>
#include <vector>

namespace cistern::web {
namespace {

// Touches `depth` KiB of the stack.
size_t descend(size_t depth) {
    std::array<volatile char, 1024> room;
    room[0] = static_cast<char>(depth);
    return depth == 0
               ? 0
               : static_cast<size_t>(room[0] == static_cast<char>(depth)) + descend(depth - 1);
}

TEST(LargeStack, HoldsWhatASmallThreadCouldNot) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 << 10);
    size_t reached = 0;
    const auto body = [](void* result) -> void* {
        LargeStack stack;
        stack.run([&] { *static_cast<size_t*>(result) = descend(2000); });
        return nullptr;
    };
    pthread_t thread{};
    ASSERT_EQ(pthread_create(&thread, &attributes, body, &reached), 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
    EXPECT_EQ(reached, 2000U);
}

TEST(LargeStack, RunsOnTheCallersThreadAsOftenAsAsked) {
    LargeStack stack;
    size_t runs = 0;
    std::thread::id ran_on;
    for (size_t i = 0; i < 100; ++i) {
        stack.run([&] {
            ran_on = std::this_thread::get_id();
            ++runs;
        });
    }
    EXPECT_EQ(runs, 100U);
    EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(LargeStack, OfSeveralThreadsDoNotMeet) {
    std::array<size_t, 4> reached{};
    std::vector<std::thread> threads;
    for (size_t t = 0; t < reached.size(); ++t) {
        threads.emplace_back([&reached, t] {
            LargeStack stack;
            for (size_t i = 0; i < 20; ++i) {
                stack.run([&] { reached[t] += descend(100 + t); });
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    for (size_t t = 0; t < reached.size(); ++t)
        EXPECT_EQ(reached[t], 20 * (100 + t));
}

}  // namespace
}  // namespace cistern::web
