#include "streams/partition/host_words.hpp"

#include "config/spelling.hpp"

#include <algorithm>
#include <charconv>

namespace tocsin {

namespace {

constexpr std::string_view blanks = " \t\r\n";

// What one escape of quote_json stands for; `at` is behind its backslash, then behind it.
char read_escape(std::string_view json, std::size_t& at) {
  const char sign = json[at++];
  if (sign == 'u') { // only control characters are written so
    unsigned code = 0;
    const auto digits = json.substr(at, 4);
    std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    at += digits.size();
    return static_cast<char>(code);
  }
  constexpr std::string_view letters = "bfnrt", meant = "\b\f\n\r\t";
  const auto which = letters.find(sign);
  return which == letters.npos ? sign : meant[which];
}

} // namespace

host_words::pattern host_words::split(std::string_view lower) {
  pattern out;
  for (std::size_t from = 0; from <= lower.size();) {
    const auto star = std::min(lower.find('*', from), lower.size());
    out.pieces.emplace_back(lower.substr(from, star - from));
    from = star + 1;
  }
  return out;
}

// The first piece begins the text and the last one ends it; between them each is looked for behind
// the one before: where it is found first leaves most for those that follow.
bool host_words::pattern::is_whole(std::string_view text) const {
  const auto& first = pieces.front();
  const auto& last = pieces.back();
  if (pieces.size() == 1)
    return text == first;
  if (text.size() < first.size() + last.size() || !text.starts_with(first) || !text.ends_with(last))
    return false;
  text.remove_prefix(first.size());
  text.remove_suffix(last.size());
  for (std::size_t i = 1; i + 1 < pieces.size(); ++i) {
    const auto at = text.find(pieces[i]);
    if (at == text.npos)
      return false;
    text.remove_prefix(at + pieces[i].size());
  }
  return true;
}

bool host_words::pattern::is_in(std::string_view text) const {
  return pieces.size() == 1 ? text.find(pieces.front()) != text.npos : is_whole(text);
}

std::optional<host_words> host_words::read(std::string_view text) {
  host_words out;
  const auto lower = lower_case(text);
  for (std::size_t at = 0; (at = lower.find_first_not_of(blanks, at)) != lower.npos;) {
    const auto end = std::min(lower.find_first_of(blanks, at), lower.size());
    const auto one = std::string_view(lower).substr(at, end - at);
    if (out.words_.size() == words_max)
      return std::nullopt;
    word w{split(one), {}, {}};
    if (const auto colon = one.find(':'); colon != one.npos && colon > 0) {
      w.label = one.substr(0, colon);
      w.value = split(colon + 1 == one.size() ? "*" : one.substr(colon + 1));
    }
    out.words_.push_back(std::move(w));
    at = end;
  }
  return out;
}

bool host_words::operator()(std::string_view name, std::string_view labels) {
  if (words_.empty())
    return true;
  name_ = lower_case(name);
  return std::all_of(words_.begin(), words_.end(),
                     [&](const word& w) { return w.all.is_in(name_) || is_met(w, labels); });
}

bool host_words::is_met(const word& w, std::string_view labels) {
  for (std::size_t at = 1; at < labels.size();) {
    read_text(labels, at, label_);
    ++at; // the colon
    read_text(labels, at, value_);
    ++at; // the comma, or the end
    if (w.all.is_in(label_) || w.all.is_in(value_))
      return true;
    if (!w.label.empty() && label_ == w.label && w.value.is_whole(value_))
      return true;
  }
  return false;
}

// The JSON string that begins at `at`, decoded and in lower case; `at` is behind it then.
void host_words::read_text(std::string_view json, std::size_t& at, std::string& out) const {
  out.clear();
  for (++at; at < json.size() && json[at] != '"';) {
    const char c = json[at++];
    out += c == '\\' && at < json.size() ? read_escape(json, at) : c;
  }
  ++at;
  out = lower_case(out);
}

} // namespace tocsin
