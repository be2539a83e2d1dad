// SPDX-License-Identifier: MIT
#include "web/server.h"

#include "store/base/log.h"
#include "store/base/mutex.h"
#include "web/civet_request.h"
#include "web/dispatcher.h"
#include "web/gzip.h"
#include "web/large_stack.h"
#include "web/listen_address.h"
#include "web/response_writer.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

namespace cistern::web {
namespace {

// Unread bytes of a refused body that are read and dropped, so that the client sees the answer
// before the connection goes away.
constexpr size_t kDrainBytesMax = 1 << 20;

std::string machine_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return {};
    return name.data();
}

void touch(const ListenAddress& address) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return;
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(address.port);
    inet_pton(AF_INET, address.host.c_str(), &where.sin_addr);
    (void)::connect(socket, reinterpret_cast<const sockaddr*>(&where), sizeof(where));
    ::close(socket);
}

}  // namespace

struct Server::State {
    State(const WebOptions& web_options, Router routes, MetricsRegistry& registry, Clock& clock)
        : options(web_options),
          dispatcher(options, std::move(routes), machine_name(), registry, clock) {}

    static int begin_request(mg_connection* connection);
    static int log_message(const mg_connection* connection, const char* message);
    void serve(mg_connection* connection);
    Response answer(mg_connection* connection,
                    IncomingRequest& incoming,
                    const Admission& admission,
                    bool& body_done);
    void send(mg_connection* connection,
              const IncomingRequest* incoming,
              const Response& response,
              bool keep_alive);

    WebOptions options;
    Dispatcher dispatcher;
    ListenAddress address;
    ClientWatch clients;
    mg_context* context = nullptr;
    std::atomic<bool> stopping{false};
    std::string start_failure;  // what CivetWeb said, while it starts
    std::atomic<bool> started{false};
};

int Server::State::log_message(const mg_connection* connection, const char* message) {
    const mg_context* context = mg_get_context(connection);
    auto* state = context != nullptr ? static_cast<State*>(mg_get_user_data(context)) : nullptr;
    if (state != nullptr && !state->started) state->start_failure = message;
    // Every broken connection of a client ends up here: too much for any other level.
    log_debug("http server: {}", message);
    return 1;
}

int Server::State::begin_request(mg_connection* connection) {
    auto* state = static_cast<State*>(mg_get_user_data(mg_get_context(connection)));
    static thread_local LargeStack stack;
    stack.run([&] { state->serve(connection); });
    return 200;
}

void Server::State::serve(mg_connection* connection) {
    auto incoming = read_request(connection);
    if (!incoming) {
        send(connection, nullptr, Response::error(incoming.error()), false);
        return;
    }
    bool body_done = true;
    incoming->request.watch_client = [this, &incoming](std::function<void()> gone) {
        return clients.watch(incoming->ends, std::move(gone));
    };
    // Lives until the answer is sent: it counts the client's running requests.
    const Admission admission = dispatcher.admit(*incoming);
    const Response response = answer(connection, *incoming, admission, body_done);
    send(connection, &*incoming, response, body_done);
}

Response Server::State::answer(mg_connection* connection,
                               IncomingRequest& incoming,
                               const Admission& admission,
                               bool& body_done) {
    Request& request = incoming.request;
    const bool has_body = incoming.chunked || incoming.content_length > 0;
    if (!has_body) return dispatcher.run(admission, request);

    SocketBody socket_body(connection, incoming, admission.body_bytes_max);
    std::unique_ptr<BodyReader> gunzip;
    request.body = &socket_body;
    if (admission.body_is_gzip) {
        gunzip = make_gunzip_reader(socket_body, admission.decompressed_bytes_max);
        request.body = gunzip.get();
    }
    Response response = dispatcher.run(admission, request);
    request.body = nullptr;
    std::array<char, 16384> dropped;
    for (size_t left = kDrainBytesMax; !socket_body.at_end() && left >= dropped.size();
         left -= dropped.size()) {
        if (!socket_body.read(dropped)) break;
    }
    body_done = socket_body.at_end();
    return response;
}

