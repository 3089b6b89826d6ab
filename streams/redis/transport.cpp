#include "streams/redis/transport.hpp"

#include "streams/redis/socket.hpp"
#include "streams/redis/tls.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tocsin::redis {

deadline deadline_after(std::int64_t timeout_ms) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
}

transport::transport(int fd) noexcept : fd_(fd) {}

transport::transport(transport&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), tls_(std::move(other.tls_)) {}

transport& transport::operator=(transport&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(tls_, other.tls_);
  return *this;
}

transport::~transport() {
  tls_.reset();
  if (fd_ >= 0)
    ::close(fd_);
}

result<transport> transport::connect(const redis_address& address, deadline until) {
  auto fd = connect_socket(address, until);
  if (!fd)
    return fd.failure();
  transport t(*fd);
  if (address.via == redis_address::transport::tls)
    if (auto s = t.start_tls(address, until); !s)
      return s.failure();
  return t;
}

status transport::start_tls(const redis_address& address, deadline until) {
  auto session = tls_session::create(fd_, address.host, address.tls);
  if (!session)
    return session.failure();
  tls_ = std::move(*session);
  for (;;) {
    auto next = tls_->handshake();
    if (!next)
      return next.failure();
    if (!next->wants_read && !next->wants_write)
      return done{};
    auto ready = wait(next->wants_read, next->wants_write, until);
    if (!ready)
      return ready.failure();
    if (!*ready)
      return error{"no TLS handshake in time: does this port speak TLS?"};
  }
}

result<io_step> transport::try_send(std::string_view bytes) {
  if (tls_)
    return tls_->send(bytes);
  const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n >= 0)
    return io_step{static_cast<std::size_t>(n), false, false};
  if (errno == EAGAIN || errno == EWOULDBLOCK)
    return io_step{0, false, true};
  if (errno == EINTR)
    return io_step{};
  return error{std::strerror(errno)};
}

result<io_step> transport::try_receive(std::span<char> into) {
  if (tls_)
    return tls_->receive(into);
  const auto n = ::recv(fd_, into.data(), into.size(), 0);
  if (n > 0)
    return io_step{static_cast<std::size_t>(n), false, false};
  if (n == 0)
    return error{"the server closed the connection"};
  if (errno == EAGAIN || errno == EWOULDBLOCK)
    return io_step{0, true, false};
  if (errno == EINTR)
    return io_step{};
  return error{std::strerror(errno)};
}

result<bool> transport::wait(bool for_read, bool for_write, deadline until) {
  return wait_for_socket(fd_, for_read, for_write, until);
}

} // namespace tocsin::redis
