// SPDX-License-Identifier: MIT
// Which samples of a batch a database takes: by age, and by order where late ones are refused.
#pragma once

#include "store/engine/options.h"
#include "store/model/sample.h"

#include <span>
#include <string_view>
#include <vector>

namespace cistern::store {

struct Rejection {
    size_t sample = 0;  // index in the batch
    std::string_view reason;
};

// Not thread safe.
class SampleFilter {
  public:
    explicit SampleFilter(const DatabaseOptions& options) : options_(options) {}

    // The samples to store: the given ones, or a copy without the refused, valid until the next
    // call. What was accepted counts for later order only after commit().
    std::span<const Sample> accept(std::span<const Sample> samples,
                                   TimestampNs now,
                                   std::vector<Rejection>& rejections);
    void commit(std::span<const Sample> accepted);
    // The newest timestamp of a series, known from before.
    void note_last(SeriesId series, TimestampNs timestamp);

  private:
    [[nodiscard]] std::string_view refuse(const Sample& sample, TimestampNs now) const;

    const DatabaseOptions& options_;
    std::vector<Sample> kept_;
    std::vector<TimestampNs> last_;  // by series id; only where late samples are refused
};

}  // namespace cistern::store
