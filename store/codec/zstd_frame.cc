// SPDX-License-Identifier: MIT
#include "store/codec/zstd_frame.h"

#include "store/base/mutex.h"

#include <zstd.h>

#include <memory>
#include <utility>

namespace cistern::store::codec {
namespace {

// Short matches cost more than the Huffman codes of the few symbols that they replace.
constexpr int kEntropyLevel = 1;
constexpr int kEntropyMatchMin = 7;
// Higher levels gain 1 % more at four times the time.
constexpr int kRepeatsLevel = 6;
// A decompression context is 160 KB: kept for the threads that decode at once, freed beyond that.
constexpr size_t kContextsKept = 4;

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

template <class Context>
class ContextPool {
  public:
    using Owned = std::unique_ptr<Context, FreeContext>;

    Owned take() CISTERN_EXCLUDES(mutex_) {
        const MutexLock lock(mutex_);
        if (free_.empty()) {
            return nullptr;
        }
        Owned context = std::move(free_.back());
        free_.pop_back();
        return context;
    }
    void give(Owned context) CISTERN_EXCLUDES(mutex_) {
        const MutexLock lock(mutex_);
        if (free_.size() < kContextsKept) {
            free_.push_back(std::move(context));
        }
    }

  private:
    Mutex mutex_;
    std::vector<Owned> free_ CISTERN_GUARDED_BY(mutex_);
};

ContextPool<ZSTD_CCtx>& compressors() {
    static ContextPool<ZSTD_CCtx> pool;
    return pool;
}

ContextPool<ZSTD_DCtx>& decompressors() {
    static ContextPool<ZSTD_DCtx> pool;
    return pool;
}

}  // namespace

bool compress_frame(std::span<const std::byte> bytes,
                    Search search,
                    size_t limit,
                    std::vector<std::byte>& out) {
    auto context = compressors().take();
    if (context == nullptr) {
        context.reset(ZSTD_createCCtx());
    }
    if (context == nullptr) {
        return false;
    }
    const size_t at = out.size();
    const size_t bound = ZSTD_compressBound(bytes.size());
    out.resize(at + bound);
    const bool entropy = search == Search::Entropy;
    ZSTD_CCtx_setParameter(
        context.get(), ZSTD_c_compressionLevel, entropy ? kEntropyLevel : kRepeatsLevel);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_minMatch, entropy ? kEntropyMatchMin : 0);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0);  // the column knows its size
    const size_t size =
        ZSTD_compress2(context.get(), out.data() + at, bound, bytes.data(), bytes.size());
    compressors().give(std::move(context));
    const bool kept = ZSTD_isError(size) == 0 && size < limit;
    out.resize(kept ? at + size : at);
    return kept;
}

bool decompress_frame(std::span<const std::byte> frame, std::span<std::byte> out) {
    auto context = decompressors().take();
    if (context == nullptr) {
        context.reset(ZSTD_createDCtx());
    }
    if (context == nullptr) {
        return false;
    }
    const size_t size =
        ZSTD_decompressDCtx(context.get(), out.data(), out.size(), frame.data(), frame.size());
    decompressors().give(std::move(context));
    return ZSTD_isError(size) == 0 && size == out.size();
}

}  // namespace cistern::store::codec
