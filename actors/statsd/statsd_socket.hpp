#pragma once

#include "config/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tocsin {

/// A socket on which StatsD packets are heard. Owns it, and the file of a Unix socket.
///
/// 1. One thread reads. Nothing blocks.
/// 2. A packet holds at most 65,535 bytes. A longer one is left out and counted, as are those that
///    the system dropped because the buffer (8 MiB are asked for) was full.
class statsd_socket {
public:
  /// A UDP socket on "HOST:PORT"; port 0 takes any free one.
  static result<statsd_socket> listen_udp(const std::string& host, std::uint16_t port);
  /// A Unix datagram socket that its user and group may write to. A socket that nobody listens on
  /// is replaced; anything else in its place is an error.
  static result<statsd_socket> listen_unix(const std::string& path);

  statsd_socket(statsd_socket&&) noexcept;
  statsd_socket& operator=(statsd_socket&&) = delete;
  ~statsd_socket();

  /// Hands over what has come, at most `most` packets. The number of packets.
  std::size_t receive(std::size_t most, const std::function<void(std::string_view)>& packet);

  int descriptor() const { return fd_; }
  std::uint16_t port() const; ///< of a UDP socket
  /// Packets that were lost here, since the start.
  std::uint64_t lost() const { return too_long_ + overflowed_; }

private:
  explicit statsd_socket(int fd, std::string path = {});
  void note_overflow(const void* header);

  int fd_;
  std::string path_; // of a Unix socket
  std::uint64_t too_long_ = 0;
  std::uint64_t overflowed_ = 0;
  std::uint32_t overflow_seen_ = 0; // the system's counter, which wraps
  std::string buffer_;
};

} // namespace tocsin
