#include "streams/rule/hit_countdown.hpp"

#include <algorithm>

namespace tocsin {

void hit_countdown::reset() {
  uniform_ = true;
  left_ = 0;
  alive_ = {};
}

void hit_countdown::step(const host_mask& hits, const host_mask& started) {
  if (step_uniform(hits, started))
    return;
  if (uniform_)
    spread();
  if (wide())
    column_ops::count_down(left_16_->data(), hits, window_, alive_);
  else
    column_ops::count_down(left_8_->data(), hits, static_cast<std::uint8_t>(window_), alive_);
}

bool hit_countdown::step_uniform(const host_mask& hits, const host_mask& started) {
  std::uint64_t hit = 0, without = 0, alive = 0;
  for (std::size_t w = 0; w < block_words; ++w) {
    hit |= hits[w];
    without |= (started[w] | alive_[w]) & ~hits[w];
    alive |= alive_[w];
  }
  if (hit != 0 && without == 0) { // everybody hits
    uniform_ = true;
    left_ = window_;
    alive_ = hits;
    return true;
  }
  if (hit != 0)
    return false;
  if (alive == 0) {
    uniform_ = true;
    left_ = 0;
    return true;
  }
  if (!uniform_)
    return false;
  if (--left_ == 0)
    alive_ = {};
  return true;
}

// From one count for all to a count for each.
void hit_countdown::spread() {
  uniform_ = false;
  if (wide() && !left_16_)
    left_16_ = make_in<words>(memory_);
  if (!wide() && !left_8_)
    left_8_ = make_in<bytes>(memory_);
  for (std::size_t h = 0; h < block_hosts; ++h)
    set(h, alive_[h / 64] >> h % 64 & 1 ? left_ : std::uint16_t{0});
}

void hit_countdown::set(std::size_t host, std::uint16_t left) {
  if (wide())
    (*left_16_)[host] = left;
  else
    (*left_8_)[host] = static_cast<std::uint8_t>(left);
}

void hit_countdown::late_hit(std::size_t host, std::int64_t ticks_ago) {
  if (ticks_ago >= window_)
    return;
  if (uniform_)
    spread();
  const auto left = static_cast<std::uint16_t>(window_ - ticks_ago);
  const std::uint16_t there = wide() ? (*left_16_)[host] : (*left_8_)[host];
  set(host, std::max(left, there));
  alive_[host / 64] |= std::uint64_t{1} << host % 64;
}

void hit_countdown::clear_host(std::size_t host) {
  alive_[host / 64] &= ~(std::uint64_t{1} << host % 64);
  if (!uniform_)
    set(host, 0);
}

} // namespace tocsin
