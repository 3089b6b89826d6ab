#include "actors/sinks/hook_output.hpp"

#include "config/json_text.hpp"
#include "config/safe_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace tocsin {

namespace {

constexpr std::int64_t line_costs_ms = 1'000 / line_allowance::per_second;
constexpr std::int64_t allowance_ms = line_allowance::at_once * line_costs_ms;

// The length of a sequence that sets colours ("ESC [ 32 m") at the begin of the text, or 0.
std::size_t colour_length(std::string_view text) {
  if (!text.starts_with("\x1b["))
    return 0;
  const auto end = text.find_first_not_of("0123456789;", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

} // namespace

void line_reader::take(std::string_view piece, const taker& to) {
  for (;;) {
    const auto end = piece.find('\n');
    const auto part = piece.substr(0, end);
    const auto room = bytes_max_ - line_.size();
    cut_ = cut_ || part.size() > room;
    line_.append(part.substr(0, room));
    if (end == std::string_view::npos)
      return;
    hand_on(to);
    piece.remove_prefix(end + 1);
  }
}

void line_reader::finish(const taker& to) {
  if (!line_.empty())
    hand_on(to);
}

void line_reader::hand_on(const taker& to) {
  to(line_, cut_);
  line_.clear();
  cut_ = false;
}

void line_allowance::refill(std::int64_t now_ms) {
  if (last_ms_ != INT64_MIN)
    left_ms_ = std::min(left_ms_ + now_ms - last_ms_, allowance_ms);
  last_ms_ = now_ms;
}

bool line_allowance::take(std::int64_t now_ms) {
  refill(now_ms);
  const bool allowed = left_ms_ >= line_costs_ms;
  if (allowed)
    left_ms_ -= line_costs_ms;
  else
    ++dropped_;
  return allowed;
}

std::uint64_t line_allowance::take_dropped(std::int64_t now_ms) {
  refill(now_ms);
  return left_ms_ >= line_costs_ms ? std::exchange(dropped_, 0) : 0;
}

std::string printable(std::string_view line) {
  std::string valid(line);
  std::size_t good = 0;
  while (const auto bad = find_bad_utf8(std::string_view(valid).substr(good)))
    valid[good += *bad] = '?';
  std::string out;
  for (std::size_t i = 0; i < valid.size();) {
    if (const auto colour = colour_length(std::string_view(valid).substr(i)); colour > 0) {
      i += colour;
      continue;
    }
    if (const auto length = hidden_length(valid, i); length > 0) {
      out += escape_hidden(std::string_view(valid).substr(i, length));
      i += length;
      continue;
    }
    const auto c = static_cast<unsigned char>(valid[i++]);
    if ((c < 0x20 && c != '\t') || c == 0x7f)
      out += fmt::format("\\x{:02x}", c);
    else
      out += static_cast<char>(c);
  }
  return out;
}

} // namespace tocsin
