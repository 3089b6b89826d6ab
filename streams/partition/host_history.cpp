#include "streams/partition/host_history.hpp"

#include <algorithm>
#include <cmath>

namespace tocsin {

namespace {

// Ticks that so many blocks may have within these bytes.
std::int64_t depth_within(std::size_t bytes, std::size_t blocks) {
  constexpr auto fixed = field_block::bytes(0);
  const auto each = bytes / std::max<std::size_t>(blocks, 1);
  const auto rows = each < fixed ? 0 : (each - fixed) / (field_block::bytes(1) - fixed);
  return static_cast<std::int64_t>(std::min<std::size_t>(rows, host_history::ticks_max + 1));
}

std::int64_t depth_wanted(const tick_grid& grid) {
  return std::min(grid.window_ticks(host_history::span_ms), host_history::ticks_max) + 1;
}

} // namespace

std::size_t host_history::bytes_within(std::uint64_t memory_bytes) {
  return std::min<std::uint64_t>(memory_bytes == 0 ? bytes_most : memory_bytes / 8, bytes_most);
}

void host_history::clear(const tick_grid& grid, tick since) {
  fields_.clear();
  grid_ = grid;
  since_ = since;
  depth_ = depth_wanted(grid);
  summaries_.clear(grid, since);
  ++version_;
}

void host_history::begin(tick sealed, const intake& in, const places& at) {
  if (in.grid() != grid_ || since_ == tick_min || sealed != newest_ + 1)
    clear(in.grid(), sealed);
  newest_ = sealed;
  places_ = at;
  fit(in);
  patch(in);
}

// For all blocks that there are now, before any is made.
void host_history::fit(const intake& in) {
  std::size_t blocks = 0, fields = 0;
  for (field_index f = 0; f < places_.size(); ++f) {
    if (!places_[f])
      continue;
    fields = std::max(fields, *places_[f] + 1);
    for (std::size_t b = 0; b < in.hosts().blocks(); ++b)
      blocks += in.ring().find(f, b) != nullptr;
  }
  fields_.resize(std::max(fields, fields_.size()));
  version_ += summaries_.fit();
  const auto depth = depth_within(bytes_max_, blocks);
  if (depth >= depth_)
    return;
  depth_ = depth < 4 ? 0 : depth;
  ++version_;
  if (depth_ > 0)
    return;
  fields_.clear();
  summaries_.clear(grid_, newest_ + 1);
}

void host_history::patch(const intake& in) {
  std::vector<std::uint32_t> gone;
  for (std::size_t b = 0; b < in.hosts().blocks() && depth_ > 0; ++b) {
    gone.clear();
    for (const auto& p : in.ring().patches(b)) {
      const bool there = p.at >= since_ && p.at > newest_ - depth_ && p.at < newest_;
      if (p.field == ring_patch::every_field)
        gone.push_back(p.host);
      else if (const auto place = place_of(p.field); place && there)
        at(fields_[*place], b).claim(p.at)[p.host] = p.value;
    }
    if (!gone.empty())
      forget(b, gone);
  }
}

// Row by row: thousands may go at once.
void host_history::forget(std::size_t block, const std::vector<std::uint32_t>& hosts) {
  for (auto& of : fields_)
    for (tick n = std::max(since_, newest_ - depth_); n < newest_; ++n)
      if (block < of.size() && of[block] && of[block]->find(n)) {
        auto* row = of[block]->claim(n);
        for (const auto h : hosts)
          row[h] = std::nan("");
      }
  summaries_.forget(block, hosts);
}

// What the tick that begins leaves no room for. Returns what that takes, in rows that are copied.
std::size_t host_history::sum_up(const field_block* from, std::size_t place, std::size_t block) {
  std::size_t rows = 0;
  const auto deep = from ? static_cast<std::int64_t>(from->depth()) : depth_;
  for (tick n = std::max(since_, newest_ - std::max(deep, depth_)); n <= newest_ - depth_; ++n)
    if (const auto* row = from ? from->find(n) : nullptr; summaries_.add(place, block, n, row))
      rows += 4;
  return rows;
}

field_block& host_history::at(blocks& of, std::size_t block) {
  if (block >= of.size())
    of.resize(block + 1);
  if (!of[block])
    of[block] = std::make_unique<field_block>(static_cast<std::size_t>(depth_));
  return *of[block];
}

std::size_t host_history::make_shallow(std::unique_ptr<field_block>& block) {
  auto made = std::make_unique<field_block>(static_cast<std::size_t>(depth_));
  std::size_t rows = 0;
  for (tick n = std::max(since_, newest_ - depth_ + 1); n < newest_; ++n)
    if (const auto* row = block->find(n)) {
      std::copy_n(row, block_hosts, made->claim(n));
      ++rows;
    }
  block = std::move(made);
  return rows;
}

std::size_t host_history::take(field_index f, std::size_t block, const double* row) {
  const auto place = place_of(f);
  if (!place || depth_ == 0)
    return 0;
  auto& of = fields_[*place];
  auto rows = sum_up(block < of.size() ? of[block].get() : nullptr, *place, block);
  if (block < of.size() && of[block] && of[block]->depth() > static_cast<std::size_t>(depth_))
    rows = make_shallow(of[block]);
  if (row == nullptr)
    return rows;
  std::copy_n(row, block_hosts, at(of, block).claim(newest_));
  return rows + 1;
}

std::int64_t host_history::kept(const intake& in, field_index f) const {
  const bool here = depth_ > 0 && place_of(f) && newest_ == in.ring().sealed();
  return here ? std::min(depth_ - 1, newest_ - since_ + 1) : 0;
}

std::int64_t host_history::ticks(const intake& in, field_index f) const {
  return std::max(in.ring().reach(f) + 1, kept(in, f));
}

const field_block* host_history::find(const intake& in, field_index f, std::size_t block) const {
  if (kept(in, f) <= in.ring().reach(f) + 1)
    return in.ring().find(f, block);
  const auto& of = fields_[*place_of(f)];
  return block < of.size() ? of[block].get() : nullptr;
}

std::optional<tick> host_history::summed_from(const intake& in, field_index f, tick wanted) const {
  if (kept(in, f) == 0 || !summaries_.kept())
    return std::nullopt;
  const auto from = summaries_.first(wanted, newest_ - depth_);
  return from > newest_ - ticks(in, f) ? std::nullopt : std::optional(from);
}

const field_block* host_history::recent(field_index f, std::size_t block) const {
  const auto place = place_of(f);
  return place && *place < fields_.size() && block < fields_[*place].size()
             ? fields_[*place][block].get()
             : nullptr;
}

void host_history::leave(const intake& in) {
  names_.clear();
  for (host_index h = 0; h < in.hosts().extent(); ++h)
    names_.push_back(in.hosts().at(h).known ? in.hosts().name(h) : std::string());
}

void host_history::enter(const intake& in, const places& at) {
  const auto names = std::exchange(names_, {});
  const auto last = in.begun() ? in.next() - 1 : tick_min;
  places_ = at;
  ++version_;
  if (names.empty() || in.grid() != grid_ || last > newest_ || last < since_ || depth_ == 0) {
    since_ = newest_ = tick_min;
    summaries_.clear(in.grid(), tick_min);
    return fields_.clear();
  }
  since_ = std::max(since_, newest_ - depth_ + 1);
  newest_ = last; // what the engine before sealed behind it is sealed again
  std::vector<host_index> to(names.size(), host_table::none);
  for (std::size_t h = 0; h < names.size(); ++h)
    to[h] = in.hosts().find(names[h]).value_or(host_table::none);
  to.resize((to.size() + block_hosts - 1) / block_hosts * block_hosts, host_table::none);
  for (auto& field : fields_) {
    auto before = std::exchange(field, {});
    for (std::size_t b = 0; b < before.size(); ++b)
      if (const auto block = std::move(before[b]))
        move_rows(*block, to.data() + b * block_hosts, field);
  }
  summaries_.move_hosts(to);
}

void host_history::move_rows(const field_block& from, const host_index* to, blocks& into) {
  for (tick n = since_; n <= newest_; ++n) {
    const auto* row = from.find(n);
    std::size_t block = host_table::none;
    double* out = nullptr;
    for (std::size_t h = 0; row && h < block_hosts; ++h) {
      if (to[h] == host_table::none || std::isnan(row[h]))
        continue;
      if (to[h] / block_hosts != block) {
        block = to[h] / block_hosts;
        out = at(into, block).claim(n);
      }
      out[to[h] % block_hosts] = row[h];
    }
  }
}

std::size_t host_history::bytes() const {
  std::size_t out = 0;
  for (const auto& field : fields_)
    for (const auto& block : field)
      out += block ? field_block::bytes(block->depth()) : 0;
  return out;
}

} // namespace tocsin
