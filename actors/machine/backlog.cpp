#include "actors/machine/backlog.hpp"

#include <algorithm>

namespace tocsin {

std::size_t backlog::capacity_for(std::int64_t interval_ms) {
  constexpr std::int64_t hour_ms = 3'600'000;
  constexpr std::int64_t lines_max = 36'000;
  const std::int64_t lines = hour_ms / std::max<std::int64_t>(interval_ms, 1);
  return static_cast<std::size_t>(std::clamp<std::int64_t>(lines, 1, lines_max));
}

void backlog::push(std::string line) {
  if (lines_.full()) {
    ++dropped_;
    ++first_;
  }
  lines_.push_back(std::move(line)); // a full ring overwrites its oldest
}

backlog::batch backlog::oldest(std::size_t lines_max) const {
  batch out;
  const std::size_t count = std::min(lines_max, lines_.size());
  for (std::size_t i = 0; i < count; ++i) {
    out.text += lines_[i];
    out.text += '\n';
  }
  out.first = first_;
  out.end = first_ + count;
  return out;
}

void backlog::remove_before(std::uint64_t end) {
  while (!lines_.empty() && first_ < end) {
    lines_.pop_front();
    ++first_;
  }
}

} // namespace tocsin
