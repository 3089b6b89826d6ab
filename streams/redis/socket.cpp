#include "streams/redis/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace tocsin::redis {

namespace {

using time_point = std::chrono::steady_clock::time_point;

class descriptor {
public:
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  int get() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }
  void take(int fd) noexcept { fd_ = fd; }

private:
  int fd_;
};

error errno_error() {
  return error{std::strerror(errno)};
}

std::int64_t ms_left(time_point until) {
  const auto left = until - std::chrono::steady_clock::now();
  // Rounded up, so that a wait does not spin through its last millisecond.
  return std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

int stream_socket(int family) {
  return ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

status finish_connect(int fd, time_point until) {
  auto ready = wait_for_socket(fd, false, true, until);
  if (!ready)
    return ready.failure();
  if (!*ready)
    return error{"no connection in time"};
  int err = 0;
  socklen_t size = sizeof err;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) != 0)
    return errno_error();
  if (err != 0)
    return error{std::strerror(err)};
  return done{};
}

status connect_to(int fd, const sockaddr* to, socklen_t size, time_point until) {
  for (;;) {
    if (::connect(fd, to, size) == 0)
      return done{};
    if (errno == EINPROGRESS || errno == EINTR)
      return finish_connect(fd, until);
    // A Unix socket whose backlog is full says so at once, and has nothing to wait on.
    if (errno != EAGAIN)
      return errno_error();
    if (ms_left(until) == 0)
      return error{"no connection in time: its backlog is full"};
    ::poll(nullptr, 0, 10);
  }
}

result<int> connect_unix(const std::string& path, time_point until) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  // sun_path holds 107 bytes. What is longer is reached through its open folder.
  descriptor folder(-1);
  std::string short_path = path;
  if (path.size() >= sizeof to.sun_path) {
    const std::filesystem::path whole(path);
    const auto parent = whole.parent_path().string();
    folder.take(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0)
      return errno_error();
    short_path = fmt::format("/proc/self/fd/{}/{}", folder.get(), whole.filename().string());
    if (short_path.size() >= sizeof to.sun_path)
      return error{"the name of the socket is longer than 80 bytes"};
  }
  std::memcpy(to.sun_path, short_path.c_str(), short_path.size() + 1);
  descriptor fd(stream_socket(AF_UNIX));
  if (fd.get() < 0)
    return errno_error();
  auto s = connect_to(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to, until);
  if (!s)
    return s.failure();
  return fd.release();
}

void set_tcp_options(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

result<int> connect_one(const addrinfo& to, time_point until) {
  descriptor fd(stream_socket(to.ai_family));
  if (fd.get() < 0)
    return errno_error();
  if (auto s = connect_to(fd.get(), to.ai_addr, to.ai_addrlen, until); !s)
    return s.failure();
  set_tcp_options(fd.get());
  return fd.release();
}

result<int> connect_tcp(const redis_address& address, time_point until) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  hints.ai_family = address.family == 4 ? AF_INET : address.family == 6 ? AF_INET6 : AF_UNSPEC;
  addrinfo* found = nullptr;
  const auto port = std::to_string(address.port);
  if (int e = ::getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found); e != 0)
    return error{::gai_strerror(e)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  std::int64_t candidates = 0;
  for (auto* a = found; a != nullptr; a = a->ai_next)
    ++candidates;
  error last{"the name has no address"};
  for (auto* a = found; a != nullptr; a = a->ai_next, --candidates) {
    // Each gets its share of what is left, so that one dead address does not eat it all.
    const auto share = std::chrono::milliseconds(ms_left(until) / candidates);
    auto fd = connect_one(*a, std::chrono::steady_clock::now() + share);
    if (fd)
      return fd;
    last = fd.failure();
  }
  return last;
}

} // namespace

result<int> connect_socket(const redis_address& address, time_point until) {
  if (address.via == redis_address::transport::unix_socket)
    return connect_unix(address.path, until);
  return connect_tcp(address, until);
}

result<bool> wait_for_socket(int fd, bool for_read, bool for_write, time_point until) {
  pollfd p{fd, 0, 0};
  if (for_read)
    p.events = static_cast<short>(p.events | POLLIN);
  if (for_write)
    p.events = static_cast<short>(p.events | POLLOUT);
  for (;;) {
    const auto left = std::min<std::int64_t>(ms_left(until), 3'600'000);
    const int n = ::poll(&p, 1, static_cast<int>(left));
    if (n > 0)
      return true;
    if (n < 0 && errno != EINTR)
      return errno_error();
    if (n == 0 && ms_left(until) == 0)
      return false;
  }
}

} // namespace tocsin::redis
