#pragma once

#include "streams/rule/pair_bits.hpp"

#include <algorithm>
#include <vector>

namespace tocsin {

/// How many bits are set. Without -mpopcnt std::popcount is a call of a function with a table.
constexpr std::size_t count_bits(std::uint64_t n) {
  n -= n >> 1 & 0x5555555555555555;
  n = (n & 0x3333333333333333) + (n >> 2 & 0x3333333333333333);
  n = (n + (n >> 4)) & 0x0f0f0f0f0f0f0f0f;
  return n * 0x0101010101010101 >> 56;
}

/// A value for some of the pairs of rule and host. The values of one rule and block of hosts lie
/// packed in the order of hosts, and the bits say whose they are: the place of a host's value is
/// the number of bits before its own. Memory: rules × hosts / 8 bytes of bits, 24 bytes per rule
/// and block, sizeof(T) per value.
template <class T>
class pair_map {
public:
  explicit pair_map(std::size_t rules) : rules_(rules), bits_(rules) {}

  const pair_bits& bits() const { return bits_; }
  bool has(rule_index r, host_index h) const { return bits_.test(r, h); }
  std::size_t size() const { return size_; }

  /// The value of a pair that has one.
  const T& at(rule_index r, host_index h) const {
    return cells_[h / block_hosts][r][place(bits_.at(r, h / block_hosts), h)];
  }

  /// Brings what update() needs first of a pair into the cache.
  void prefetch(rule_index r, host_index h) const {
    const auto block = h / block_hosts;
    if (block >= cells_.size() || cells_[block].empty())
      return;
    const auto* mask = reinterpret_cast<const char*>(&bits_.at(r, block));
    __builtin_prefetch(mask, 1);
    __builtin_prefetch(mask + 64, 1);
    __builtin_prefetch(&cells_[block][r], 1);
  }
  /// The second step, some changes later: the values themselves, whose place is known by then.
  void prefetch_values(rule_index r, host_index h) const {
    const auto block = h / block_hosts;
    if (block >= cells_.size() || cells_[block].empty())
      return;
    const auto& values = cells_[block][r];
    const auto* begin = reinterpret_cast<const char*>(values.data());
    const auto bytes = std::min(values.size() * sizeof(T), values_ahead_bytes);
    for (std::size_t at = 0; at < bytes; at += 64)
      __builtin_prefetch(begin + at, 1);
  }

  void put(rule_index r, host_index h, const T& value) {
    auto& cell = cell_of(r, h / block_hosts);
    const auto at = position(cell, r, h);
    if (bits_.test(r, h)) {
      *at = value;
      return;
    }
    cell.insert(at, value);
    bits_.set(r, h, true);
    ++size_;
  }

  /// Takes the value of a pair that has one.
  T take(rule_index r, host_index h) {
    auto& cell = cell_of(r, h / block_hosts);
    const auto at = position(cell, r, h);
    const T value = *at;
    cell.erase(at);
    bits_.set(r, h, false);
    --size_;
    return value;
  }

  /// Merges a run of items about one rule and block, by rising `host`, into the values in one
  /// pass: `decide(item, present, value)` says whether the pair has a value afterwards, and may
  /// change it. O(items + values of this rule and block).
  template <class Items, class Decide>
  void update(rule_index r, std::size_t block, const Items& items, Decide&& decide);

private:
  static constexpr std::size_t values_ahead_bytes = 512;
  using cell = std::vector<T>;

  static std::size_t place(const host_mask& mask, host_index h) {
    const auto word = h % block_hosts / 64;
    auto n = count_bits(mask[word] & ((std::uint64_t{1} << h % 64) - 1));
    for (std::size_t w = 0; w < word; ++w)
      n += count_bits(mask[w]);
    return n;
  }
  auto position(cell& c, rule_index r, host_index h) const {
    return c.begin() + static_cast<std::ptrdiff_t>(place(bits_.at(r, h / block_hosts), h));
  }
  cell& cell_of(rule_index r, std::size_t block) {
    if (block >= cells_.size())
      cells_.resize(block + 1);
    if (cells_[block].empty())
      cells_[block].resize(rules_);
    return cells_[block][r];
  }

  // What a storm left behind is given back.
  static void trim(cell& c) {
    if (c.capacity() > 8 && c.size() * 4 < c.capacity())
      c.shrink_to_fit();
  }

  std::size_t rules_;
  std::size_t size_ = 0;
  pair_bits bits_;
  std::vector<std::vector<cell>> cells_; // [block][rule]
  cell merged_;                          // scratch
};

template <class T>
template <class Items, class Decide>
void pair_map<T>::update(rule_index r, std::size_t block, const Items& items, Decide&& decide) {
  auto& mask = bits_.writable(r, block);
  auto& values = cell_of(r, block);
  merged_.resize(std::max(merged_.size(), values.size() + items.size()));
  const T* const old = values.data();
  T* out = merged_.data();
  std::size_t word = 0, before = 0; // values of the words before this one
  auto bits = mask[0];              // of this word, as they were
  std::size_t from = 0, first = 0;  // values taken over so far; those that stay where they are
  bool begun = false;
  for (const auto& item : items) {
    const auto place = item.host % block_hosts;
    while (word < place / 64) {
      before += count_bits(bits);
      bits = mask[++word];
    }
    const auto bit = std::uint64_t{1} << place % 64;
    const auto at = before + count_bits(bits & (bit - 1));
    if (!begun)
      first = from = at;
    begun = true;
    while (from < at)
      *out++ = old[from++];
    const bool present = bits & bit;
    T value = present ? old[from++] : T{};
    const bool stays = decide(item, present, value);
    *out = value;
    out += stays;
    mask[word] = stays ? mask[word] | bit : mask[word] & ~bit;
  }
  const auto kept = values.size() - from; // behind the last item
  out = std::copy(values.end() - static_cast<std::ptrdiff_t>(kept), values.end(), out);
  size_ -= values.size();
  values.resize(first + static_cast<std::size_t>(out - merged_.data()));
  std::copy(merged_.data(), out, values.begin() + static_cast<std::ptrdiff_t>(first));
  size_ += values.size();
  trim(values);
}

} // namespace tocsin
