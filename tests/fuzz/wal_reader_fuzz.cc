// SPDX-License-Identifier: MIT
// Any bytes as a segment, and any bytes as a record behind a good checksum.
#include "store/base/log.h"
#include "store/wal/wal_reader.h"
#include "tests/support/memory_file_system.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using namespace cistern;  // NOLINT(google-build-using-namespace): a program of one function
using namespace cistern::store;

class Ignore final : public WalVisitor {
  public:
    void on_samples(uint64_t, std::span<const Sample>, const MessageStamp&) override {}
    void on_series(uint64_t, const SeriesDefinition&) override {}
    void on_metadata(uint64_t, SeriesId, const SeriesMetadata&) override {}
};

// A segment of one frame of each type, all with the same payload.
std::vector<std::byte> sealed_frames(std::span<const std::byte> payload) {
    std::vector<std::byte> bytes;
    for (uint8_t type = 1; type <= kRecordTypeMax; ++type) {
        const size_t at = bytes.size();
        bytes.resize(at + kFrameHeaderBytes);
        bytes.insert(bytes.end(), payload.begin(), payload.end());
        finish_frame(
            std::span(bytes).subspan(at), static_cast<RecordType>(type), type, segment_seed(1));
    }
    return bytes;
}

void read(std::vector<std::byte> segment) {
    test::DiskImage image;
    image.directories = {"/", "/wal"};
    image.entries["/wal/" + segment_file_name(1)] = 1;
    image.files[1] = std::move(segment);
    test::MemoryFileSystem disk(std::move(image));
    Ignore ignore;
    (void)read_wal(disk, "/wal", 0, ignore);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto input = std::as_bytes(std::span(data, size));
    read({input.begin(), input.end()});
    read(sealed_frames(input));
    return 0;
}