void Server::State::send(mg_connection* connection,
                         const IncomingRequest* incoming,
                         const Response& response,
                         bool keep_alive) {
    WireOptions wire;
    wire.keep_alive = keep_alive && !stopping;
    wire.stopping = [this] { return stopping.load(std::memory_order_relaxed); };
    if (incoming != nullptr) {
        const Headers& headers = incoming->request.headers;
        wire.http_1_1 = incoming->http_1_1;
        wire.head_only = incoming->request.method == Method::Head;
        wire.accepts_gzip = accepts_gzip(headers.get("Accept-Encoding"));
        const std::string_view connection_header = headers.get("Connection");
        wire.keep_alive = wire.keep_alive && incoming->http_1_1 && connection_header != "close";
    }
    const WireOutcome outcome =
        write_response(response, wire, [connection](std::string_view bytes) {
            return mg_write(connection, bytes.data(), bytes.size()) ==
                   static_cast<int>(bytes.size());
        });
    if (!outcome.keep_alive) mg_disable_connection_keep_alive(connection);
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
    stop();
}

Result<std::unique_ptr<Server>> Server::start(const WebOptions& options,
                                              Router router,
                                              MetricsRegistry& registry,
                                              Clock& clock) {
    const ListenAddress address = TRY(parse_listen_address(options.listen));
    TRY(check_exposure(options.listen, options.auth));
    auto state = std::make_unique<State>(options, std::move(router), registry, clock);
    TRY(state->dispatcher.load_users());

    const std::string port = address.to_string();
    const std::string threads = std::to_string(options.limits.threads);
    const std::string request_timeout = std::to_string(options.limits.request_timeout_ms);
    const std::string keep_alive = std::to_string(options.limits.keep_alive_ms);
    const std::string request_bytes = std::to_string(options.limits.uri_bytes + (16 << 10));
    const char* settings[] = {"listening_ports",
                              port.c_str(),
                              "num_threads",
                              threads.c_str(),
                              "request_timeout_ms",
                              request_timeout.c_str(),
                              "enable_keep_alive",
                              "yes",
                              "keep_alive_timeout_ms",
                              keep_alive.c_str(),
                              "max_request_size",
                              request_bytes.c_str(),
                              "tcp_nodelay",
                              "1",
                              "decode_url",
                              "no",
                              "decode_query_string",
                              "no",
                              "access_control_allow_origin",
                              "",
                              nullptr};
    mg_callbacks callbacks{};
    callbacks.begin_request = &State::begin_request;
    callbacks.log_message = &State::log_message;
    callbacks.log_access = [](const mg_connection*, const char*) { return 1; };
    static const unsigned features = mg_init_library(0);
    (void)features;
    state->context = mg_start(&callbacks, state.get(), settings);
    state->started = true;
    if (state->context == nullptr) {
        return fail(ErrorCode::Io,
                    fmt::format("cannot listen on {}: {}", port, state->start_failure));
    }
    mg_server_port bound{};
    mg_get_server_ports(state->context, 1, &bound);
    state->address = {address.host, static_cast<uint16_t>(bound.port)};
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

void Server::stop() {
    state_->stopping = true;
    if (state_->context == nullptr) return;
    {
        // CivetWeb looks at its stop flag every 2 s, or when somebody connects.
        const std::jthread waker([&](const std::stop_token& stopped) {
            Mutex mutex;
            CondVar never;
            const MutexLock lock(mutex);
            while (!stopped.stop_requested()) {
                touch(state_->address);
                never.wait_for(mutex, std::chrono::milliseconds(10));
            }
        });
        mg_stop(state_->context);
    }
    state_->context = nullptr;
}

Status Server::reload_users() {
    return state_->dispatcher.load_users();
}

uint16_t Server::port() const {
    return state_->address.port;
}

std::string Server::url() const {
    return "http://" + state_->address.to_string();
}

Status check_exposure(const std::string& listen, const AuthOptions& auth) {
    const ListenAddress address = TRY(parse_listen_address(listen));
    if (address.is_loopback() || auth.mode != AuthMode::Unset) return {};
    return fail(ErrorCode::InvalidArgument,
                fmt::format("listening on {} lets everyone on the network read and write: add\n"
                            "  [auth]\n  mode = \"users\"\n  users_file = \"users\"\n"
                            "to the settings, or mode = \"none\" to allow exactly that",
                            address.to_string()));
}

}  // namespace cistern::web
