#pragma once

#include "streams/rule/plan.hpp"
#include "streams/window/column_ops.hpp"

#include <vector>

namespace tocsin {

/// A bit per (rule, host). Memory: rules × hosts / 8 bytes, by block of hosts, then by rule; a
/// mask is two cache lines. Written between checks, read by the rule actors during one.
class pair_bits {
public:
  explicit pair_bits(std::size_t rules) : rules_(rules) {}

  /// The bits of a rule for a block of hosts; all zero where none was ever set. Aligned to 64
  /// bytes.
  const host_mask& at(rule_index r, std::size_t block) const {
    alignas(64) static constexpr host_mask none{};
    return block < blocks_.size() && !blocks_[block].empty() ? blocks_[block][r].bits : none;
  }
  /// Asks the memory for what at() will read soon.
  void prefetch(rule_index r, std::size_t block) const {
    const auto* bits = &at(r, block);
    __builtin_prefetch(bits);
    __builtin_prefetch(reinterpret_cast<const char*>(bits) + 64);
  }
  bool test(rule_index r, host_index h) const { return has_host(at(r, h / block_hosts), h); }
  void set(rule_index r, host_index h, bool on) { set_host(writable(r, h / block_hosts), h, on); }
  host_mask& writable(rule_index r, std::size_t block) {
    if (block >= blocks_.size())
      blocks_.resize(block + 1);
    if (blocks_[block].empty())
      blocks_[block].resize(rules_);
    return blocks_[block][r].bits;
  }

private:
  struct alignas(64) aligned_mask {
    host_mask bits{};
  };
  static_assert(sizeof(aligned_mask) == sizeof(host_mask));

  std::size_t rules_;
  std::vector<std::vector<aligned_mask>> blocks_; // [block][rule]
};

} // namespace tocsin
