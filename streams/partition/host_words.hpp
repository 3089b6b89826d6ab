#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// What a person types to find hosts: words with blanks between them, all of which must hold.
///
///   word         is part of the host's name, or of the name or value of one of its labels
///   we*1         `*` stands for any text, also none: the word is then the whole of one of these
///   label:value  a label of that name has that value, whole; `*` works in the value, and without
///                a value any is right. Like any word it may also be part of the host's name
///
/// 1. ASCII letters match in either case.
/// 2. Labels are as sample_reader writes them: one JSON object of strings, nothing between its
///    signs.
/// 3. Asking takes time in the order of words × (name + labels); it allocates no more than their
///    size.
class host_words {
public:
  static constexpr std::size_t words_max = 16;

  host_words() = default;
  /// None: there are more than words_max.
  static std::optional<host_words> read(std::string_view text);

  std::size_t size() const { return words_.size(); }
  bool operator()(std::string_view name, std::string_view labels);

private:
  /// Text with `*` in it, as the pieces between those: one piece has no `*`.
  struct pattern {
    std::vector<std::string> pieces;
    bool is_whole(std::string_view text) const; ///< the text is this, from end to end
    bool is_in(std::string_view text) const;    ///< without `*`, a part of the text is enough
  };
  struct word {
    pattern all;
    std::string label; ///< empty: the word names none
    pattern value;
  };
  static pattern split(std::string_view lower);
  bool is_met(const word&, std::string_view labels);
  void read_text(std::string_view json, std::size_t& at, std::string& out) const;

  std::vector<word> words_;
  std::string name_, label_, value_; // scratch, in lower case
};

} // namespace tocsin
