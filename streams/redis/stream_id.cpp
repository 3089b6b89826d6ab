#include "streams/redis/stream_id.hpp"

#include <charconv>

namespace tocsin::redis {

std::optional<std::uint64_t> parse_unsigned(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc() || stop != end)
    return std::nullopt;
  return value;
}

std::string stream_id::text() const {
  return std::to_string(ms) + '-' + std::to_string(seq);
}

stream_id stream_id::next() const noexcept {
  if (seq < UINT64_MAX)
    return {ms, seq + 1};
  return ms < UINT64_MAX ? stream_id{ms + 1, 0} : *this;
}

std::optional<stream_id> stream_id::parse(std::string_view text) noexcept {
  const auto dash = text.find('-');
  const auto ms = parse_unsigned(text.substr(0, dash));
  const auto seq = dash == std::string_view::npos ? 0 : parse_unsigned(text.substr(dash + 1));
  if (!ms || !seq)
    return std::nullopt;
  return stream_id{*ms, *seq};
}

} // namespace tocsin::redis
