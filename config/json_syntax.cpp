#include "config/json_syntax.hpp"

#include "config/digit.hpp"
#include "config/json_text.hpp"
#include "config/spelling.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>

namespace tocsin {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// What a bare word may be made of, so that a message can show the whole of it.
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         c == '+' || c == '-' || c == '.';
}

class syntax_reader {
public:
  syntax_reader(std::string_view text, const syntax_terms& terms) : text_(text), terms_(terms) {}

  std::optional<syntax_error> run() {
    if (skip_space(); at_end())
      return syntax_error{0, "there is nothing here: expected a JSON object"};
    if (peek() != '{' && peek() != '[') {
      fail(at_, fmt::format("expected `{{` (or `[`), found {}", found()));
      return error_;
    }
    if (!read_value())
      return error_;
    if (skip_space(); !at_end())
      fail(at_, "the document ends before this: remove what follows");
    return error_;
  }

private:
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return text_[at_]; }

  bool fail(std::size_t offset, std::string message) {
    error_ = syntax_error{offset, std::move(message)};
    return false;
  }

  bool fail_cut_off() {
    return fail(text_.size(), "the text ends inside an object, an array or a string: "
                              "it seems to be written by half");
  }

  void skip_space() {
    while (!at_end() && is_space(peek()))
      ++at_;
  }

  std::string_view word() const {
    const auto begin = text_.begin() + static_cast<std::ptrdiff_t>(at_);
    const auto end = std::find_if_not(begin, text_.end(), is_word);
    return text_.substr(at_, static_cast<std::size_t>(end - begin));
  }

  std::string found() const {
    const auto bare = word();
    return quote_for_people(bare.empty() ? character() : bare);
  }

  // The whole of what stands here, which may have several bytes.
  std::string_view character() const {
    std::size_t size = 1;
    while (at_ + size < text_.size() &&
           (static_cast<std::uint8_t>(text_[at_ + size]) & 0xC0) == 0x80)
      ++size;
    return text_.substr(at_, size);
  }

  // Word processors put them where plain ones were typed.
  bool at_curly_quote() const {
    constexpr std::array<std::string_view, 8> curly = {"“", "”", "„", "‟", "‘", "’", "«", "»"};
    return std::find(curly.begin(), curly.end(), character()) != curly.end();
  }

  bool fail_curly_quote() {
    return fail(at_, fmt::format("{} is no quote that JSON knows: write a plain \"",
                                 quote_for_people(character())));
  }

  // True when the next byte that is no blank exists and is no beginning of a comment.
  bool advance() {
    if (skip_space(); at_end())
      return fail_cut_off();
    if (text_.substr(at_).starts_with("//") || text_.substr(at_).starts_with("/*"))
      return fail(at_, "JSON has no comments: remove this one");
    return true;
  }

  bool read_value() {
    if (!advance())
      return false;
    switch (peek()) {
    case '{':
    case '[':
      return read_nested();
    case '"':
      return read_string();
    case '\'':
      return fail(at_, "JSON takes double quotes, not single ones");
    default:
      return read_word();
    }
  }

  bool read_nested() {
    if (depth_ == terms_.depth_max)
      return fail(at_, fmt::format("nested deeper than {} levels", terms_.depth_max));
    ++depth_;
    const bool fine = read_members(peek() == '{');
    --depth_;
    return fine;
  }

  bool read_members(bool object) {
    const auto closing = object ? '}' : ']';
    ++at_;
    if (!advance())
      return false;
    if (peek() == closing)
      return ++at_, true;
    for (;;) {
      if (object && !read_key())
        return false;
      if (!read_value() || !advance())
        return false;
      if (peek() == closing)
        return ++at_, true;
      if (peek() != ',')
        return fail(at_, fmt::format("expected `,` or `{}`, found {}", closing, found()));
      const auto comma = at_++;
      if (!advance())
        return false;
      if (peek() == closing)
        return fail(comma, fmt::format("a comma too many before `{}`: remove it", closing));
    }
  }

  bool read_key() {
    if (at_curly_quote())
      return fail_curly_quote();
    if (peek() != '"')
      return fail(at_, fmt::format("expected a key in double quotes, found {}", found()));
    if (!read_string() || !advance())
      return false;
    if (peek() != ':')
      return fail(at_, fmt::format("expected `:` after the key, found {}", found()));
    return ++at_, true;
  }

  bool read_word() {
    const auto bare = word();
    at_ += bare.size();
    // A number or a word that the end of the text cuts off is most likely a file cut off.
    if (bare == "true" || bare == "false" || bare == "null" || is_json_number(bare))
      return true;
    const auto begin = at_ - bare.size();
    if (at_end() && !bare.empty())
      return fail_cut_off();
    if (bare.empty())
      return at_curly_quote() ? fail_curly_quote()
                              : fail(at_, fmt::format("expected a value, found {}", found()));
    return fail(begin, explain_word(bare));
  }

  static std::string explain_word(std::string_view bare) {
    const auto lower = lower_case(bare);
    const auto shown = quote_for_people(bare);
    if (lower == "true" || lower == "false" || lower == "null")
      return fmt::format("{} is no JSON: write `{}`", shown, lower);
    const auto unsigned_word = lower.substr(std::min(lower.find_first_not_of("+-"), lower.size()));
    if (unsigned_word == "nan" || unsigned_word == "inf" || unsigned_word == "infinity")
      return fmt::format("{} is no JSON number: JSON has neither infinity nor NaN; leave it out, "
                         "or write `null`",
                         shown);
    if (const auto meant = json_number_meant(bare); !meant.empty())
      return fmt::format("{} is no JSON number: write `{}`", shown, meant);
    constexpr std::array<std::string_view, 3> words = {"true", "false", "null"};
    if (const auto word = nearest_spelling(lower, words, 1))
      return fmt::format("{} is no JSON value: did you mean `{}`?", shown, *word);
    if (is_digit(bare.front()) || bare.front() == '-' || bare.front() == '.' || bare.front() == '+')
      return fmt::format("{} is no JSON number: a text stands in double quotes", shown);
    return fmt::format("{} is no JSON value: a text stands in double quotes", shown);
  }

  // "-0.5" for "-.5", "5.0" for "5.", "7" for "+7"; nothing where it is not clear.
  static std::string json_number_meant(std::string_view bare) {
    const bool minus = bare.starts_with('-');
    if (minus || bare.starts_with('+'))
      bare.remove_prefix(1);
    std::string out(bare);
    if (out.starts_with('.'))
      out.insert(0, 1, '0');
    if (const auto point = out.find('.');
        point != std::string::npos && (point + 1 == out.size() || !is_digit(out[point + 1])))
      out.insert(point + 1, 1, '0');
    if (minus)
      out.insert(0, 1, '-');
    return is_json_number(out) ? out : std::string();
  }

  bool read_string() {
    const auto begin = at_++;
    for (;;) {
      if (at_end())
        return fail_cut_off();
      const auto c = peek();
      if (c == '"')
        return ++at_, true;
      if (c == '\n' || c == '\r')
        return fail(begin, "the line ends inside this text: its closing quote is missing");
      if (static_cast<std::uint8_t>(c) < 0x20)
        return fail(at_, fmt::format("a control character in a text: write it as \\u{:04x}",
                                     static_cast<unsigned>(c)));
      if (c == '\\') {
        if (!read_escape())
          return false;
      } else {
        ++at_;
      }
    }
  }

  bool read_escape() {
    const auto begin = at_++;
    if (at_end())
      return fail_cut_off();
    const auto c = peek();
    if (std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos)
      return ++at_, true;
    if (c != 'u')
      return fail(begin, fmt::format("{} is no escape: a backslash is written as \\\\",
                                     quote_for_people(text_.substr(begin, 2)).replace(1, 1, "")));
    --at_;
    const auto unit = take_code_unit();
    if (!unit) {
      const auto rest = text_.substr(begin);
      const bool cut_off = rest.size() < 6 && rest.find('"') == std::string_view::npos;
      return cut_off ? fail_cut_off() : fail(begin, "\\u needs four hexadecimal digits");
    }
    if (terms_.lone_surrogates || *unit < 0xD800 || *unit > 0xDFFF)
      return true;
    const auto low = *unit < 0xDC00 ? take_code_unit() : std::nullopt;
    if (!low || *low < 0xDC00 || *low > 0xDFFF)
      return fail(begin, "half a surrogate pair: it stands for no character");
    return true;
  }

  // Takes \uXXXX; leaves the place alone where there is none.
  std::optional<unsigned> take_code_unit() {
    if (!text_.substr(at_).starts_with("\\u") || text_.size() - at_ < 6)
      return std::nullopt;
    unsigned unit = 0;
    for (const auto c : text_.substr(at_ + 2, 4)) {
      const auto digit = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
      if (digit == std::string_view::npos || (!is_digit(c) && digit < 10))
        return std::nullopt;
      unit = unit * 16 + static_cast<unsigned>(digit);
    }
    at_ += 6;
    return unit;
  }

  std::string_view text_;
  syntax_terms terms_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::optional<syntax_error> error_;
};

std::size_t digits_at_front(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) -
                                  text.begin());
}

} // namespace

std::optional<syntax_error> find_syntax_error(std::string_view text, const syntax_terms& terms) {
  if (const auto bad = find_bad_utf8(text))
    return syntax_error{*bad, "these bytes are no UTF-8: save the file as UTF-8"};
  return syntax_reader(text, terms).run();
}

bool is_json_number(std::string_view text) {
  if (text.starts_with('-'))
    text.remove_prefix(1);
  const auto whole = text.starts_with('0') ? std::size_t{1} : digits_at_front(text);
  if (whole == 0)
    return false;
  text.remove_prefix(whole);
  if (text.starts_with('.')) {
    const auto fraction = digits_at_front(text.substr(1));
    if (fraction == 0)
      return false;
    text.remove_prefix(1 + fraction);
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-'))
      text.remove_prefix(1);
    const auto exponent = digits_at_front(text);
    if (exponent == 0)
      return false;
    text.remove_prefix(exponent);
  }
  return text.empty();
}

} // namespace tocsin
