#pragma once

#include "streams/window/host_table.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace tocsin {

/// A bit per host of a block.
using host_mask = std::array<std::uint64_t, block_words>;

/// A value per host of a block.
using host_column = std::array<double, block_hosts>;

/// The bit of a host in its word, which is `mask[host % block_hosts / 64]`.
constexpr std::uint64_t bit_of(std::size_t host) {
  return std::uint64_t{1} << host % 64;
}

constexpr bool has_host(const host_mask& mask, std::size_t host) {
  return (mask[host % block_hosts / 64] & bit_of(host)) != 0;
}

constexpr void set_host(host_mask& mask, std::size_t host, bool on) {
  auto& word = mask[host % block_hosts / 64];
  word = on ? word | bit_of(host) : word & ~bit_of(host);
}

constexpr bool is_empty(const host_mask& mask) {
  return std::all_of(mask.begin(), mask.end(), [](auto word) { return word == 0; });
}

/// Calls visit(place) for every host of the mask, by rising place in the block.
template <class Visit>
constexpr void for_each_host(const host_mask& mask, Visit&& visit) {
  for (std::size_t w = 0; w < block_words; ++w)
    for (auto rest = mask[w]; rest != 0; rest &= rest - 1)
      visit(w * 64 + static_cast<std::size_t>(std::countr_zero(rest)));
}

} // namespace tocsin
