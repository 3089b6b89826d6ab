#include "streams/partition/host_summaries.hpp"

#include "streams/window/host_table.hpp"

#include <algorithm>
#include <cmath>

namespace tocsin {

namespace {

constexpr std::size_t ring_of(std::int64_t span_ticks, std::int64_t slot_ticks) {
  // One that has begun, and one that is read while the next one begins.
  return static_cast<std::size_t>((span_ticks + slot_ticks - 1) / slot_ticks) + 2;
}

} // namespace

void host_summaries::summed_row::set(std::size_t host, const value_total& now) {
  sum[host] = now.sum;
  min[host] = now.min;
  max[host] = now.max;
  count[host] = static_cast<std::uint32_t>(now.count);
}

host_summaries::group::group(std::size_t slots) : rows(slots) {
  last.fill(std::nan(""));
  last_at.fill(tick_min);
}

host_summaries::summed_row& host_summaries::group::claim(std::int64_t slot) {
  auto& row = rows[static_cast<std::size_t>(slot) % rows.size()];
  if (!row)
    row = std::make_unique<summed_row>();
  else if (row->slot == slot)
    return *row;
  row->slot = slot;
  for (std::size_t h = 0; h < group_hosts; ++h)
    row->set(h, {});
  return *row;
}

void host_summaries::clear(const tick_grid& grid, tick since) {
  fields_.clear();
  since_ = since;
  newest_ = 0;
  slot_ticks_ = grid.window_ticks(slot_ms);
  span_ticks_ = grid.window_ticks(span_ms);
  slots_ = ring_of(span_ticks_, slot_ticks_);
  groups_ = 0;
}

bool host_summaries::fit() {
  bool merged = false;
  while (groups_ * slots_ * sizeof(summed_row) > bytes_max_) {
    merge_slots();
    merged = true;
  }
  return merged;
}

void host_summaries::merge_slots() {
  slot_ticks_ *= 2;
  slots_ = ring_of(span_ticks_, slot_ticks_);
  if (static_cast<std::int64_t>(slots_) < slots_least) {
    fields_.clear();
    slots_ = groups_ = 0;
    return;
  }
  for (auto& field : fields_)
    for (auto& g : field.groups)
      if (g)
        merge_slots(*g);
}

// Of those that are long over there may be a row where nobody has reported since.
std::int64_t host_summaries::oldest_slot() const {
  return slot_of(newest_) - static_cast<std::int64_t>(slots_) + 1;
}

void host_summaries::merge_slots(group& g) const {
  const auto before = std::exchange(g.rows, std::vector<std::unique_ptr<summed_row>>(slots_));
  for (const auto& row : before) {
    if (!row || row->slot / 2 < oldest_slot())
      continue;
    auto& into = g.claim(row->slot / 2);
    for (std::size_t h = 0; h < group_hosts; ++h) {
      auto both = into.at(h);
      both.add(row->at(h));
      into.set(h, both);
    }
  }
}

// Comparisons with "no value" are false; without a branch, so that the compiler makes vectors of
// it.
void host_summaries::add(summed_row& into, const double* values) {
  for (std::size_t h = 0; h < group_hosts; ++h) {
    const double x = values[h];
    const bool there = !std::isnan(x);
    into.sum[h] += there ? x : 0;
    into.min[h] = x < into.min[h] ? x : into.min[h];
    into.max[h] = x > into.max[h] ? x : into.max[h];
    into.count[h] += there;
  }
}

bool host_summaries::add(std::size_t place, std::size_t block, tick n, const double* row) {
  if (!kept())
    return false;
  if (place >= fields_.size())
    fields_.resize(place + 1);
  auto& to = fields_[place];
  if (block >= to.until.size())
    to.until.resize(block + 1, tick_min);
  if (n <= to.until[block])
    return false;
  to.until[block] = n;
  newest_ = std::max(newest_, n);
  if (row == nullptr)
    return false;
  for (std::size_t g = 0; g < block_groups; ++g, row += group_hosts) {
    if (std::all_of(row, row + group_hosts, [](double x) { return std::isnan(x); }))
      continue;
    auto& into = at(to, block * block_groups + g);
    add(into.claim(slot_of(n)), row);
    for (std::size_t h = 0; h < group_hosts; ++h)
      if (!std::isnan(row[h])) {
        into.last[h] = row[h];
        into.last_at[h] = n;
      }
  }
  return true;
}

host_summaries::group& host_summaries::at(field& of, std::size_t g) {
  if (g >= of.groups.size())
    of.groups.resize(g + 1);
  if (!of.groups[g]) {
    of.groups[g] = std::make_unique<group>(slots_);
    ++groups_;
  }
  return *of.groups[g];
}

void host_summaries::forget(std::size_t block, const std::vector<std::uint32_t>& hosts) {
  for (auto& field : fields_)
    for (const auto host : hosts) {
      const auto g = block * block_groups + host / group_hosts;
      const auto h = host % group_hosts;
      if (g >= field.groups.size() || !field.groups[g])
        continue;
      field.groups[g]->last_at[h] = tick_min;
      for (auto& row : field.groups[g]->rows)
        if (row)
          row->set(h, {});
    }
}

void host_summaries::move_hosts(const std::vector<host_index>& to) {
  for (auto& of : fields_) {
    auto before = std::exchange(of.groups, {});
    // A seal is taken whole: until() is the same everywhere.
    of.until.assign(of.until.empty() ? 0 : to.size() / block_hosts + 1, newest_);
    for (std::size_t g = 0; g < before.size(); ++g)
      if (auto from = std::exchange(before[g], nullptr)) {
        --groups_;
        move_group(std::move(from), std::span(to).subspan(g * group_hosts, group_hosts), of);
      }
  }
}

// Most engines know hosts in the order of the one before: then groups go whole.
void host_summaries::move_group(std::unique_ptr<group> from, std::span<const host_index> to,
                                field& into) {
  bool whole = to[0] % group_hosts == 0;
  for (std::size_t h = 0; h < group_hosts; ++h)
    whole = whole && to[h] == to[0] + h;
  if (whole) {
    auto& place = at(into, to[0] / group_hosts);
    place = std::move(*from);
    return;
  }
  for (std::size_t h = 0; h < group_hosts; ++h)
    if (to[h] != host_table::none)
      move_host(*from, h, at(into, to[h] / group_hosts), to[h] % group_hosts);
}

void host_summaries::move_host(const group& from, std::size_t host, group& to,
                               std::size_t place) const {
  to.last[place] = from.last[host];
  to.last_at[place] = from.last_at[host];
  for (const auto& row : from.rows)
    if (row && row->slot >= oldest_slot() && row->count[host] > 0)
      to.claim(row->slot).set(place, row->at(host));
}

tick host_summaries::first(tick wanted, tick end) const {
  const auto oldest = slot_of(end) - static_cast<std::int64_t>(slots_) + 2;
  return std::max(since_, std::max(slot_of(wanted), oldest) * slot_ticks_);
}

tick host_summaries::until(std::size_t place, std::size_t block) const {
  const bool there = place < fields_.size() && block < fields_[place].until.size();
  return there ? fields_[place].until[block] : tick_min;
}

const host_summaries::group* host_summaries::find(std::size_t place, std::size_t block,
                                                  std::size_t g) const {
  g += block * block_groups;
  const bool there = place < fields_.size() && g < fields_[place].groups.size();
  return there ? fields_[place].groups[g].get() : nullptr;
}

std::size_t host_summaries::bytes() const {
  std::size_t out = 0;
  for (const auto& field : fields_)
    for (const auto& g : field.groups)
      if (g)
        out += sizeof(group) + g->rows.size() * sizeof(g->rows[0]) +
               sizeof(summed_row) *
                   static_cast<std::size_t>(std::count_if(
                       g->rows.begin(), g->rows.end(), [](const auto& r) { return r != nullptr; }));
  return out;
}

} // namespace tocsin
