// SPDX-License-Identifier: MIT
// Any bytes as a partition file: opened, read, verified, dumped and salvaged. Checksums would stop
// the fuzzer at the door, so it writes frames' bodies and the right checksums are put around them.
//
//   input = frames: u8 kind, u16 bytes, body
#include "store/base/bytes.h"
#include "store/base/crc32c.h"
#include "store/partition/frame.h"
#include "store/partition/partition_dump.h"
#include "store/partition/partition_format.h"
#include "store/partition/salvage.h"
#include "tests/store/partition/bytes_file_system.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

using namespace cistern;
using namespace cistern::store;

template <class Struct>
void append_struct(std::vector<std::byte>& file, Struct plain) {
    plain.magic = kPartitionMagic;
    plain.version = kPartitionVersion;
    const auto bytes = std::as_bytes(std::span(&plain, 1));
    plain.crc = crc32c(bytes.first(offsetof(Struct, crc)));
    file.insert(file.end(), bytes.begin(), bytes.end());
}

std::vector<std::byte> frame_everything(std::span<const std::byte> input) {
    std::vector<std::byte> file;
    append_struct(file, FileHeader{});
    ByteReader in(input);
    FileTrailer trailer{};
    trailer.samples = 1;
    while (in.left() > 3) {
        const auto kind =
            static_cast<FrameKind>(static_cast<uint8_t>(FrameKind::Time) + in.u8() % 6);
        const size_t size = in.u16();
        const auto body = in.raw(std::min(size, in.left()));
        trailer.directory_offset = file.size();
        append_frame(kind, file, [&](auto& out) {
            if (kind == FrameKind::Directory) {
                append_struct(out, FileHeader{});
            }
            out.insert(out.end(), body.begin(), body.end());
        });
        trailer.directory_bytes = static_cast<uint32_t>(file.size() - trailer.directory_offset);
    }
    append_struct(file, trailer);
    return file;
}

void read_everything(test::BytesFileSystem& disk) {
    const auto reader = PartitionReader::open(disk, "fuzz");
    if (!reader) {
        return;
    }
    std::vector<TimestampNs> timestamps;
    std::vector<double> values;
    std::vector<BlockFault> faults;
    for (const SeriesId series : (*reader)->series()) {
        (void)(*reader)->type(series);
        const auto read = (*reader)->read(series, {-1000, 1000}, timestamps, values, faults);
        if (!read || timestamps.size() != values.size()) {
            std::abort();
        }
        if (timestamps.size() > 1'000'000) {
            return;  // a hostile index may name one block many times
        }
    }
    (*reader)->verify(faults);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
    const auto bytes = std::as_bytes(std::span(input, size));
    test::BytesFileSystem plain({bytes.begin(), bytes.end()});
    test::BytesFileSystem framed(frame_everything(bytes));
    for (test::BytesFileSystem* disk : {&plain, &framed}) {
        read_everything(*disk);
        (void)dump_partition(*disk, "fuzz");
        (void)salvage(*disk, "fuzz", [](const SeriesColumns&) -> Status { return {}; });
    }
    return 0;
}
