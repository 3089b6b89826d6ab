#include "streams/window/field_table.hpp"

namespace tocsin {

std::optional<field_index> field_table::find(std::string_view name) const {
  const auto it = by_name_.find(name);
  if (it == by_name_.end())
    return std::nullopt;
  return it->second;
}

std::optional<field_index> field_table::add(std::string_view name) {
  if (const auto f = find(name))
    return f;
  if (fields_.size() == fields_max_)
    return std::nullopt;
  const bool adds = name.ends_with(".count") || name.ends_with("_sum");
  const auto f = static_cast<field_index>(fields_.size());
  fields_.push_back({std::string(name), adds ? merging::adding : merging::newest});
  by_name_.emplace(std::string(name), f);
  return f;
}

} // namespace tocsin
