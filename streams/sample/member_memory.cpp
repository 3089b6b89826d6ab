#include "streams/sample/member_memory.hpp"

#include "config/keyed_hash.hpp"

#include <algorithm>

namespace tocsin {

member_memory::digest member_memory::hash(std::string_view member) {
  // Two keys, so that who writes the set cannot make a member that is taken for another.
  const auto key = process_hash_key();
  return {siphash<2, 4>(key, member), siphash<2, 4>({key.second, ~key.first}, member)};
}

void member_memory::add(std::string_view member, double score) {
  if (scores_.size() < most)
    scores_.emplace(hash(member), score);
}

void member_memory::forget_below(double score) {
  std::erase_if(scores_, [&](const auto& each) { return each.second < score; });
}

bool score_plan::is_whole(std::int64_t now_ms) const {
  // Also when the clock was set back.
  return whole_next_ || now_ms - whole_at_ms_ >= interval_ms_ || now_ms < whole_at_ms_;
}

std::int64_t score_plan::lowest(std::int64_t now_ms) const {
  const auto since = whole_at_ms_ == 0 ? now_ms : std::min(whole_at_ms_, now_ms);
  return std::max<std::int64_t>(std::max(since - whole_ms, now_ms - longest_ms), 0);
}

std::int64_t score_plan::from(std::int64_t now_ms) const {
  return is_whole(now_ms) ? lowest(now_ms) : std::max(now_ms - recent_ms, std::int64_t{0});
}

void score_plan::done(std::int64_t now_ms) {
  if (is_whole(now_ms))
    whole_at_ms_ = now_ms;
  whole_next_ = false;
}

} // namespace tocsin
