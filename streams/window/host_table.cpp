#include "streams/window/host_table.hpp"

#include "config/keyed_hash.hpp"

#include <algorithm>
#include <utility>

namespace tocsin {

host_table::host_table(std::size_t hosts_max) : hosts_max_(hosts_max), slots_(1024) {
  blocks_.reserve((hosts_max + block_hosts - 1) / block_hosts);
}

std::uint32_t host_table::hash_of(std::string_view name) {
  return static_cast<std::uint32_t>(name_hash(name));
}

// Where the name stands, or would.
std::size_t host_table::place_of(std::string_view name, std::uint32_t hash) const {
  const auto mask = slots_.size() - 1;
  auto i = hash & mask;
  while (slots_[i].host != none && (slots_[i].hash != hash || at(slots_[i].host).name != name))
    i = (i + 1) & mask;
  return i;
}

std::optional<host_index> host_table::find(std::string_view name) const {
  const auto host = slots_[place_of(name, hash_of(name))].host;
  return host == none ? std::nullopt : std::optional(host);
}

void host_table::find_all(std::span<const std::string_view> names,
                          std::vector<host_index>& found) const {
  constexpr std::size_t at_once = 32;
  const auto mask = slots_.size() - 1;
  std::array<std::uint32_t, at_once> hashes;
  found.resize(names.size());
  for (std::size_t begin = 0; begin < names.size(); begin += at_once) {
    const auto n = std::min(at_once, names.size() - begin);
    for (std::size_t i = 0; i < n; ++i) {
      hashes[i] = hash_of(names[begin + i]);
      __builtin_prefetch(&slots_[hashes[i] & mask]);
    }
    for (std::size_t i = 0; i < n; ++i)
      if (const auto host = slots_[hashes[i] & mask].host; host != none)
        __builtin_prefetch(&at(host));
    for (std::size_t i = 0; i < n; ++i)
      found[begin + i] = slots_[place_of(names[begin + i], hashes[i])].host;
  }
}

void host_table::grow() {
  const auto before = std::move(slots_);
  slots_.assign(before.size() * 2, slot{});
  const auto mask = slots_.size() - 1;
  for (const auto& s : before) {
    if (s.host == none)
      continue;
    auto i = s.hash & mask;
    while (slots_[i].host != none)
      i = (i + 1) & mask;
    slots_[i] = s;
  }
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
  ++version_;
  if (++known_ * 2 > slots_.size())
    grow();
  const auto hash = hash_of(name);
  slots_[place_of(name, hash)] = {hash, i};
  return i;
}

host_filter host_table::filter() const {
  host_filter out;
  out.slots_.reserve(slots_.size());
  for (const auto& s : slots_)
    out.slots_.push_back(s.host == none ? 0 : s.hash | 1);
  return out;
}

bool host_filter::may_know(std::string_view name) const {
  const auto hash = static_cast<std::uint32_t>(name_hash(name));
  const auto mask = slots_.size() - 1;
  auto i = hash & mask;
  while (slots_[i] != 0 && slots_[i] != (hash | 1))
    i = (i + 1) & mask;
  return slots_[i] != 0;
}

void host_table::forget(host_index i) {
  const auto mask = slots_.size() - 1;
  auto hole = place_of(at(i).name, hash_of(at(i).name));
  slots_[hole].host = none;
  --known_;
  ++version_;
  // What stood behind it because it stood there moves up.
  for (auto next = (hole + 1) & mask; slots_[next].host != none; next = (next + 1) & mask) {
    const auto home = slots_[next].hash & mask;
    if (((next - home) & mask) < ((next - hole) & mask))
      continue;
    slots_[hole] = std::exchange(slots_[next], slot{});
    hole = next;
  }
  at(i).known = false;
  forgotten_.push_back(i);
}

void host_table::release_forgotten() {
  free_.insert(free_.end(), forgotten_.begin(), forgotten_.end());
  forgotten_.clear();
}

} // namespace tocsin
