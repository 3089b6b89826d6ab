#include "streams/redis/append_scan.hpp"

#include <charconv>
#include <cstdint>

namespace tocsin::redis {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::uint64_t words_max = std::uint64_t{1} << 20;
constexpr std::uint64_t word_bytes_max = std::uint64_t{512} << 20; // of a bulk string in Redis

struct logged_command {
  std::string_view first; // its name; empty: an annotation
  std::size_t end;
};

// A line of a mark and a number; moves behind it.
std::optional<std::uint64_t> read_count(std::string_view bytes, std::size_t& at, char mark,
                                        std::uint64_t most) {
  if (at >= bytes.size() || bytes[at] != mark)
    return std::nullopt;
  std::uint64_t n = 0;
  const auto* end = bytes.data() + bytes.size();
  const auto read = std::from_chars(bytes.data() + at + 1, end, n);
  at = static_cast<std::size_t>(read.ptr - bytes.data());
  if (read.ec != std::errc{} || n > most || bytes.substr(at, 2) != line_end)
    return std::nullopt;
  at += 2;
  return n;
}

// The command that begins here; none: it is not whole.
std::optional<logged_command> read_command(std::string_view bytes, std::size_t at) {
  if (at < bytes.size() && bytes[at] == '#') {
    const auto end = bytes.find(line_end, at);
    return end == std::string_view::npos ? std::nullopt
                                         : std::optional(logged_command{{}, end + 2});
  }
  const auto words = read_count(bytes, at, '*', words_max);
  if (!words || *words == 0)
    return std::nullopt;
  logged_command c{};
  for (std::uint64_t i = 0; i < *words; ++i) {
    const auto length = read_count(bytes, at, '$', word_bytes_max);
    if (!length || bytes.size() - at < *length + 2 || bytes.substr(at + *length, 2) != line_end)
      return std::nullopt;
    if (i == 0)
      c.first = bytes.substr(at, *length);
    at += *length + 2;
  }
  c.end = at;
  return c;
}

bool is_word(std::string_view text, std::string_view upper) {
  if (text.size() != upper.size())
    return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((text[i] & ~0x20) != upper[i])
      return false;
  return true;
}

// A rewritten file of Redis 6 begins as an RDB file, which ends in 0xFF and a checksum of 8 bytes;
// the first command behind it names the database.
std::size_t commands_begin(std::string_view bytes) {
  constexpr std::string_view select = "*2\r\n$6\r\nSELECT\r\n";
  if (!bytes.starts_with("REDIS"))
    return 0;
  for (auto at = bytes.find(select); at != std::string_view::npos; at = bytes.find(select, at + 1))
    if (at >= 9 && bytes[at - 9] == '\xff')
      return at;
  return bytes.size();
}

std::optional<std::size_t> next_command(std::string_view bytes, std::size_t at) {
  for (at = bytes.find('*', at); at != std::string_view::npos; at = bytes.find('*', at + 1))
    if (read_command(bytes, at))
      return at;
  return std::nullopt;
}

} // namespace

append_scan scan_append_file(std::string_view bytes) {
  append_scan s;
  s.good = s.readable = commands_begin(bytes);
  bool transaction = false;
  while (const auto c = read_command(bytes, s.readable)) {
    s.readable = c->end;
    transaction = is_word(c->first, "MULTI") || (transaction && !is_word(c->first, "EXEC"));
    if (!transaction)
      s.good = c->end;
  }
  if (s.readable < bytes.size())
    s.goes_on = next_command(bytes, s.readable + 1);
  return s;
}

} // namespace tocsin::redis
