#include "streams/partition/summary_column.hpp"

#include <algorithm>

namespace tocsin {

namespace {

using group = host_summaries::group;

void add_slot(const group& from, std::int64_t slot, std::size_t host, value_summary& out) {
  if (const auto* row = from.find(slot))
    out.all.add(row->at(host));
}

// Slots do not say which of their values was the last one.
void add_last(const group& from, std::size_t host, tick least, value_summary& out) {
  if (from.last_at[host] >= least)
    out.last = from.last[host];
}

} // namespace

value_summary summary_of(const host_history& past, field_index f, host_index host, tick from,
                         tick newest) {
  value_summary out;
  const auto place = past.place_of(f);
  if (!place)
    return out;
  const auto& summaries = past.summaries();
  const auto block = host / block_hosts, in_block = host % block_hosts;
  const auto until = summaries.until(*place, block);
  const auto h = in_block % host_summaries::group_hosts;
  if (const auto* g = summaries.find(*place, block, in_block / host_summaries::group_hosts);
      g && until >= from) {
    for (auto slot = summaries.slot_of(from); slot <= summaries.slot_of(until); ++slot)
      add_slot(*g, slot, h, out);
    add_last(*g, h, from, out);
  }
  const auto* ticks = past.recent(f, block);
  for (tick n = std::max(from, until + 1); ticks && n <= newest; ++n)
    if (const auto* row = ticks->find(n))
      out.add(row[in_block]);
  return out;
}

void summary_column::begin(field_index f, std::size_t block, tick from, tick newest) {
  field_ = f;
  block_ = block;
  from_ = from;
  newest_ = newest;
  begun_ = false;
}

void summary_column::begin(const host_history& past) {
  const auto place = past.place_of(field_);
  until_ = place ? past.summaries().until(*place, block_) : tick_min;
  slot_ = past.summaries().slot_of(from_);
  at_ = std::max(from_, until_ + 1);
  hosts_.assign(block_hosts, {});
  begun_ = true;
}

bool summary_column::step(const host_history& past, std::int64_t rows_max) {
  const auto place = past.place_of(field_);
  if (!begun_ || (place && past.summaries().until(*place, block_) != until_))
    begin(past);
  if (!place)
    return true;
  for (; until_ >= from_ && slot_ <= past.summaries().slot_of(until_); ++slot_) {
    if (rows_max-- == 0)
      return false;
    add_slot(past, slot_);
  }
  if (at_ == std::max(from_, until_ + 1))
    add_lasts(past);
  const auto* ticks = past.recent(field_, block_);
  for (; ticks && at_ <= newest_; ++at_) {
    if (rows_max-- == 0)
      return false;
    const auto* row = ticks->find(at_);
    for (std::size_t h = 0; row && h < block_hosts; ++h)
      hosts_[h].add(row[h]);
  }
  return true;
}

void summary_column::add_slot(const host_history& past, std::int64_t slot) {
  for (std::size_t g = 0; g < host_summaries::block_groups; ++g)
    if (const auto* from = past.summaries().find(*past.place_of(field_), block_, g))
      for (std::size_t h = 0; h < host_summaries::group_hosts; ++h)
        tocsin::add_slot(*from, slot, h, hosts_[g * host_summaries::group_hosts + h]);
}

void summary_column::add_lasts(const host_history& past) {
  for (std::size_t g = 0; g < host_summaries::block_groups; ++g)
    if (const auto* from = past.summaries().find(*past.place_of(field_), block_, g))
      for (std::size_t h = 0; h < host_summaries::group_hosts; ++h)
        add_last(*from, h, from_, hosts_[g * host_summaries::group_hosts + h]);
}

} // namespace tocsin
