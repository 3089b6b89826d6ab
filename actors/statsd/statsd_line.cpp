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

using verdict = statsd_verdict;

verdict malformed(const char* why) {
  return {verdict::kind::malformed, why};
}

verdict read_type(std::string_view text, statsd_metric& out) {
  using kind = statsd_metric::kind;
  if (text == "c")
    out.type = kind::counter;
  else if (text == "g")
    out.type = kind::gauge;
  else if (text == "ms")
    out.type = kind::timer;
  else if (text == "h" || text == "d")
    out.type = kind::histogram;
  else if (text == "s")
    return {verdict::kind::unsupported};
  else
    return malformed(text.empty() ? "no type follows the value: `|c`, say"
                                  : "the type is none of c, g, ms, h, d, s");
  return {};
}

verdict take_host(std::string_view name, statsd_metric& out) {
  if (name.empty()) // clients write it so to say that there is no host
    return {};
  if (!is_name(name))
    return malformed("the host is not 1 to 200 printable ASCII characters without blanks");
  out.host = name;
  return {};
}

verdict read_tags(std::string_view tags, statsd_metric& out) {
  while (!tags.empty()) {
    auto tag = take_until(tags, ',');
    if (!tag.starts_with("host:"))
      continue;
    if (const auto v = take_host(tag.substr(5), out); v.what != verdict::kind::metric)
      return v;
  }
  return {};
}

// KEY=VALUE, divided by a mark.
verdict read_pairs(std::string_view tags, char mark, statsd_metric& out) {
  while (!tags.empty()) {
    auto value = take_until(tags, mark);
    if (value.find('=') == std::string_view::npos)
      return malformed("a tag behind the name is not KEY=VALUE");
    const auto key = take_until(value, '=');
    if (key.empty())
      return malformed("a tag behind the name has no key");
    if (key != "host")
      continue;
    if (const auto v = take_host(value, out); v.what != verdict::kind::metric)
      return v;
  }
  return {};
}

// Takes tags off the name. Which of the marks comes first says whose they are.
verdict read_name(std::string_view text, statsd_metric& out) {
  constexpr auto none = std::string_view::npos;
  const auto at = text.find_first_of(",#;[");
  out.name = text.substr(0, at);
  if (at == none)
    return {};
  auto tags = text.substr(at + 1);
  if (text[at] == '[') {
    const auto end = tags.find(']');
    const auto behind = end == none ? std::string_view() : tags.substr(end + 1);
    if (end == none || (!out.name.empty() && !behind.empty()))
      return malformed("tags in brackets stand neither in front of the name nor at its end");
    out.name = out.name.empty() ? behind : out.name;
    tags = tags.substr(0, end);
  }
  return read_pairs(tags, text[at] == ';' ? ';' : ',', out);
}

// "c:", "e:", "card:" and what else may come.
bool has_key(std::string_view section) {
  const auto end = section.find(':');
  return end != std::string_view::npos && end > 0 &&
         std::all_of(section.begin(), section.begin() + static_cast<std::ptrdiff_t>(end),
                     [](char c) { return c >= 'a' && c <= 'z'; });
}

bool is_time(std::string_view section) {
  return section.size() > 1 && section[0] == 'T' &&
         std::all_of(section.begin() + 1, section.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

verdict read_section(std::string_view section, statsd_metric& out) {
  if (section.starts_with('@')) {
    const auto rate = read_number(section.substr(1));
    if (!rate || *rate < rate_min || *rate > 1)
      return malformed("the rate is not above 0 and at most 1");
    out.rate = *rate;
    return {};
  }
  out.sets = true;
  if (section.starts_with('#'))
    return read_tags(section.substr(1), out);
  if (has_key(section) || is_time(section))
    return {};
  return malformed("a section behind the type is none of @RATE, #TAGS, TTIME, key:value");
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
    return {verdict::kind::unsupported};
  if (line.find(':') == std::string_view::npos)
    return malformed("no value follows the name: NAME:VALUE|TYPE");
  const auto name = read_name(take_until(line, ':'), out);
  out.values = take_until(line, '|');
  const auto type = read_type(take_until(line, '|'), out);
  if (name.what != verdict::kind::metric)
    return name;
  if (!is_name(out.name) || out.name.find('|') != std::string_view::npos)
    return malformed("the name is not 1 to 200 printable ASCII characters without blanks");
  if (type.what != verdict::kind::metric)
    return type;
  if (out.values.empty() || !are_numbers(out.values))
    return malformed("the value is no number from -1e300 to 1e300");
  while (!line.empty()) {
    const auto section = read_section(take_until(line, '|'), out);
    if (section.what != verdict::kind::metric)
      return section;
  }
  return {};
}

bool may_be_text(std::string_view line) {
  const auto colon = line.find(':');
  return colon == std::string_view::npos || line.find('|', colon) == std::string_view::npos;
}

} // namespace tocsin
