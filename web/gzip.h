// SPDX-License-Identifier: MIT
// gzip in both directions, a piece at a time. The only place that knows zlib.
#pragma once

#include "store/base/result.h"
#include "web/http.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace cistern::web {

// Level 1 by default: level 6 saves a seventh of the bytes for three times the work.
class GzipWriter {
  public:
    explicit GzipWriter(int level = 1);
    ~GzipWriter();
    GzipWriter(const GzipWriter&) = delete;
    GzipWriter& operator=(const GzipWriter&) = delete;
    // Appends what is ready to `out`; `finish` writes the trailer, after which nothing follows.
    void write(std::string_view bytes, bool finish, std::string& out);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string gzip(std::string_view bytes, int level);
// ResourceExhausted above bytes_max, InvalidArgument when it is not gzip.
Result<std::string> gunzip(std::string_view bytes, size_t bytes_max);

// A reader that decompresses another one. `source` must outlive it. ResourceExhausted above
// bytes_max decompressed bytes.
std::unique_ptr<BodyReader> make_gunzip_reader(BodyReader& source, uint64_t bytes_max);

}  // namespace cistern::web
