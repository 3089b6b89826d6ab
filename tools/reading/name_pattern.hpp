#pragma once

#include <string>
#include <string_view>

namespace tocsin {

/// A pattern for names, which the whole name must fit: `*` stands for any text, also for none, `?`
/// for one character, everything else for itself. Upper and lower case differ.
class name_pattern {
public:
  explicit name_pattern(std::string text) : text_(std::move(text)) {}

  /// At most length of the pattern × length of the name steps.
  bool matches(std::string_view name) const;
  /// Whether it stands for one name alone.
  bool is_one_name() const { return text_.find_first_of("*?") == std::string::npos; }
  const std::string& text() const { return text_; }

private:
  std::string text_;
};

} // namespace tocsin
