#include "tools/reading/moment.hpp"

#include "streams/redis/stream_id.hpp"
#include "streams/rule/iso_time.hpp"

#include <string>

namespace tocsin {

namespace {

constexpr std::uint64_t moment_ms_max = 8'640'000'000'000'000; // as in JavaScript

} // namespace

std::optional<std::int64_t> read_moment(std::string_view text) {
  if (const auto ms = redis::parse_unsigned(text))
    return *ms <= moment_ms_max ? std::optional(static_cast<std::int64_t>(*ms)) : std::nullopt;
  if (text.ends_with('Z') && text.find('.') == std::string_view::npos)
    return read_iso_time(std::string(text.substr(0, text.size() - 1)) + ".000Z");
  return read_iso_time(text);
}

} // namespace tocsin
