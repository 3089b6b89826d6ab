#pragma once

#include "streams/rule/plan.hpp"
#include "streams/window/column_ops.hpp"

#include <vector>

namespace tocsin {

/// A bit per (rule, host). Memory: rules × hosts / 8 bytes, hosts in blocks. Written between
/// checks, read by the rule actors during one.
class pair_bits {
public:
  explicit pair_bits(std::size_t rules) : rules_(rules) {}

  /// The bits of a rule for a block of hosts; all zero where none was ever set.
  const host_mask& at(rule_index r, std::size_t block) const {
    static constexpr host_mask none{};
    return block < blocks_.size() && !blocks_[block].empty() ? blocks_[block][r] : none;
  }
  bool test(rule_index r, host_index h) const {
    return at(r, h / block_hosts)[h % block_hosts / 64] >> h % 64 & 1;
  }
  void set(rule_index r, host_index h, bool on) {
    auto& word = writable(r, h / block_hosts)[h % block_hosts / 64];
    const auto bit = std::uint64_t{1} << h % 64;
    word = on ? word | bit : word & ~bit;
  }

private:
  host_mask& writable(rule_index r, std::size_t block) {
    if (block >= blocks_.size())
      blocks_.resize(block + 1);
    if (blocks_[block].empty())
      blocks_[block].resize(rules_);
    return blocks_[block][r];
  }
  std::size_t rules_;
  std::vector<std::vector<host_mask>> blocks_; // [block][rule]
};

} // namespace tocsin
