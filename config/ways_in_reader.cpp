#include "config/ways_in_reader.hpp"

#include "config/redis_address.hpp"
#include "config/text_map_reader.hpp"
#include "config/value_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <span>

namespace tocsin {

namespace {

constexpr std::size_t name_bytes_max = 255;
constexpr std::size_t socket_bytes_max = 107; // sockaddr_un

// Whether it is an object with these keys; calls `read` for each that is there.
template <class Read>
void read_object(const json_cursor& at, std::span<const std::string_view> keys,
                 problem_list& problems, Read read) {
  if (at.node().type != json_node::kind::object)
    return problems.error(at.place(),
                          fmt::format("expected an object, found {}", at.node().kind_name()));
  check_keys(at, keys, stranger::warned_about, problems);
  for (const auto key : keys) {
    if (const auto* member = at.node().find(key))
      read(key, at.child(*member));
  }
}

void read_plain(const json_cursor& at, std::size_t bytes_max, std::string& to,
                problem_list& problems) {
  const auto text = read_text(at, problems);
  if (!text)
    return;
  if (text->size() > bytes_max)
    return problems.error(at.place(), fmt::format("longer than {} bytes", bytes_max));
  if (holds_control_character(*text))
    return problems.error(at.place(), "it holds a control character");
  to = *text;
}

bool is_host_and_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0)
    return false;
  const auto port = text.substr(colon + 1);
  unsigned number = 0;
  const auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), number);
  return ec == std::errc{} && end == port.data() + port.size() && number <= 65'535;
}

// What is wrong with the name of a metric or a field.
std::string_view object_to_name(std::string_view text) {
  const auto unfit = [](char c) { return c <= ' ' || c >= 0x7F; };
  if (text.empty() || text.size() > name_bytes_max)
    return "has no 1 to 255 characters";
  return std::any_of(text.begin(), text.end(), unfit) ? "holds a blank or no ASCII character" : "";
}

} // namespace

statsd_settings read_statsd(const json_cursor& object, problem_list& problems) {
  constexpr std::array<std::string_view, 4> keys = {"listen", "socket", "host", "fields"};
  constexpr std::size_t fields_bytes_max = std::size_t{1} << 20;
  constexpr text_map_bounds bounds = {"field",
                                      R"({"web.requests": "requests"})",
                                      4'096,
                                      name_bytes_max,
                                      fields_bytes_max,
                                      object_to_name,
                                      object_to_name};
  statsd_settings out;
  read_object(object, keys, problems, [&](std::string_view key, const json_cursor& at) {
    if (key == "fields")
      out.fields = read_text_map(at, bounds, problems).value_or(text_map{});
    else if (key == "host")
      read_plain(at, name_bytes_max, out.host, problems);
    else if (key == "socket")
      read_plain(at, socket_bytes_max, out.socket, problems);
    else
      read_plain(at, name_bytes_max, out.listen, problems);
    if (key == "listen" && !out.listen.empty() && !is_host_and_port(out.listen))
      problems.error(at.place(), R"(expected HOST:PORT, for example "127.0.0.1:8125")");
  });
  return out;
}

botpress_settings read_botpress(const json_cursor& object, problem_list& problems) {
  constexpr std::array<std::string_view, 2> keys = {"redisUrl", "key"};
  constexpr std::size_t url_bytes_max = 4'096;
  botpress_settings out;
  read_object(object, keys, problems, [&](std::string_view key, const json_cursor& at) {
    if (key == "key")
      return read_plain(at, name_bytes_max, out.key, problems);
    read_plain(at, url_bytes_max, out.redis_url, problems);
    if (out.redis_url.empty())
      return;
    if (const auto address = read_redis_address(out.redis_url, ""); !address)
      problems.error(at.place(), address.failure().message);
  });
  return out;
}

} // namespace tocsin
