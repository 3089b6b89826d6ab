#include "actors/http/address.hpp"

#include "config/json_text.hpp"

#include <arpa/inet.h>
#include <charconv>
#include <fmt/format.h>
#include <netinet/in.h>

namespace tocsin::http {

namespace {

error unreadable(std::string_view text, std::string_view why) {
  return {fmt::format("{} is no address to listen on: {}; write HOST:PORT, such as "
                      "127.0.0.1:9480 or [::1]:9480",
                      quote_for_people(text), why)};
}

bool equal_ignoring_case(std::string_view a, std::string_view lower_case) {
  if (a.size() != lower_case.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char c = a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] + 32) : a[i];
    if (c != lower_case[i]) {
      return false;
    }
  }
  return true;
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

} // namespace

std::string to_string(const listen_address& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  return brackets ? fmt::format("[{}]:{}", address.host, address.port)
                  : fmt::format("{}:{}", address.host, address.port);
}

result<listen_address> parse_listen(std::string_view text) {
  if (text.find("://") != std::string_view::npos) {
    return unreadable(text, "a URL is more than is needed here");
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return unreadable(text, "the port is missing");
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  unsigned number = 0;
  const auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (port.empty() || ec != std::errc{} || end != port.data() + port.size() || number > 65535) {
    return unreadable(text, "the port is no number from 0 to 65535");
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (!is_ipv6(std::string(host))) {
      return unreadable(text, "what stands in brackets is no IPv6 address");
    }
  } else if (host.find(':') != std::string_view::npos) {
    return unreadable(text, "an IPv6 address needs brackets");
  }
  if (host.empty()) {
    return unreadable(text, "the host is missing (0.0.0.0 or [::] for all addresses)");
  }
  if (host.find_first_of(" \t\r\n/[]@") != std::string_view::npos) {
    return unreadable(text, "the host holds a character that no host has");
  }
  return listen_address{std::string(host), static_cast<std::uint16_t>(number)};
}

bool is_loopback(std::string_view host) {
  if (equal_ignoring_case(host, "localhost")) {
    return true;
  }
  const std::string text(host);
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == 127;
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) {
    return false;
  }
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

} // namespace tocsin::http
