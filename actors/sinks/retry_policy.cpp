#include "actors/sinks/retry_policy.hpp"

namespace tocsin {

std::int64_t retry_policy::next_pause() {
  pause_ms_ = std::clamp(pause_ms_ * 2, times_.pause_ms, times_.pause_longest_ms);
  return pause_ms_;
}

void retry_policy::give_up(decision& out) {
  out.next = decision::fate::give_up;
  out.wait_ms = 0;
  pause_ms_ = 0;
  put_off_since_ms_.reset();
}

retry_policy::decision retry_policy::judge(const delivery& d, std::size_t offered,
                                           std::uint32_t tries, std::int64_t now_ms) {
  decision out;
  out.tries = tries;
  const bool done = d.what == delivery::outcome::done;
  out.taken = done ? offered : std::min(d.taken, offered);
  if (out.taken > 0) {
    pause_ms_ = 0;
    put_off_since_ms_.reset();
    batch_ = std::min(batch_max_, batch_ * 2);
  }
  if (out.taken == offered)
    return out;
  out.wait_ms = next_pause();
  if (d.what == delivery::outcome::failed) {
    batch_ = 1;
    out.next = decision::fate::failed;
    if (++out.tries >= times_.tries_max)
      give_up(out);
    return out;
  }
  out.wait_ms = std::max(out.wait_ms, std::min(d.wait_ms, times_.asked_longest_ms));
  batch_ = out.taken > 0 ? batch_ : std::max<std::size_t>(batch_ / 2, 1);
  if (offered > 1)
    return out;
  if (!put_off_since_ms_)
    put_off_since_ms_ = now_ms;
  else if (now_ms - *put_off_since_ms_ >= times_.put_off_longest_ms)
    give_up(out);
  return out;
}

} // namespace tocsin
