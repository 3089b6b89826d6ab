#include "tools/tocsin/statsd_sockets.hpp"

#include "actors/http/address.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace tocsin {

status check_statsd(const statsd_settings& s, bool insecure) {
  if (s.listen.empty())
    return done{};
  const auto address = http::parse_listen(s.listen);
  if (!address)
    return error{"tocsin.statsd.listen: " + address.failure().message};
  if (!insecure && !http::is_loopback(address->host))
    return error{fmt::format("tocsin.statsd.listen: {} can be reached from other machines, and "
                             "StatsD knows no tokens: listen on 127.0.0.1, or use --insecure where "
                             "something else guards the way",
                             s.listen)};
  return done{};
}

result<std::vector<statsd_socket>> open_statsd(const statsd_settings& s) {
  std::vector<statsd_socket> out;
  if (!s.listen.empty()) {
    const auto address = http::parse_listen(s.listen);
    if (!address)
      return address.failure();
    auto made = statsd_socket::listen_udp(address->host, address->port);
    if (!made)
      return made.failure();
    spdlog::info("StatsD is heard on UDP {}:{}", address->host, made->port());
    out.push_back(std::move(*made));
  }
  if (!s.socket.empty()) {
    auto made = statsd_socket::listen_unix(s.socket);
    if (!made)
      return made.failure();
    spdlog::info("StatsD is heard on {}", s.socket);
    out.push_back(std::move(*made));
  }
  return out;
}

} // namespace tocsin
