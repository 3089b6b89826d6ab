#include "config/spelling.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace tocsin {

namespace {

std::string list(std::span<const std::string_view> names, std::string_view before_last) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0)
      out += i + 1 == names.size() ? before_last : ", ";
    out += '`';
    out += names[i];
    out += '`';
  }
  return out;
}

} // namespace

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    auto diagonal = row[0]++;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const auto substituted = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::optional<std::string_view> nearest_spelling(std::string_view word,
                                                 std::span<const std::string_view> candidates,
                                                 std::size_t edits_max) {
  std::optional<std::string_view> nearest;
  auto edits_least = edits_max + 1;
  for (const auto candidate : candidates) {
    const auto longer = std::max(word.size(), candidate.size());
    const auto shorter = std::min(word.size(), candidate.size());
    if (longer - shorter >= edits_least)
      continue; // a hostile word of megabytes is not worth a table
    if (const auto edits = edit_distance(word, candidate); edits < edits_least) {
      edits_least = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string list_choices(std::span<const std::string_view> choices) {
  return list(choices, " or ");
}

std::string list_all(std::span<const std::string_view> names) {
  return list(names, " and ");
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string upper_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

} // namespace tocsin
