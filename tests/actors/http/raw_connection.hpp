#pragma once

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace tocsin::http {

/// A TCP connection to loopback that sends any bytes, for what no decent client sends. Every read
/// and write has a deadline, so that a test fails instead of hanging.
class raw_connection {
public:
  /// `from`: another loopback address, to be a client of its own.
  explicit raw_connection(std::uint16_t port, const char* from = "127.0.0.1")
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    ::inet_pton(AF_INET, from, &here.sin_addr);
    ::bind(socket_, reinterpret_cast<sockaddr*>(&here), sizeof here);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~raw_connection() { ::close(socket_); }
  raw_connection(const raw_connection&) = delete;
  raw_connection& operator=(const raw_connection&) = delete;

  bool connected() const { return connected_; }

  /// False where the other side no longer takes bytes.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      if (!wait_for(POLLOUT)) {
        return false;
      }
      const auto n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno != EAGAIN) {
        return false;
      }
      bytes.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 0);
    }
    return true;
  }
  void end_sending() { ::shutdown(socket_, SHUT_WR); }

  /// What comes until the other side closes. `was_reset` tells a reset from an end.
  std::string read_to_end() {
    while (read_some()) {
    }
    return std::move(received_);
  }
  /// What comes until `mark` has come, with it.
  std::string read_until(std::string_view mark) {
    std::size_t at = received_.find(mark);
    while (at == std::string::npos && read_some()) {
      at = received_.find(mark);
    }
    const std::size_t end = at == std::string::npos ? received_.size() : at + mark.size();
    std::string out = received_.substr(0, end);
    received_.erase(0, end);
    return out;
  }
  /// Forgets the next so many bytes.
  void skip(std::size_t bytes) {
    while (received_.size() < bytes && read_some()) {
    }
    received_.erase(0, bytes);
  }
  bool was_reset() const { return reset_; }
  bool timed_out() const { return timed_out_; }

private:
  bool wait_for(short what) {
    pollfd one{socket_, what, 0};
    const int ready = ::poll(&one, 1, 60'000);
    timed_out_ = ready == 0;
    return ready > 0;
  }
  bool read_some() {
    char bytes[16384];
    if (!wait_for(POLLIN)) {
      return false;
    }
    const auto n = ::recv(socket_, bytes, sizeof bytes, 0);
    reset_ = reset_ || (n < 0 && errno == ECONNRESET);
    if (n > 0) {
      received_.append(bytes, static_cast<std::size_t>(n));
    }
    return n > 0;
  }

  int socket_;
  bool connected_ = false;
  bool reset_ = false;
  bool timed_out_ = false;
  std::string received_;
};

} // namespace tocsin::http
