#include "actors/statsd/statsd_socket.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace tocsin {

namespace {

constexpr std::size_t packet_bytes_max = 65'535;
constexpr int receive_bytes = 8 << 20;

// Asks for a large buffer, and to be told of overflows; a system that refuses is no failure.
void prepare(int fd) {
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  ::setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
}

int open_socket(int family) {
  return ::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

error failed(const std::string& where) {
  return {fmt::format("StatsD cannot listen on {}: {}", where, std::strerror(errno))};
}

// Whether somebody listens on a Unix socket.
bool is_in_use(const sockaddr_un& address) {
  const int fd = open_socket(AF_UNIX);
  const bool used = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (fd >= 0)
    ::close(fd);
  return used;
}

// Makes room for the socket's file, if what is there is a socket that nobody listens on.
status clear_place(const sockaddr_un& address, const std::string& path) {
  struct ::stat about {};
  if (::lstat(path.c_str(), &about) != 0)
    return done{};
  if (!S_ISSOCK(about.st_mode))
    return error{fmt::format("StatsD cannot listen on {}: something else lies there", path)};
  if (is_in_use(address))
    return error{fmt::format("StatsD cannot listen on {}: another program does", path)};
  ::unlink(path.c_str());
  return done{};
}

} // namespace

statsd_socket::statsd_socket(int fd, std::string path)
    : fd_(fd), path_(std::move(path)), buffer_(packet_bytes_max + 1, '\0') {
  prepare(fd);
}

statsd_socket::statsd_socket(statsd_socket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::exchange(other.path_, {})),
      too_long_(other.too_long_), overflowed_(other.overflowed_),
      overflow_seen_(other.overflow_seen_), buffer_(std::move(other.buffer_)) {}

statsd_socket::~statsd_socket() {
  if (fd_ < 0)
    return;
  ::close(fd_);
  if (!path_.empty())
    ::unlink(path_.c_str());
}

result<statsd_socket> statsd_socket::listen_udp(const std::string& host, std::uint16_t port) {
  const auto where = fmt::format("{}:{}", host, port);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_DGRAM;
  wanted.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int rc = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (rc != 0)
    return error{fmt::format("StatsD cannot listen on {}: {}", where, ::gai_strerror(rc))};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  const int fd = open_socket(found->ai_family);
  if (fd < 0)
    return failed(where);
  statsd_socket out(fd);
  if (::bind(fd, found->ai_addr, found->ai_addrlen) != 0)
    return failed(where);
  return out;
}

result<statsd_socket> statsd_socket::listen_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return error{fmt::format("StatsD cannot listen on {}: the path is too long", path)};
  path.copy(address.sun_path, path.size());
  if (const auto s = clear_place(address, path); !s)
    return s.failure();
  const int fd = open_socket(AF_UNIX);
  if (fd < 0)
    return failed(path);
  statsd_socket out(fd);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return failed(path);
  out.path_ = path;
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP) != 0)
    return failed(path);
  return out;
}

std::size_t statsd_socket::receive(std::size_t most,
                                   const std::function<void(std::string_view)>& packet) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(std::uint32_t))];
  std::size_t packets = 0;
  for (; packets < most; ++packets) {
    iovec part{buffer_.data(), buffer_.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    const auto bytes = ::recvmsg(fd_, &header, 0);
    if (bytes < 0 && errno == EINTR)
      continue;
    if (bytes < 0)
      break;
    note_overflow(&header);
    if ((header.msg_flags & MSG_TRUNC) != 0 || std::size_t(bytes) > packet_bytes_max)
      ++too_long_;
    else
      packet({buffer_.data(), static_cast<std::size_t>(bytes)});
  }
  return packets;
}

void statsd_socket::note_overflow(const void* header) {
  auto* const message = static_cast<msghdr*>(const_cast<void*>(header));
  for (auto* c = CMSG_FIRSTHDR(message); c != nullptr; c = CMSG_NXTHDR(message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
      continue;
    std::uint32_t seen = 0;
    std::memcpy(&seen, CMSG_DATA(c), sizeof seen);
    overflowed_ += static_cast<std::uint32_t>(seen - overflow_seen_);
    overflow_seen_ = seen;
  }
}

std::uint16_t statsd_socket::port() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return 0;
  if (address.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

} // namespace tocsin
