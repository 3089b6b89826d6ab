#pragma once

#include "config/diagnostic.hpp"
#include "config/json_document.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// The name that stands for the file where something came from a variable.
inline constexpr std::string_view environment_file = "environment";

/// Where something was written; a diagnostic without what it says.
struct origin {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;
  std::string pointer;
};

/// What was found while reading, in any order.
class problem_list {
public:
  void error(const origin& where, std::string message);
  void warn(const origin& where, std::string message);

  /// All there are; beyond `kept_max` they are counted only, but for the first error.
  std::size_t size() const { return found_.size() + left_out_; }
  static constexpr std::size_t kept_max = 1'000;

  /// Everything by place: the file first, top to bottom, then the environment by variable; at last
  /// how many more there are.
  diagnostics take() &&;

private:
  void add(diagnostic::severity level, const origin& where, std::string message);

  diagnostics found_;
  std::size_t left_out_ = 0;
  bool any_error_ = false;
};

/// A value on its way through a document, which knows how it got there. Refers to the document,
/// the node and the file name, which must outlive it.
class json_cursor {
public:
  /// A value from a file.
  json_cursor(const json_document& document, std::string_view file);
  /// A value from an environment variable: places have no line, pointers begin with its name.
  json_cursor(const json_node& node, std::string_view variable);
  /// The root of a file into which variables may have been merged; without `places` it has none.
  json_cursor(const json_node& root, const json_document* places, std::string_view file);

  const json_node& node() const { return *node_; }
  origin place() const;
  origin place_of_key(const json_member&) const;

  json_cursor child(const json_member&) const;
  json_cursor child(std::size_t index) const;

private:
  json_cursor at(const json_node&, std::string pointer) const;
  origin place(std::size_t offset, std::string pointer) const;

  const json_document* document_ = nullptr; // none for the environment
  std::string_view file_;
  const json_node* node_;
  std::string pointer_;
};

/// What becomes of a key that is neither known nor a misspelling of a known one.
enum class stranger : std::uint8_t { left_alone, warned_about };

/// Reports the keys of an object that stand in the wrong place (see find_stray_key), are misspelt
/// (within two edits of a known one, or one where that has fewer than five letters: an error),
/// unknown, or known and written twice (a warning: the last one counts).
void check_keys(const json_cursor& object, std::span<const std::string_view> known, stranger others,
                problem_list& problems, std::string_view place = "elsewhere");

} // namespace tocsin
