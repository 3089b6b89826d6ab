#include "config/problem_list.hpp"

#include "config/json_text.hpp"
#include "config/spelling.hpp"
#include "config/stray_keys.hpp"

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

json_cursor::json_cursor(const json_node& root, const json_document* places, std::string_view file)
    : document_(places), file_(file), node_(&root) {}

namespace {

const std::string& key_in_text(const json_member& member) {
  return member.written.empty() ? member.key : member.written;
}

} // namespace

origin json_cursor::place() const {
  return place(node_->offset, pointer_);
}

origin json_cursor::place_of_key(const json_member& member) const {
  if (member.value.graft)
    return {std::string(environment_file), 0, 0, *member.value.graft};
  return place(member.offset, child_pointer(pointer_, key_in_text(member)));
}

json_cursor json_cursor::child(const json_member& member) const {
  return at(member.value, member.implied ? pointer_ : child_pointer(pointer_, key_in_text(member)));
}

json_cursor json_cursor::child(std::size_t index) const {
  return at(node_->items[index], child_pointer(pointer_, index));
}

json_cursor json_cursor::at(const json_node& node, std::string pointer) const {
  auto out = *this;
  out.node_ = &node;
  out.pointer_ = std::move(pointer);
  if (node.graft) {
    out.document_ = nullptr;
    out.file_ = environment_file;
    out.pointer_ = *node.graft;
  }
  return out;
}

origin json_cursor::place(std::size_t offset, std::string pointer) const {
  const auto spot = document_ ? document_->place_of(offset) : text_place{};
  return {std::string(file_), spot.line, spot.column, std::move(pointer)};
}

namespace {

// Of a short key nearly everything is within two edits.
std::optional<std::string_view> spelling_meant(std::string_view key,
                                               std::span<const std::string_view> known) {
  constexpr std::size_t short_max = 4;
  std::vector<std::string_view> short_keys, long_keys;
  for (const auto k : known)
    (k.size() <= short_max ? short_keys : long_keys).push_back(k);
  const auto one_edit = nearest_spelling(key, short_keys, 1);
  return one_edit ? one_edit : nearest_spelling(key, long_keys, 2);
}

} // namespace

void check_keys(const json_cursor& object, std::span<const std::string_view> known, stranger others,
                problem_list& problems, std::string_view place) {
  for (const auto& member : object.node().members) {
    const auto shown = quote_for_people(member.key);
    const auto where = object.place_of_key(member);
    if (std::find(known.begin(), known.end(), member.key) != known.end()) {
      if (member.shadowed)
        problems.warn(where, fmt::format("{} is written twice here: the last one counts", shown));
    } else if (const auto stray = find_stray_key(place, member.key)) {
      auto message = fmt::format("{} {}", shown, stray->advice);
      stray->level == diagnostic::severity::error ? problems.error(where, std::move(message))
                                                  : problems.warn(where, std::move(message));
    } else if (const auto meant = spelling_meant(member.key, known)) {
      problems.error(where, fmt::format("unknown key {}: did you mean `{}`?", shown, *meant));
    } else if (others == stranger::warned_about) {
      problems.warn(where, fmt::format("unknown key {}: it is ignored", shown));
    }
  }
}

} // namespace tocsin
