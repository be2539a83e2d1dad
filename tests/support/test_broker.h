// SPDX-License-Identifier: MIT
// A real mosquitto on a free loopback port with persistence and the queue settings of
// config/examples/mosquitto.conf; stopped by the destructor.
#pragma once

#include "tests/support/temp_folder.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

namespace cistern::test {

inline uint16_t free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    socklen_t size = sizeof(address);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(fd);
    return ntohs(address.sin_port);
}

inline bool can_connect(uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool connected =
        ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    ::close(fd);
    return connected;
}

class TestBroker {
  public:
    // `extra` is appended to the configuration.
    explicit TestBroker(const std::string& extra = "") : port_(free_port()) {
        std::ofstream config(folder_.file("mosquitto.conf"));
        config << "listener " << port_ << " 127.0.0.1\nallow_anonymous true\npersistence true\n"
               << "persistence_location " << folder_.path() << "/\nmax_queued_messages 0\n"
               << "max_inflight_messages 1000\nset_tcp_nodelay true\nuser root\n"
               << extra << "\n";
        config.close();
        start();
    }
    ~TestBroker() { stop(); }
    TestBroker(const TestBroker&) = delete;
    TestBroker& operator=(const TestBroker&) = delete;

    static bool is_installed() { return ::access(kProgram, X_OK) == 0; }

    void start() {
        pid_ = ::fork();
        if (pid_ == 0) {
            const int log =
                ::open(folder_.file("log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
            ::dup2(log, STDOUT_FILENO);
            ::dup2(log, STDERR_FILENO);
            ::execl(kProgram, kProgram, "-c", folder_.file("mosquitto.conf").c_str(), nullptr);
            ::_exit(127);
        }
        for (int i = 0; i < 500 && !can_connect(port_); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
    // SIGTERM saves the sessions; SIGKILL forgets what came after the last autosave.
    void stop(int signal = SIGTERM) {
        if (pid_ > 0) {
            ::kill(pid_, signal);
            ::waitpid(pid_, nullptr, 0);
            pid_ = -1;
        }
    }
    [[nodiscard]] uint16_t port() const { return port_; }
    [[nodiscard]] std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }

  private:
    static constexpr const char* kProgram = "/usr/sbin/mosquitto";
    TempFolder folder_;
    uint16_t port_;
    pid_t pid_ = -1;
};

}  // namespace cistern::test
