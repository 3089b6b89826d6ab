#include "streams/window/tick_ring.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <new>

namespace tocsin {

static_assert(sizeof(std::atomic<tick>) == sizeof(tick));
static_assert(std::atomic<tick>::is_always_lock_free);
static_assert(block_hosts % 64 == 0, "a block's verdicts are whole words");

namespace {
constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
}

field_block::field_block(std::size_t depth, std::pmr::memory_resource* memory)
    : memory_(memory),
      values_(static_cast<double*>(memory->allocate(depth * block_hosts * sizeof(double), 64))),
      stamps_(depth, tick_min) {
  for (auto& f : first_)
    f.store(tick_max, std::memory_order_relaxed);
}

field_block::~field_block() {
  memory_->deallocate(values_, depth() * block_hosts * sizeof(double), 64);
}

double* field_block::claim(tick n) {
  const auto slot = static_cast<std::size_t>(n) % stamps_.size();
  if (stamps_[slot] != n) {
    assert(stamps_[slot] < n);
    std::fill_n(row(slot), block_hosts, no_value);
    stamps_[slot] = n;
  }
  return row(slot);
}

double field_block::extremum(std::size_t host, tick newest, std::int64_t ticks,
                             bool greatest) const {
  double found = no_value;
  auto slot = static_cast<std::size_t>(newest) % stamps_.size();
  for (std::int64_t i = 0; i < std::min(ticks, newest + 1); ++i) {
    const double v = values_[slot * block_hosts + host];
    // Comparisons with "no value" are false.
    const bool better = greatest ? !(v <= found) : !(v >= found);
    if (stamps_[slot] == newest - i && v == v && better)
      found = v;
    slot = (slot == 0 ? stamps_.size() : slot) - 1;
  }
  return found;
}

void field_block::clear_host(std::size_t host) {
  for (std::size_t slot = 0; slot < stamps_.size(); ++slot)
    if (stamps_[slot] != tick_min)
      values_[slot * block_hosts + host] = no_value;
  set_first(host, tick_max);
}

void field_block::clear() {
  std::fill(stamps_.begin(), stamps_.end(), tick_min);
  for (std::size_t host = 0; host < block_hosts; ++host)
    if (first(host) != tick_max)
      set_first(host, tick_max);
}

tick_ring::tick_ring(tick_grid grid, std::size_t hosts_max, std::size_t fields_max)
    : grid_(grid), blocks_max_((hosts_max + block_hosts - 1) / block_hosts),
      fields_max_(fields_max), fields_(new std::atomic<field_slots*>[fields_max]()) {}

tick_ring::~tick_ring() {
  for (std::size_t f = 0; f < fields_max_; ++f) {
    const auto* slots = fields_[f].load();
    for (std::size_t b = 0; slots && b < blocks_max_; ++b)
      delete slots->blocks[b].load();
    delete slots;
  }
}

void tick_ring::add_field(field_index f, std::int64_t window_ticks) {
  assert(f < fields_max_);
  if (fields_[f].load()) {
    assert(reach(f) + 1 == std::max(window_ticks, std::int64_t{2}));
    return;
  }
  auto slots = std::make_unique<field_slots>();
  // Two at least: whether the newest tick is missing depends on the one before it.
  slots->window_ticks = std::max(window_ticks, std::int64_t{2});
  slots->blocks.reset(new std::atomic<field_block*>[blocks_max_]());
  fields_[f].store(slots.release(), std::memory_order_release);
}

std::int64_t tick_ring::reach(field_index f) const {
  return fields_[f].load(std::memory_order_relaxed)->window_ticks - 1;
}

field_block& tick_ring::at(field_index f, std::size_t block) {
  auto& slot = fields_[f].load(std::memory_order_relaxed)->blocks[block];
  if (auto* there = slot.load(std::memory_order_relaxed))
    return *there;
  const auto depth = static_cast<std::size_t>(reach(f) + 2 + grid_.ticks_ahead() + 1);
  auto made = std::make_unique<field_block>(depth, &memory_);
  bytes_ += field_block::bytes(depth);
  slot.store(made.get(), std::memory_order_release);
  return *made.release();
}

void tick_ring::note_patch(std::size_t block, const ring_patch& p) {
  if (block >= patches_.size())
    patches_.resize(block + 1);
  if (patches_[block].empty())
    patched_.push_back(block);
  patches_[block].push_back(p);
}

void tick_ring::fill(field_index f, host_index host, tick n, double value) {
  at(f, host / block_hosts).claim(n)[host % block_hosts] = value;
  note_patch(host / block_hosts, {f, static_cast<std::uint32_t>(host % block_hosts), n, value});
}

void tick_ring::clear_host(host_index host, std::size_t fields) {
  for (field_index f = 0; f < fields; ++f)
    if (auto* block = find(f, host / block_hosts))
      block->clear_host(host % block_hosts);
  note_patch(host / block_hosts,
             {ring_patch::every_field, static_cast<std::uint32_t>(host % block_hosts), tick_min,
              no_value});
}

void tick_ring::clear_field(field_index f) {
  for (std::size_t b = 0; b < blocks_max_; ++b)
    if (auto* block = find(f, b))
      block->clear();
}

void tick_ring::begin_seal() {
  for (const auto block : patched_)
    patches_[block].clear();
  patched_.clear();
}

} // namespace tocsin
