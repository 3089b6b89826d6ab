#include "config/text_pattern.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

// The bytes of the first code point; 1 where they are no UTF-8.
std::size_t first_code_point(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = lead >= 0xF0 && lead < 0xF8   ? 4
                            : lead >= 0xE0 && lead < 0xF0 ? 3
                            : lead >= 0xC0 && lead < 0xE0 ? 2
                                                          : 1;
  if (bytes > text.size())
    return 1;
  const auto rest = text.substr(1, bytes - 1);
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  return std::all_of(rest.begin(), rest.end(), continues) ? bytes : 1;
}

} // namespace

result<text_pattern> text_pattern::read(std::string_view pattern) {
  if (pattern.size() > bytes_max)
    return error{fmt::format("has {} bytes: at most {}", pattern.size(), bytes_max)};
  text_pattern out;
  out.written_ = pattern;
  out.excludes_ = pattern.starts_with('!');
  if (out.excludes_)
    pattern.remove_prefix(1);
  while (!pattern.empty()) {
    auto what = piece::kind::plain;
    if (pattern.front() == '\\')
      pattern.remove_prefix(1);
    else if (pattern.front() == '*')
      what = piece::kind::any_run;
    else if (pattern.front() == '?')
      what = piece::kind::any_one;
    if (pattern.empty())
      return error{"ends with a backslash: write two of them where one is meant"};
    const auto bytes = first_code_point(pattern);
    const bool again = what == piece::kind::any_run && !out.pieces_.empty() &&
                       out.pieces_.back().what == piece::kind::any_run;
    if (!again)
      out.pieces_.push_back(
          {what, what == piece::kind::plain ? std::string(pattern.substr(0, bytes)) : ""});
    pattern.remove_prefix(bytes);
  }
  return out;
}

// Where a text fits behind the last `*`, it fits with what that took so far or a little more; what
// an earlier one took needs no change, for the later one takes whatever is between.
bool text_pattern::fits(std::string_view text) const {
  constexpr auto none = std::string_view::npos;
  std::size_t at = 0, piece_at = 0;        // the next of either
  std::size_t run_ends = 0, behind = none; // what the last `*` took, and the piece behind it
  while (at < text.size()) {
    const auto rest = text.substr(at);
    const auto bytes = first_code_point(rest);
    if (piece_at < pieces_.size()) {
      const auto& next = pieces_[piece_at];
      if (next.what == piece::kind::any_run) {
        behind = ++piece_at;
        run_ends = at;
        continue;
      }
      if (next.what == piece::kind::any_one || rest.substr(0, bytes) == next.plain) {
        at += bytes;
        ++piece_at;
        continue;
      }
    }
    if (behind == none)
      return false;
    if (behind == pieces_.size())
      return true; // nothing stands behind the `*`
    run_ends += first_code_point(text.substr(run_ends));
    at = run_ends;
    piece_at = behind;
  }
  return std::all_of(pieces_.begin() + static_cast<std::ptrdiff_t>(piece_at), pieces_.end(),
                     [](const piece& p) { return p.what == piece::kind::any_run; });
}

bool text_pattern_list::matches(std::string_view text) const {
  bool others = false, any = false;
  for (const auto& pattern : patterns_) {
    if (pattern.excludes() && pattern.fits(text))
      return false;
    others = others || !pattern.excludes();
    any = any || (!pattern.excludes() && pattern.fits(text));
  }
  return any || !others;
}

} // namespace tocsin
