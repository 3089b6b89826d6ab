#pragma once

#include "config/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// A pattern that a whole text fits or does not: `*` is any run of characters, also none, `?`
/// exactly one code point, a backslash takes the next character as it is. A pattern that begins
/// with `!` excludes what fits the rest of it. Used for labels of rules.
///
/// 1. A byte that is no UTF-8 counts as a code point of its own, in the pattern and in the text.
/// 2. Each `*` is settled once: a text costs at most its length times that of the pattern, which
///    has at most `bytes_max`.
class text_pattern {
public:
  static constexpr std::size_t bytes_max = 256;

  /// The error says what is wrong, to stand behind the pattern in a message.
  static result<text_pattern> read(std::string_view pattern);

  bool excludes() const { return excludes_; }
  /// Whether the text fits what stands in the pattern, behind a `!` where it has one.
  bool fits(std::string_view text) const;
  /// As it was written.
  const std::string& written() const { return written_; }

  friend bool operator==(const text_pattern& a, const text_pattern& b) {
    return a.written_ == b.written_;
  }

private:
  // A piece of the pattern: one code point as it is, any one, or any run.
  struct piece {
    enum class kind : unsigned char { plain, any_one, any_run } what = kind::plain;
    std::string plain = {};
  };

  std::string written_;
  std::vector<piece> pieces_;
  bool excludes_ = false;
};

/// Several of them for one text, all alternatives of each other.
class text_pattern_list {
public:
  void add(text_pattern pattern) { patterns_.push_back(std::move(pattern)); }
  /// No excluding pattern fits, and one of the others does, or there are no others.
  bool matches(std::string_view text) const;
  const std::vector<text_pattern>& patterns() const { return patterns_; }

  friend bool operator==(const text_pattern_list&, const text_pattern_list&) = default;

private:
  std::vector<text_pattern> patterns_;
};

} // namespace tocsin
