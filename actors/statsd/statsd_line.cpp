#include "actors/statsd/statsd_line.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace tocsin {

namespace {

constexpr double number_max = 1e300;
constexpr double rate_min = 1e-6;

// Up to the mark, which is taken off, too; all of it where there is none.
std::string_view take_until(std::string_view& text, char mark) {
  const auto end = text.find(mark);
  const auto out = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return out;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= statsd_name_bytes_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

std::optional<double> read_number(std::string_view text) {
  double number = 0;
  const auto* end = text.data() + text.size();
  const auto [at, ec] = std::from_chars(text.data(), end, number);
  if (ec != std::errc{} || at != end || text.empty() || !(std::abs(number) <= number_max))
    return std::nullopt;
  return number;
}

bool are_numbers(std::string_view values) {
  if (values.ends_with(':'))
    return false;
  while (!values.empty()) {
    if (!next_statsd_value(values))
      return false;
  }
  return true;
}

statsd_verdict read_type(std::string_view text, statsd_metric& out) {
  using kind = statsd_metric::kind;
  if (text == "c")
    out.type = kind::counter;
  else if (text == "g")
    out.type = kind::gauge;
  else if (text == "ms")
    out.type = kind::timer;
  else if (text == "h" || text == "d")
    out.type = kind::histogram;
  else
    return text == "s" ? statsd_verdict::unsupported : statsd_verdict::malformed;
  return statsd_verdict::metric;
}

statsd_verdict read_tags(std::string_view tags, statsd_metric& out) {
  while (!tags.empty()) {
    auto tag = take_until(tags, ',');
    if (!tag.starts_with("host:"))
      continue;
    tag.remove_prefix(5);
    if (tag.empty()) // clients write it so to say that there is no host
      continue;
    if (!is_name(tag))
      return statsd_verdict::malformed;
    out.host = tag;
  }
  return statsd_verdict::metric;
}

statsd_verdict read_section(std::string_view section, statsd_metric& out) {
  if (section.starts_with('@')) {
    const auto rate = read_number(section.substr(1));
    if (!rate || *rate < rate_min || *rate > 1)
      return statsd_verdict::malformed;
    out.rate = *rate;
    return statsd_verdict::metric;
  }
  if (section.starts_with('#'))
    return read_tags(section.substr(1), out);
  if (section.starts_with("c:") || section.starts_with("e:"))
    return statsd_verdict::metric;
  return section.starts_with('T') ? statsd_verdict::unsupported : statsd_verdict::malformed;
}

} // namespace

std::optional<statsd_value> next_statsd_value(std::string_view& values) {
  if (values.empty())
    return std::nullopt;
  auto text = take_until(values, ':');
  statsd_value out;
  out.is_signed = text.starts_with('+') || text.starts_with('-');
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-'))
      return std::nullopt;
  }
  const auto number = read_number(text);
  if (!number)
    return std::nullopt;
  out.number = *number;
  return out;
}

statsd_verdict read_statsd_line(std::string_view line, statsd_metric& out) {
  out = {};
  if (line.starts_with("_e{") || line.starts_with("_sc|"))
    return statsd_verdict::unsupported;
  out.name = take_until(line, ':');
  out.values = take_until(line, '|');
  const auto type = read_type(take_until(line, '|'), out);
  if (!is_name(out.name) || out.name.find('|') != std::string_view::npos)
    return statsd_verdict::malformed;
  if (type != statsd_verdict::metric)
    return type;
  if (out.values.empty() || !are_numbers(out.values))
    return statsd_verdict::malformed;
  while (!line.empty()) {
    const auto verdict = read_section(take_until(line, '|'), out);
    if (verdict != statsd_verdict::metric)
      return verdict;
  }
  return statsd_verdict::metric;
}

} // namespace tocsin
