// SPDX-License-Identifier: MIT
// What a route sees of HTTP: a request, a response, and the stream of a long response. Free of any
// server library.
#pragma once

#include "store/base/result.h"
#include "web/parameters.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cistern::web {

enum class Method : uint8_t { Get, Head, Post, Put, Delete, Patch, Options, Other };
Method parse_method(std::string_view name);
std::string_view method_name(Method method);

// Names compare without regard to case. Order is kept.
class Headers {
  public:
    void add(std::string name, std::string value);
    // Replaces every header of that name.
    void set(std::string_view name, std::string value);
    // The first of that name; empty when absent.
    [[nodiscard]] std::string_view get(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;
    [[nodiscard]] size_t count(std::string_view name) const;
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const {
        return all_;
    }

  private:
    std::vector<std::pair<std::string, std::string>> all_;
};

// The bytes of a request's body, decompressed where the client sent gzip. One reader thread.
class BodyReader {
  public:
    virtual ~BodyReader() = default;
    // Fills up to into.size() bytes; 0 at the end. ResourceExhausted: larger than the limit.
    // Cancelled: the client went away or was too slow. InvalidArgument: a broken gzip stream.
    [[nodiscard]] virtual Result<size_t> read(std::span<char> into) = 0;
};

enum class Role : uint8_t { Public, Read, Write, Admin };

struct Request {
    Method method = Method::Get;
    std::string method_text;
    std::string path;      // decoded, without the /db/<name> prefix
    std::string database;  // of the /db/<name> prefix; "_all" for the union; empty without a prefix
    Parameters query;      // of the URL
    Headers headers;
    std::string peer;  // the client's address
    std::string user;  // who was authenticated; empty without auth
    std::vector<std::pair<std::string_view, std::string>> path_values;
    BodyReader* body = nullptr;  // null: no body
    // May the user touch this database? Null: every one.
    std::function<bool(std::string_view database)> may_use;
    // Calls `gone` from another thread when the client closes its connection while the returned
    // guard lives. Null where that cannot be known.
    std::function<std::shared_ptr<void>(std::function<void()> gone)> watch_client;

    // The {name} of the route's pattern.
    [[nodiscard]] std::string_view path_value(std::string_view name) const;
    // The whole body. ResourceExhausted above bytes_max.
    [[nodiscard]] Result<std::string> read_body(size_t bytes_max) const;
    // The body's form fields, then the URL's. Grafana sends both.
    [[nodiscard]] Result<Parameters> parameters(size_t form_bytes_max = 1 << 20) const;
};

// Where a long response goes. Blocks while the client reads; one thread.
class ResponseStream {
  public:
    virtual ~ResponseStream() = default;
    // False when the client is gone: stop producing.
    virtual bool write(std::string_view bytes) = 0;
    // Hands what was written so far to the network.
    virtual bool flush() = 0;
    // The server is shutting down: a stream without an end must end now.
    [[nodiscard]] virtual bool stopping() const = 0;
};

struct Response {
    int status = 200;
    Headers headers;
    std::string body;
    // When set, produces the body instead of `body`, on the request's thread.
    std::function<void(ResponseStream&)> stream;
    // A stream without an end: sent at once, never compressed, closes the connection.
    bool endless = false;
    bool compressible = true;

    static Response text(int status, std::string body);
    static Response json(int status, std::string body);
    static Response no_content();
    // Prometheus' error body.
    static Response error(int status, std::string_view type, std::string_view message);
    // The status and type that fit the code; message as is.
    static Response error(const Error& error);
};

std::string_view status_text(int status);

}  // namespace cistern::web
