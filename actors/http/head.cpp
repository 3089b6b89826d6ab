#include "actors/http/head.hpp"

#include <array>
#include <fmt/format.h>
#include <iterator>

namespace tocsin::http {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> default_headers{{
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
}};

// "Sat, 21 Nov 2026 01:33:34 GMT", whatever the locale.
void append_date(std::string& out, std::time_t now) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm t{};
  gmtime_r(&now, &t);
  fmt::format_to(std::back_inserter(out), "{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                 days.at(static_cast<std::size_t>(t.tm_wday)), t.tm_mday,
                 months.at(static_cast<std::size_t>(t.tm_mon)), t.tm_year + 1900, t.tm_hour,
                 t.tm_min, t.tm_sec);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  for (char c : value) {
    out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
  }
  out += "\r\n";
}

} // namespace

std::string render_head(const response& what, bool keep_alive, std::time_t now) {
  std::string out;
  out.reserve(512);
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nDate: ", what.status,
                 reason_phrase(what.status));
  append_date(out, now);
  out += "\r\n";
  if (what.status >= 200 && what.status != 204 && what.status != 304) {
    append_header(out, "Content-Type", what.content_type);
    if (!what.stream) {
      append_header(out, "Content-Length", fmt::to_string(what.body.size()));
    }
  }
  for (const auto& [name, value] : default_headers) {
    if (!find_field(what.headers, name)) {
      append_header(out, name, value);
    }
  }
  for (const auto& [name, value] : what.headers) {
    append_header(out, name, value);
  }
  append_header(out, "Connection", keep_alive ? "keep-alive" : "close");
  out += "\r\n";
  return out;
}

} // namespace tocsin::http
