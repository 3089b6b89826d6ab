#include "actors/api/bad_parameter.hpp"
#include "actors/api/series.hpp"
#include "streams/redis/stream_id.hpp"
#include "streams/sample/name_bound.hpp"
#include "streams/window/tick.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::size_t fields_max = 16;
constexpr std::int64_t span_default_ms = 3'600'000;

std::optional<http::refusal> take_fields(std::string_view list, std::vector<std::string>& into) {
  while (true) {
    const auto end = std::min(list.find(','), list.size());
    const auto name = list.substr(0, end);
    if (name.empty() || name.size() > name_bytes_max)
      return bad_parameter("fields", "must be names of fields of 1 to 255 bytes, with commas "
                                     "between them");
    if (std::find(into.begin(), into.end(), name) != into.end())
      return bad_parameter("fields", "names a field twice");
    into.emplace_back(name);
    if (end == list.size())
      return std::nullopt;
    list.remove_prefix(end + 1);
  }
}

std::optional<http::refusal> take_parameter(const std::string& name, const std::string& value,
                                            series_question& q) {
  if (name == "fields")
    return take_fields(value, q.fields);
  if (name == "host") {
    q.host = value;
    return value.empty() ? std::optional(bad_parameter(name, "must be the name of a host"))
                         : std::nullopt;
  }
  if (name != "from" && name != "to" && name != "step")
    return bad_parameter(name, "is none of fields, host, from, to, step");
  const auto n = redis::parse_unsigned(value);
  const auto least = name == "step" ? 1u : 0u;
  if (!n || *n < least || *n > static_cast<std::uint64_t>(time_max_ms))
    return bad_parameter(name, name == "step" ? "must be a length of time: milliseconds, 1 or more"
                                              : "must be a time: milliseconds since 1970");
  (name == "from" ? q.from_ms : name == "to" ? q.to_ms : q.step_ms) = static_cast<std::int64_t>(*n);
  return std::nullopt;
}

} // namespace

result<series_question, http::refusal> read_series_question(const http::request& what,
                                                            std::int64_t now_ms) {
  series_question q;
  for (const auto& [name, value] : what.query)
    if (auto why = take_parameter(name, value, q))
      return std::move(*why);
  if (q.fields.empty())
    return bad_parameter("fields", "is missing: say which, `fields=cpu.usage,mem.usage`");
  if (q.fields.size() > fields_max)
    return bad_parameter("fields", "must be 16 at most");
  if (q.to_ms < 0)
    q.to_ms = now_ms;
  if (q.from_ms < 0)
    q.from_ms = std::max<std::int64_t>(0, q.to_ms - span_default_ms);
  if (q.from_ms >= q.to_ms)
    return bad_parameter("from", "must be before `to`");
  return q;
}

} // namespace tocsin
