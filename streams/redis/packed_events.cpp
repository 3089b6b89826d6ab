#include "streams/redis/packed_events.hpp"

#include <algorithm>

namespace tocsin::redis {

packed_events::packed_events(std::initializer_list<stream_entry> entries) {
  for (const auto& e : entries) {
    std::vector<std::string_view> fields;
    for (const auto& [name, value] : e.fields) {
      fields.push_back(name);
      fields.push_back(value);
    }
    add(e.id, fields);
  }
}

void packed_events::add(stream_id id, std::span<const std::string_view> fields) {
  ++size_;
  fewest_ = std::min(fewest_, fields.size());
  most_ = std::max(most_, fields.size());
  const bool alike = last_.size() == fields.size() && size_ > 1;
  if (!alike)
    last_.assign(fields.size(), {});
  differing_.clear();
  for (std::uint32_t i = 0; i < fields.size(); ++i)
    if (!alike || fields[i] != last_[i]) {
      differing_.push_back(i);
      last_[i] = fields[i];
    }
  list_.add(alike ? 0u : static_cast<std::uint32_t>(fields.size()) + id_place);
  list_.add(static_cast<std::uint32_t>(differing_.size()) + 1);
  list_.add(id_place);
  list_.add(id.text());
  for (const auto i : differing_) {
    list_.add(i + id_place + 1);
    list_.add(fields[i]);
  }
}

} // namespace tocsin::redis
