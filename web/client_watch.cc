// SPDX-License-Identifier: MIT
#include "web/client_watch.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdlib>

namespace cistern::web {
namespace {

constexpr std::chrono::milliseconds kInterval{100};

bool is_connection(int socket, const ConnectionEnds& ends) {
    sockaddr_in client{};
    sockaddr_in server{};
    socklen_t size = sizeof(client);
    if (getpeername(socket, reinterpret_cast<sockaddr*>(&client), &size) != 0) return false;
    if (client.sin_family != AF_INET || ntohs(client.sin_port) != ends.client_port) return false;
    size = sizeof(server);
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&server), &size) != 0) return false;
    if (ntohs(server.sin_port) != ends.server_port) return false;
    char text[INET_ADDRSTRLEN] = {};
    inet_ntop(AF_INET, &client.sin_addr, text, sizeof(text));
    return ends.client_address == text;
}

// CivetWeb does not tell the socket of a connection: it is found among the open files. -1 if not.
int find_socket(const ConnectionEnds& ends) {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), closedir);
    if (folder == nullptr) return -1;
    while (const dirent* entry = readdir(folder.get())) {
        const int number = std::atoi(entry->d_name);
        if (number > 2 && is_connection(number, ends)) return number;
    }
    return -1;
}

bool is_closed(int socket) {
    pollfd polled{socket, POLLRDHUP, 0};
    return poll(&polled, 1, 0) > 0 && (polled.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

}  // namespace

ClientWatch::ClientWatch() : thread_([this] { run(); }) {}

ClientWatch::~ClientWatch() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
}

std::shared_ptr<void> ClientWatch::watch(ConnectionEnds ends, std::function<void()> gone) {
    const MutexLock lock(mutex_);
    watched_.push_back({std::move(ends), std::move(gone)});
    if (is_asleep_) {
        is_asleep_ = false;
        changed_.notify_all();
    }
    return {this, [this, entry = std::prev(watched_.end())](void*) {
                const MutexLock inner(mutex_);
                watched_.erase(entry);
            }};
}

void ClientWatch::look_at(Watched& watched) {
    if (watched.gone == nullptr) return;
    if (watched.socket < 0) watched.socket = find_socket(watched.ends);
    if (watched.socket < 0 || !is_closed(watched.socket)) return;
    watched.gone();
    watched.gone = nullptr;
}

void ClientWatch::run() {
    const MutexLock lock(mutex_);
    while (!stopping_) {
        if (watched_.empty()) {
            is_asleep_ = true;
            changed_.wait(mutex_);
            continue;
        }
        changed_.wait_for(mutex_, kInterval);
        for (Watched& watched : watched_) {
            if (watched.is_slow) look_at(watched);
            watched.is_slow = true;
        }
    }
}

}  // namespace cistern::web
