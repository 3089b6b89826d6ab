#include "streams/window/host_table.hpp"

namespace tocsin {

host_table::host_table(std::size_t hosts_max) : hosts_max_(hosts_max) {
  blocks_.reserve((hosts_max + block_hosts - 1) / block_hosts);
}

std::optional<host_index> host_table::find(std::string_view name) const {
  const auto it = by_name_.find(name);
  if (it == by_name_.end())
    return std::nullopt;
  return it->second;
}

std::optional<host_index> host_table::add(std::string_view name) {
  host_index i = 0;
  if (!free_.empty()) {
    i = free_.back();
    free_.pop_back();
  } else if (extent_ < hosts_max_) {
    i = static_cast<host_index>(extent_);
    if (extent_ % block_hosts == 0)
      blocks_.push_back(std::make_unique<block>());
    ++extent_;
  } else {
    return std::nullopt;
  }
  auto& host = at(i);
  host = host_state{};
  host.name = name;
  host.known = true;
  by_name_.emplace(host.name, i);
  return i;
}

void host_table::forget(host_index i) {
  by_name_.erase(at(i).name);
  at(i).known = false;
  forgotten_.push_back(i);
}

void host_table::release_forgotten() {
  free_.insert(free_.end(), forgotten_.begin(), forgotten_.end());
  forgotten_.clear();
}

} // namespace tocsin
