#pragma once

#include "config/keyed_hash.hpp"
#include "streams/window/host_table.hpp"

#include <optional>
#include <span>
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

/// Names of fields, indexed densely, bounded. Readers may call name() for fields that were known at
/// the last seal. An index whose field was forgotten is given to the next new one.
class field_table {
public:
  /// Has room for `fields_max` fields, and for those of `always` besides, which do not count.
  explicit field_table(std::size_t fields_max, std::span<const std::string_view> always = {});

  std::optional<field_index> find(std::string_view name) const;
  /// Finds or adds; none when the table is full.
  std::optional<field_index> add(std::string_view name);
  /// Whether a field that is not known would find room.
  bool has_room_for(std::string_view name) const { return !full() || is_always(name); }
  void forget(field_index);

  merging merge(field_index f) const { return fields_[f].merge; }
  /// Empty where the field was forgotten.
  const std::string& name(field_index f) const { return fields_[f].name; }
  bool known(field_index f) const { return !fields_[f].name.empty() || fields_[f].nameless; }

  /// Indexes ever given away: every field_index is below it, and below capacity().
  std::size_t size() const { return fields_.size(); }
  std::size_t capacity() const { return fields_max_ + always_.size(); }
  /// Fields known, of those that count, and how many there may be.
  std::size_t counted() const { return counted_; }
  std::size_t counted_max() const { return fields_max_; }
  bool full() const { return counted_ >= fields_max_; }
  /// Another whenever an index is given away: what was remembered by index is to be found anew.
  std::uint64_t version() const { return version_; }

private:
  struct field {
    std::string name;
    merging merge = merging::newest;
    bool nameless = false; // known by an empty name
  };
  bool is_always(std::string_view name) const;

  std::size_t fields_max_;
  std::vector<std::string_view> always_;
  std::vector<field> fields_;
  std::vector<field_index> free_;
  std::size_t counted_ = 0;
  std::uint64_t version_ = 0;
  std::unordered_map<std::string, field_index, text_hash, std::equal_to<>> by_name_;
};

} // namespace tocsin
