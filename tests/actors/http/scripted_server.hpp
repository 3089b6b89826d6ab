#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace tocsin::http {

/// Answers requests with any bytes, for what no decent server sends. One connection after the
/// other; when a script of a connection is at its end, the connection is closed.
class scripted_server {
public:
  /// What is sent for each request of a connection.
  using script = std::vector<std::string>;

  explicit scripted_server(std::vector<script> scripts)
      : scripts_(std::move(scripts)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&at), size);
    ::listen(listener_, 8);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~scripted_server() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  std::string url() const { return fmt::format("http://127.0.0.1:{}/", port_); }
  int connections() const { return connections_; }
  int requests() const { return requests_; }

private:
  void serve() {
    for (const auto& one : scripts_) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) {
        return;
      }
      ++connections_;
      for (const auto& answer : one) {
        if (!take_request(socket)) {
          break;
        }
        ++requests_;
        send(socket, answer);
      }
      ::shutdown(socket, SHUT_WR);
      while (read_some(socket)) { // closing with unread bytes would reset it
      }
      received_.clear();
      ::close(socket);
    }
  }

  // Requests have no body here, or one of a byte.
  bool take_request(int socket) {
    for (;;) {
      const auto head = received_.find("\r\n\r\n");
      if (head != std::string::npos) {
        const bool body = received_.find("Content-Length: 1\r\n") < head;
        if (received_.size() >= head + 4 + (body ? 1 : 0)) {
          received_.erase(0, head + 4 + (body ? 1 : 0));
          return true;
        }
      }
      if (!read_some(socket)) {
        return false;
      }
    }
  }

  bool read_some(int socket) {
    pollfd one{socket, POLLIN, 0};
    char bytes[4096];
    const auto n = ::poll(&one, 1, 60'000) > 0 ? ::recv(socket, bytes, sizeof bytes, 0) : 0;
    received_.append(bytes, n > 0 ? static_cast<std::size_t>(n) : 0);
    return n > 0;
  }

  static void send(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) {
        return; // the client has enough
      }
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  std::vector<script> scripts_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0}, requests_{0};
  std::string received_;
  std::thread thread_;
};

} // namespace tocsin::http
