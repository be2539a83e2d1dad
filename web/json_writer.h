// SPDX-License-Identifier: MIT
// JSON text, written in one pass into a string that can be drained as it grows. Commas and quotes
// are placed by the writer; the caller keeps begin and end in balance.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace cistern::web {

class JsonWriter {
  public:
    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }

    void key(std::string_view name);
    // Invalid UTF-8 becomes U+FFFD; control characters, quotes and HTML's < > & are escaped.
    void string(std::string_view text);
    void boolean(bool value) { raw(value ? "true" : "false"); }
    void integer(int64_t value);
    void unsigned_integer(uint64_t value);
    // Shortest digits; null for NaN and infinities, which JSON cannot write.
    void number(double value);
    void null() { raw("null"); }
    // Text that is JSON already.
    void raw(std::string_view json);
    // Text that needs no escaping, in quotes.
    void plain_string(std::string_view text);
    // The same for text that the caller appends to buffer() in between.
    void open_plain_string() {
        separate();
        out_ += '"';
    }
    void close_plain_string() { out_ += '"'; }
    std::string& buffer() { return out_; }
    // Before a value that the caller appends to buffer() as a whole.
    void separate() {
        if (comma_) out_ += ',';
        comma_ = true;
    }
    // Milliseconds since the epoch as seconds, as Prometheus prints times: 1700000000 or
    // 1700000000.500.
    void time_ms(int64_t milliseconds);

    void field(std::string_view name, std::string_view value) { key(name), string(value); }
    void field(std::string_view name, const char* value) { key(name), string(value); }
    void field(std::string_view name, bool value) { key(name), boolean(value); }
    void field(std::string_view name, double value) { key(name), number(value); }
    void field(std::string_view name, uint64_t value) { key(name), unsigned_integer(value); }
    void field(std::string_view name, int64_t value) { key(name), integer(value); }

    [[nodiscard]] std::string_view text() const { return out_; }
    [[nodiscard]] size_t size() const { return out_.size(); }
    std::string take() { return std::exchange(out_, {}); }
    // Forgets the text (which was sent on), not the place in the document.
    void drain() { out_.clear(); }

  private:
    void open(char bracket) {
        separate();
        out_ += bracket;
        comma_ = false;
    }
    void close(char bracket) {
        out_ += bracket;
        comma_ = true;
    }
    std::string out_;
    bool comma_ = false;  // the next value at this place needs a comma before it
};

}  // namespace cistern::web
