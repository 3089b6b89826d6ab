#include "streams/window/field_table.hpp"

#include <algorithm>

namespace tocsin {

field_table::field_table(std::size_t fields_max, std::span<const std::string_view> always)
    : fields_max_(fields_max), always_(always.begin(), always.end()) {
  fields_.reserve(capacity());
}

bool field_table::is_always(std::string_view name) const {
  return std::find(always_.begin(), always_.end(), name) != always_.end();
}

std::optional<field_index> field_table::find(std::string_view name) const {
  const auto it = by_name_.find(name);
  if (it == by_name_.end())
    return std::nullopt;
  return it->second;
}

std::optional<field_index> field_table::add(std::string_view name) {
  if (const auto f = find(name))
    return f;
  const bool counts = !is_always(name);
  if (counts && full())
    return std::nullopt;
  auto f = static_cast<field_index>(fields_.size());
  if (free_.empty()) {
    fields_.emplace_back();
  } else {
    f = free_.back();
    free_.pop_back();
  }
  const bool adds = name.ends_with(".count") || name.ends_with("_sum");
  fields_[f] = {std::string(name), adds ? merging::adding : merging::newest, name.empty()};
  by_name_.emplace(std::string(name), f);
  counted_ += counts;
  ++version_;
  return f;
}

void field_table::forget(field_index f) {
  counted_ -= !is_always(fields_[f].name);
  by_name_.erase(fields_[f].name);
  fields_[f] = {};
  free_.push_back(f);
}

} // namespace tocsin
