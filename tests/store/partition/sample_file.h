// SPDX-License-Identifier: MIT
// The same small partition file every time, with a series of every encoding, and what must be read
// from it. The golden files were written from it: never change what it makes.
#pragma once

#include "store/partition/partition_reader.h"
#include "store/partition/partition_writer.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace cistern::store {

struct SampleSeries {
    ValueType type = ValueType::Float;
    std::vector<TimestampNs> timestamps;
    std::vector<ValueBits> values;
};

using SampleSet = std::map<uint32_t, SampleSeries>;  // by series id

inline constexpr int64_t kSampleSecond = 1'000'000'000;
inline constexpr int64_t kSampleStart = 1'767'225'600 * kSampleSecond;  // 2026-01-01

inline ValueBits sample_value(uint32_t kind, size_t i, std::mt19937_64& random, int64_t& walk) {
    walk += static_cast<int64_t>(random() % 9) - 4;
    switch (kind) {
        case 0:
            return ValueBits::of(21.5);  // constant
        case 1:
            return ValueBits::of(static_cast<double>(2100 + walk) / 100);  // decimal, delta
        case 2:
            return ValueBits::of(static_cast<double>(random() % 1000) / 10);  // decimal, frame
        case 3:
            return ValueBits::of(i / 40 % 2 == 0 ? 0.0 : 1.0);  // runs
        case 4:
            return ValueBits::of(
                static_cast<double>(static_cast<float>((200 + walk) / 10.0)));  // float decimal
        case 5:
            return ValueBits::of(static_cast<double>(
                static_cast<float>(1.0F / static_cast<float>(3 + random() % 99991))));
        case 6:
            return ValueBits::of(std::sqrt(static_cast<double>(random() % 7)));  // dictionary
        case 7:
            return ValueBits::from_bits(random());  // raw, NaN among them
        case 8:
            return i % 11 == 3 ? ValueBits::from_bits(kStaleMarkerBits)
                               : ValueBits::of(static_cast<double>(walk) / 10);
        case 9:
            return ValueBits::of_int(static_cast<int64_t>(i * i) * 1'000'003 +
                                     walk);  // int, delta2
        default:
            return ValueBits::of_int(static_cast<int64_t>(random()));  // int, wide
    }
}

// Series of about `samples` samples; 300 make a file of about 10 KB.
inline SampleSet sample_set(size_t samples = 300) {
    SampleSet set;
    for (uint32_t kind = 0; kind <= 10; ++kind) {
        std::mt19937_64 random(kind + 1);
        std::mt19937_64 shared(99);
        SampleSeries series;
        series.type = kind >= 9 ? ValueType::Int : ValueType::Float;
        int64_t walk = 0;
        const size_t count = kind % 3 == 0 ? samples : samples * 2 / 3 + kind;
        for (size_t i = 0; i < count; ++i) {
            // Kinds that are a multiple of 3 share their timestamps.
            const auto jitter =
                static_cast<int64_t>(kind % 3 == 0 ? shared() % 50 : random() % 900);
            series.timestamps.push_back(
                kSampleStart + static_cast<int64_t>(i) * 10 * kSampleSecond + jitter * 1'000'000);
            series.values.push_back(sample_value(kind, i, random, walk));
        }
        set.emplace(3 + kind * 5, std::move(series));
    }
    return set;
}

inline PartitionIdentity sample_identity(bool sealed) {
    PartitionIdentity identity;
    identity.period = {kSampleStart, kSampleStart + 86'400 * kSampleSecond};
    identity.generation = 7;
    identity.wal_lsn_max = 123'456;
    identity.sealed = sealed;
    return identity;
}

inline std::vector<std::byte> sample_file(const SampleSet& set,
                                          bool sealed,
                                          uint32_t block_samples_max) {
    const test::TempFolder folder;
    const std::string path = folder.file("data.dat");
    auto writer = PartitionWriter::create(
        posix_file_system(), path, sample_identity(sealed), block_samples_max);
    EXPECT_TRUE(writer.has_value());
    for (const auto& [id, series] : set) {
        EXPECT_TRUE((*writer)->add({SeriesId(id), series.type, series.timestamps, series.values}));
    }
    EXPECT_TRUE((*writer)->finish());
    const auto text = read_file(posix_file_system(), path);
    EXPECT_TRUE(text.has_value());
    const auto bytes = std::as_bytes(std::span(*text));
    return {bytes.begin(), bytes.end()};
}

}  // namespace cistern::store
