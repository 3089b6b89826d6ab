#include "streams/window/sliding_block.hpp"

#include <algorithm>
#include <limits>

namespace tocsin {

sliding_block::sliding_block(std::span<const window_kind> kinds, std::int64_t check_ticks,
                             std::pmr::memory_resource* memory)
    : check_ticks_(check_ticks) {
  windows_.reserve(kinds.size());
  for (const auto& k : kinds)
    windows_.push_back({k.ticks, k.summed, sliding_sum(k.ticks, memory)});
  // The tick that leaves the longest window, and what a check looks at beside its window.
  present_.resize(static_cast<std::size_t>(
      std::max(windows_.back().ticks + 1, ticks_looked_at(1, check_ticks))));
  presence_.resize(present_.size());
}

bool sliding_block::advance(const field_block& block, field_index f, tick n,
                            std::span<const ring_patch> patches) {
  slid_ = n == at_ + 1;
  if (slid_) {
    for (const auto& p : patches)
      if (p.field == f || p.field == ring_patch::every_field)
        patch(p);
    slide(block, n);
  } else {
    rebuild(block, n);
  }
  at_ = n;
  find_started(block);
  return slid_;
}

void sliding_block::note_present(const field_block& block, tick n) {
  if (const auto* row = block.find(n))
    column_ops::present(row, present_[slot(n)]);
  else
    present_[slot(n)] = {};
  presence_[slot(n)] = present(n) == present(n - 1) ? presence_[slot(n - 1)] : ++last_presence_;
}

void sliding_block::slide(const field_block& block, tick n) {
  static constexpr host_mask nobody{};
  note_present(block, n);
  for (auto& w : windows_) {
    if (n < w.ticks || !same_present(n, n - w.ticks))
      recount(w, present(n), n >= w.ticks ? present(n - w.ticks) : nobody);
  }
}

void sliding_block::slide_sums(std::size_t window, const field_block& block) {
  auto& w = windows_[window];
  if (!w.summed)
    return;
  if (slid_)
    w.sums.slide(block, at_);
  else
    w.sums.rebuild(block, at_);
}

void sliding_block::rebuild(const field_block& block, tick n) {
  std::fill(present_.begin(), present_.end(), host_mask{});
  std::fill(presence_.begin(), presence_.end(), ++last_presence_);
  const auto oldest = n - static_cast<tick>(present_.size()) + 1;
  for (auto t = std::max<tick>(oldest, 0); t <= n; ++t)
    note_present(block, t);
  for (auto& w : windows_)
    count(w, n);
}

// Counts anew; ticks in a row in which the same hosts reported are counted as one.
void sliding_block::count(sliding_window& w, tick n) {
  w.counts.fill(0);
  for (auto t = std::max<tick>(n - w.ticks + 1, 0); t <= n;) {
    const auto from = t;
    for (++t; t <= n && same_present(t, from);)
      ++t;
    for_each_host(present(from), [&](std::size_t h) {
      w.counts[h] = static_cast<std::uint16_t>(w.counts[h] + (t - from));
    });
  }
  w.any_value = w.full = {};
  for (std::size_t h = 0; h < block_hosts; ++h) {
    w.any_value[h / 64] |= w.counts[h] > 0 ? bit_of(h) : 0;
    w.full[h / 64] |= w.counts[h] == w.ticks ? bit_of(h) : 0;
  }
}

void sliding_block::recount(sliding_window& w, const host_mask& in, const host_mask& out) {
  for (std::size_t i = 0; i < block_words; ++i) {
    for (auto rest = in[i] ^ out[i]; rest != 0; rest &= rest - 1) {
      const auto bit = rest & (~rest + 1);
      auto& count = w.counts[i * 64 + static_cast<std::size_t>(std::countr_zero(rest))];
      count = static_cast<std::uint16_t>(in[i] & bit ? count + 1 : count - 1);
      w.any_value[i] = count > 0 ? w.any_value[i] | bit : w.any_value[i] & ~bit;
      w.full[i] = count == w.ticks ? w.full[i] | bit : w.full[i] & ~bit;
    }
  }
}

void sliding_block::patch(const ring_patch& p) {
  const auto h = p.host;
  const auto bit = bit_of(h);
  if (p.field == ring_patch::every_field) {
    for (auto& mask : present_)
      mask[h / 64] &= ~bit; // masks of one kind stay equal
    for (auto& w : windows_) {
      w.counts[h] = 0;
      w.any_value[h / 64] &= ~bit;
      w.full[h / 64] &= ~bit;
      w.sums.clear_host(h);
    }
    return;
  }
  if (p.at <= at_ + 1 - static_cast<tick>(present_.size()))
    return;
  present_[slot(p.at)][h / 64] |= bit;
  presence_[slot(p.at)] = ++last_presence_;
  host_mask in{};
  in[h / 64] = bit;
  for (auto& w : windows_)
    if (p.at > at_ - w.ticks) {
      recount(w, in, {});
      if (w.summed)
        w.sums.fill(h, p.value);
    }
}

void sliding_block::find_started(const field_block& block) {
  // It changes where a first tick is set, and while one lies ahead.
  const auto version = block.firsts_version();
  if (version == firsts_seen_ && youngest_ <= started_at_)
    return;
  started_at_ = at_;
  firsts_seen_ = version;
  youngest_ = tick_min;
  started_ = {};
  for (std::size_t h = 0; h < block_hosts; ++h) {
    const auto first = block.first(h);
    if (first == tick_max)
      continue;
    youngest_ = std::max(youngest_, first);
    if (first <= at_)
      started_[h / 64] |= bit_of(h);
  }
}

bool sliding_block::whole(std::size_t window) const {
  const auto& full = windows_[window].full;
  std::uint64_t gaps = 0;
  for (std::size_t i = 0; i < block_words; ++i)
    gaps |= started_[i] & ~full[i];
  return gaps == 0;
}

void sliding_block::masks(std::size_t window, const field_block& block, std::span<const tick> blind,
                          window_masks& out) const {
  const auto& w = windows_[window];
  out.started = started_;
  out.any_value = w.any_value;
  out.recent_value = present(at_);
  for (tick t = at_ - 1; t > at_ - std::min(check_ticks_, w.ticks); --t)
    for (std::size_t i = 0; i < block_words; ++i)
      out.recent_value[i] |= present(t)[i];
  out.missing = out.missing_before_first = {};
  out.missing_after_value = out.missing_more_than_half = {};
  note_slipped(block, out);
  note_blind(w.ticks, blind, out);
  const auto oldest = at_ - w.ticks + 1;
  if (youngest_ > oldest)
    for_each_host(started_, [&](std::size_t h) {
      if (block.first(h) > oldest)
        out.missing_before_first[h / 64] |= bit_of(h);
    });
  for (std::size_t i = 0; i < block_words; ++i)
    out.missing[i] |= out.missing_before_first[i];
}

// Hosts whose report of the newest tick may have slipped over its edge: the tick before it has a
// value, and where checks leave out ticks, so has the one before that, or the host is younger.
// (Else a host that reports at every second tick could be in doubt at every check.)
void sliding_block::note_slipped(const field_block& block, window_masks& out) const {
  for (std::size_t i = 0; i < block_words; ++i)
    out.slipped[i] = present(at_ - 1)[i] & ~present(at_)[i];
  if (check_ticks_ == 1)
    return;
  host_mask doubtful;
  for (std::size_t i = 0; i < block_words; ++i)
    doubtful[i] = out.slipped[i] & ~present(at_ - 2)[i];
  for_each_host(doubtful, [&](std::size_t h) {
    if (block.first(h) <= at_ - 2)
      out.slipped[h / 64] &= ~bit_of(h);
  });
}

// What is missing because a tick was blind, or because a report may have slipped.
void sliding_block::note_blind(std::int64_t ticks, std::span<const tick> blind,
                               window_masks& out) const {
  const auto in_window =
      std::find_if(blind.begin(), blind.end(), [&](tick t) { return t <= at_ - ticks; });
  blind = blind.first(static_cast<std::size_t>(in_window - blind.begin()));
  const auto& newest = present(at_);
  const bool newest_blind = !blind.empty() && blind.front() == at_;
  const bool half = (static_cast<std::int64_t>(blind.size()) + 1) * 2 > ticks;
  std::array<std::uint16_t, block_hosts> counts;
  if (half)
    counts.fill(0);
  host_mask later{}; // a value stands at a later tick
  auto t = at_;
  const auto note = [&](std::size_t i, std::uint64_t missing) {
    out.missing[i] |= missing;
    out.missing_after_value[i] |= missing & ~later[i];
    for (auto rest = half ? missing : 0; rest != 0; rest &= rest - 1)
      ++counts[i * 64 + static_cast<std::size_t>(std::countr_zero(rest))];
  };
  for (std::size_t i = 0; i < block_words; ++i) {
    note(i, newest_blind ? ~newest[i] : out.slipped[i]);
    later[i] = newest[i];
  }
  for (const auto b : blind.subspan(newest_blind ? 1 : 0)) {
    for (; t > b; --t)
      for (std::size_t i = 0; i < block_words; ++i)
        later[i] |= present(t)[i];
    for (std::size_t i = 0; i < block_words; ++i)
      note(i, ~present(b)[i]);
  }
  if (half)
    for_each_host(out.missing, [&](std::size_t h) {
      if (std::int64_t{counts[h]} * 2 > ticks)
        out.missing_more_than_half[h / 64] |= bit_of(h);
    });
}

const double* sliding_block::newest_values(const field_block& block, host_column& scratch) const {
  const auto* row = block.find(at_);
  host_mask wanted;
  for (std::size_t i = 0; i < block_words; ++i)
    wanted[i] = started_[i] & windows_.back().any_value[i] & ~present(at_)[i];
  if (row && is_empty(wanted))
    return row;
  if (row)
    std::copy_n(row, block_hosts, scratch.begin());
  else
    scratch.fill(std::numeric_limits<double>::quiet_NaN());
  for (auto t = at_ - 1; t > at_ - windows_.back().ticks && !is_empty(wanted); --t) {
    host_mask here;
    for (std::size_t i = 0; i < block_words; ++i) {
      here[i] = wanted[i] & present(t)[i];
      wanted[i] &= ~here[i];
    }
    if (const auto* older = is_empty(here) ? nullptr : block.find(t))
      for_each_host(here, [&](std::size_t h) { scratch[h] = older[h]; });
  }
  return scratch.data();
}

} // namespace tocsin
