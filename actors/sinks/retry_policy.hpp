#pragma once

#include "actors/sinks/sink.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace tocsin {

struct retry_times {
  /// The first pause; each next one is twice as long, up to the longest.
  std::int64_t pause_ms = 1'000, pause_longest_ms = 60'000;
  /// What the other side may ask for.
  std::int64_t asked_longest_ms = 900'000;
  /// An event that was handed on alone and put off for so long is given up.
  std::int64_t put_off_longest_ms = 86'400'000;
  /// Failed tries after which an event is given up.
  std::uint32_t tries_max = 5;
};

/// Decides what follows an attempt to hand on events: how many are done with, whether the first of
/// the rest is given up, and how long to wait. Owned by one delivery_queue.
///
/// 1. Nothing behind the first event that was not taken is touched, so order is kept.
/// 2. Pauses and what is offered at once begin anew with every event that gets through: an event
///    that fails is handed on alone the next time, one that is put off in half the company.
class retry_policy {
public:
  explicit retry_policy(std::size_t batch_max, retry_times times = {})
      : times_(times), batch_max_(std::max<std::size_t>(batch_max, 1)), batch_(batch_max_) {}

  struct decision {
    enum class fate : std::uint8_t {
      none,    ///< there is no such event, or it was put off
      failed,  ///< its failed tries are now `tries`
      give_up, ///< after so many failed tries
    };
    std::size_t taken = 0;  ///< events to acknowledge, from the first
    fate next = fate::none; ///< of the first event that was not taken
    std::uint32_t tries = 0;
    std::int64_t wait_ms = 0; ///< before the next attempt
  };

  /// How many events to hand on at once.
  std::size_t batch() const { return batch_; }
  /// `offered` were handed on, `tries` of the first that was not taken had failed before.
  decision judge(const delivery&, std::size_t offered, std::uint32_t tries, std::int64_t now_ms);

private:
  void give_up(decision&);
  std::int64_t next_pause();

  retry_times times_;
  std::size_t batch_max_, batch_;
  std::int64_t pause_ms_ = 0;
  std::optional<std::int64_t> put_off_since_ms_; ///< the first event, alone
};

} // namespace tocsin
