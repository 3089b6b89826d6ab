#include "config/problem_list.hpp"

#include "config/json_text.hpp"
#include "config/spelling.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace tocsin {

void problem_list::error(const origin& where, std::string message) {
  add(diagnostic::severity::error, where, std::move(message));
}

void problem_list::warn(const origin& where, std::string message) {
  add(diagnostic::severity::warning, where, std::move(message));
}

void problem_list::add(diagnostic::severity level, const origin& where, std::string message) {
  const bool error = level == diagnostic::severity::error;
  if (found_.size() >= kept_max && (any_error_ || !error)) {
    ++left_out_;
    return;
  }
  any_error_ |= error;
  found_.push_back({.level = level,
                    .file = where.file,
                    .line = where.line,
                    .column = where.column,
                    .pointer = where.pointer,
                    .message = std::move(message)});
}

diagnostics problem_list::take() && {
  const auto rank = [](const diagnostic& problem) {
    return std::tuple(problem.file == environment_file, problem.line, problem.column);
  };
  std::stable_sort(found_.begin(), found_.end(),
                   [&](const auto& left, const auto& right) { return rank(left) < rank(right); });
  if (left_out_ > 0) {
    diagnostic rest;
    rest.level = any_error_ ? diagnostic::severity::error : diagnostic::severity::warning;
    rest.file = found_.front().file;
    rest.message = fmt::format("{} more problems are not listed", left_out_);
    found_.push_back(std::move(rest));
  }
  return std::move(found_);
}

json_cursor::json_cursor(const json_document& document, std::string_view file)
    : document_(&document), file_(file), node_(&document.root()) {}

json_cursor::json_cursor(const json_node& node, std::string_view variable)
    : file_(environment_file), node_(&node), pointer_(variable) {}

origin json_cursor::place() const {
  return place(node_->offset, pointer_);
}

origin json_cursor::place_of_key(const json_member& member) const {
  return place(member.offset, child_pointer(pointer_, member.key));
}

json_cursor json_cursor::child(const json_member& member) const {
  return at(member.value, child_pointer(pointer_, member.key));
}

json_cursor json_cursor::child(std::size_t index) const {
  return at(node_->items[index], child_pointer(pointer_, index));
}

json_cursor json_cursor::at(const json_node& node, std::string pointer) const {
  auto out = *this;
  out.node_ = &node;
  out.pointer_ = std::move(pointer);
  return out;
}

origin json_cursor::place(std::size_t offset, std::string pointer) const {
  const auto spot = document_ ? document_->place_of(offset) : text_place{};
  return {std::string(file_), spot.line, spot.column, std::move(pointer)};
}

void check_keys(const json_cursor& object, std::span<const std::string_view> known, stranger others,
                problem_list& problems) {
  constexpr std::size_t edits_max = 2;
  for (const auto& member : object.node().members) {
    const auto shown = quote_for_people(member.key);
    const auto nearest = nearest_spelling(member.key, known, edits_max);
    const auto where = object.place_of_key(member);
    if (nearest == member.key) {
      if (member.shadowed)
        problems.warn(where, fmt::format("{} is written twice here: the last one counts", shown));
    } else if (nearest) {
      problems.error(where, fmt::format("unknown key {}: did you mean `{}`?", shown, *nearest));
    } else if (others == stranger::warned_about) {
      problems.warn(where, fmt::format("unknown key {}: it is ignored", shown));
    }
  }
}

} // namespace tocsin
