#include "actors/api/hosts.hpp"
#include "config/json_text.hpp"
#include "streams/redis/stream_id.hpp"
#include "streams/window/tick.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::size_t limit_max = 1'000;
constexpr std::size_t offset_max = 100'000;
constexpr std::size_t columns_max = 16;
constexpr std::size_t labels_max = 16;
constexpr std::size_t search_max = 255; // no name is longer
constexpr std::uint64_t span_ms_max = time_max_ms;

constexpr std::string_view default_columns =
    "last:uptime,max:cpu.usage,max:mem.usage,sum:requests.count,sum:eventsIn.count,"
    "sum:eventsOut.count,sum:warnings.count,sum:errors.count,sum:criticals.count";

constexpr std::array aggregations = {aggregation::avg, aggregation::sum,  aggregation::min,
                                     aggregation::max, aggregation::last, aggregation::count};

using objection = std::optional<http::refusal>;

objection bad(std::string_view name, std::string_view wanted) {
  return http::refusal{400, "bad-parameter", fmt::format("{} {}", quote_for_people(name), wanted)};
}

std::optional<shown_column> read_column(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == text.npos || colon + 1 == text.size())
    return std::nullopt;
  for (const auto a : aggregations)
    if (name_of(a) == text.substr(0, colon))
      return shown_column{a, std::string(text.substr(colon + 1))};
  return std::nullopt;
}

objection take_columns(std::string_view list, asked_hosts& out) {
  out.columns.clear();
  out.question.columns.clear();
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    const auto text = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    auto column = read_column(text);
    if (!column)
      return bad("columns", fmt::format("has {}: a column is an aggregation (avg, sum, min, max, "
                                        "last, count) and a field, such as max:cpu.usage",
                                        quote_for_people(text)));
    if (out.columns.size() == columns_max)
      return bad("columns", fmt::format("may name {} at most", columns_max));
    out.question.columns.push_back(std::move(*column));
    out.columns.emplace_back(text);
  }
  return std::nullopt;
}

objection take_label(std::string_view text, host_list_question& q) {
  const auto colon = text.find(':');
  if (colon == text.npos)
    return bad("label", "must be a name and a value, such as dc:eu1");
  if (q.labels.size() == labels_max)
    return bad("label", fmt::format("may be given {} times at most", labels_max));
  q.labels.emplace_back(text.substr(0, colon), text.substr(colon + 1));
  return std::nullopt;
}

objection take_state(std::string_view text, host_list_question& q) {
  using state = host_list_question::state;
  q.is = text == "silent" ? state::silent : state::reporting;
  return text == "silent" || text == "reporting" ? std::nullopt
                                                 : bad("state", "must be `reporting` or `silent`");
}

objection take_number(const std::string& name, std::string_view text, host_list_question& q) {
  const auto n = redis::parse_unsigned(text);
  const auto within = [&](std::uint64_t least, std::uint64_t most) -> objection {
    return n && *n >= least && *n <= most
               ? std::nullopt
               : bad(name, fmt::format("must be a whole number from {} to {}", least, most));
  };
  if (name == "limit") {
    q.limit = n.value_or(0);
    return within(1, limit_max);
  }
  if (name == "offset") {
    q.offset = n.value_or(0);
    return within(0, offset_max);
  }
  q.span_ms = static_cast<std::int64_t>(std::min(n.value_or(1), span_ms_max));
  return within(1, span_ms_max);
}

// The place of the column behind the first comma of `sort`, which orders hosts that are alike.
objection take_then(std::string_view text, asked_hosts& out) {
  auto& q = out.question;
  q.then_descending = text.starts_with('-');
  text.remove_prefix(q.then_descending ? 1 : 0);
  const auto column = std::find(out.columns.begin(), out.columns.end(), text);
  if (column == out.columns.end() || q.by == host_list_question::order::column)
    return bad("sort", "may have a comma and one of the columns behind host, open or lastSample");
  q.then_by_column = true;
  q.by_column = static_cast<std::size_t>(column - out.columns.begin());
  return std::nullopt;
}

// When the columns are known.
objection take_sort(std::string_view text, asked_hosts& out) {
  using order = host_list_question::order;
  auto& q = out.question;
  const auto comma = text.find(',');
  const auto then = comma == text.npos ? std::string_view() : text.substr(comma + 1);
  text = text.substr(0, comma);
  q.descending = text.starts_with('-');
  text.remove_prefix(q.descending ? 1 : 0);
  const auto column = std::find(out.columns.begin(), out.columns.end(), text);
  if (text == "host")
    q.by = order::host;
  else if (text == "open")
    q.by = order::open;
  else if (text == "lastSample")
    q.by = order::last_sample;
  else if (column != out.columns.end())
    q.by = order::column;
  else
    return bad("sort", "must be host, open, lastSample or one of the columns; with `-` before it "
                       "the greatest come first");
  q.by_column = static_cast<std::size_t>(column - out.columns.begin());
  return comma == std::string_view::npos ? std::nullopt : take_then(then, out);
}

objection take(const std::string& name, const std::string& value, asked_hosts& out) {
  auto& q = out.question;
  if (name == "columns")
    return take_columns(value, out);
  if (name == "label")
    return take_label(value, q);
  if (name == "state")
    return take_state(value, q);
  if (name == "limit" || name == "offset" || name == "span")
    return take_number(name, value, q);
  if (name == "search") {
    q.search = value;
    return value.size() <= search_max ? std::nullopt
                                      : bad(name, "may have 255 bytes at most: no name is longer");
  }
  if (name == "words") {
    auto words = value.size() <= search_max ? host_words::read(value) : std::nullopt;
    if (!words)
      return bad(name, fmt::format("may be {} words of {} bytes together at most",
                                   host_words::words_max, search_max));
    q.words = *std::move(words);
    return std::nullopt;
  }
  if (name == "sort")
    return std::nullopt; // later
  return bad(name, "is none of search, words, label, state, span, columns, sort, offset, limit");
}

} // namespace

result<asked_hosts, http::refusal> read_asked_hosts(const http::request& what) {
  asked_hosts out;
  if (auto why = take_columns(default_columns, out))
    return std::move(*why);
  for (const auto& [name, value] : what.query)
    if (auto why = take(name, value, out))
      return std::move(*why);
  if (const auto sort = what.parameter("sort"))
    if (auto why = take_sort(*sort, out))
      return std::move(*why);
  return out;
}

} // namespace tocsin
