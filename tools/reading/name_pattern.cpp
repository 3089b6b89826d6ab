#include "tools/reading/name_pattern.hpp"

namespace tocsin {

namespace {

// The bytes of the UTF-8 character that begins there; one where it is none.
std::size_t character_length(std::string_view text, std::size_t at) {
  std::size_t length = 1;
  if (static_cast<unsigned char>(text[at]) >= 0xC0)
    while (at + length < text.size() && length < 4 &&
           (static_cast<unsigned char>(text[at + length]) & 0xC0) == 0x80)
      ++length;
  return length;
}

} // namespace

// Where the rest does not fit, the last `*` takes one character more: those before it need not be
// tried again.
bool name_pattern::matches(std::string_view name) const {
  constexpr auto none = std::string::npos;
  std::size_t in_pattern = 0, in_name = 0, star = none, star_name = 0;
  while (in_name < name.size()) {
    const bool more = in_pattern < text_.size();
    if (more && text_[in_pattern] == '*') {
      star = in_pattern++;
      star_name = in_name;
    } else if (more && text_[in_pattern] == '?') {
      ++in_pattern;
      in_name += character_length(name, in_name);
    } else if (more && text_[in_pattern] == name[in_name]) {
      ++in_pattern;
      ++in_name;
    } else if (star != none) {
      in_pattern = star + 1;
      star_name += character_length(name, star_name);
      in_name = star_name;
    } else {
      return false;
    }
  }
  return text_.find_first_not_of('*', in_pattern) == none;
}

} // namespace tocsin
