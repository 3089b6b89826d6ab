#include "actors/sinks/resend_round.hpp"

#include <algorithm>

namespace tocsin {

std::int64_t resend_round::lasting_ms(std::int64_t now_ms) const {
  const auto taking_ms = under_way_ ? now_ms - began_ms_ : 0;
  return 4 * std::max({interval_ms_, last_took_ms_, taking_ms});
}

void resend_round::begin(std::int64_t now_ms) {
  if (!under_way_)
    began_ms_ = now_ms;
  under_way_ = true;
}

void resend_round::sent(std::string next_cursor, std::int64_t now_ms) {
  cursor_ = std::move(next_cursor);
  due_ms_ = now_ms;
  if (cursor_ != "0")
    return;
  under_way_ = false;
  last_took_ms_ = now_ms - began_ms_;
  due_ms_ = std::max(began_ms_ + interval_ms_, now_ms);
}

void resend_round::failed(std::int64_t now_ms, std::int64_t asked_ms) {
  cursor_.assign(1, '0');
  under_way_ = false;
  due_ms_ = now_ms + std::min(std::max(pause_ms, asked_ms), interval_ms_);
}

} // namespace tocsin
