#pragma once

#include "streams/window/host_table.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tocsin {

/// What happens to several values of one field in one tick.
enum class merging : std::uint8_t {
  newest, ///< the value with the greater ts stands
  adding, ///< values add up: fields named *.count and *_sum
};

/// Names of fields, indexed densely, bounded; fields are never forgotten. Readers may call name()
/// for fields that were known at the last seal.
class field_table {
public:
  explicit field_table(std::size_t fields_max) : fields_max_(fields_max) {
    fields_.reserve(fields_max);
  }

  std::optional<field_index> find(std::string_view name) const;
  /// Finds or adds; none when the table is full.
  std::optional<field_index> add(std::string_view name);

  merging merge(field_index f) const { return fields_[f].merge; }
  const std::string& name(field_index f) const { return fields_[f].name; }
  std::size_t size() const { return fields_.size(); }
  std::size_t capacity() const { return fields_max_; }

private:
  struct field {
    std::string name;
    merging merge;
  };
  std::size_t fields_max_;
  std::vector<field> fields_;
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  std::unordered_map<std::string, field_index, hash, std::equal_to<>> by_name_;
};

} // namespace tocsin
