#pragma once

#include "config/text_map.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tocsin {

/// What decides whether this engine turns samples into incidents now.
struct evaluation_facts {
  bool owns = false;      ///< the partition, and its lease has not run out
  bool caught_up = false; ///< the log has been read to its end
  bool alerting = false;  ///< rules are checked
  bool redis_answers = false;
  bool takes_samples = false;
  std::int64_t lag_ms = 0; ///< of the oldest tick that is not committed: since it was due
};

/// Whether it does. A tick is due at its end and grace; one that has been for longer than
/// `evaluation_lag_max_ms` and is not committed shows that evaluation is stuck.
inline constexpr std::int64_t evaluation_lag_max_ms = 30'000;
bool evaluates(const evaluation_facts&);

/// What a sink needs to tell of the watchdog. Without `evaluates` it tells nothing.
struct watchdog_wiring {
  std::string cluster = {};
  std::int64_t interval_ms = 60'000;
  std::function<bool()> evaluates = {};
};

/// Decides when the watchdog is told. Times are monotonic.
///
/// 1. While evaluation goes on, once in an interval. What did not arrive is not sent again, for the
///    next one comes.
/// 2. While it does not, never. It is looked at again soon, so that silence is no longer than the
///    trouble.
class watchdog_round {
public:
  static constexpr std::int64_t look_again_ms = 2'000;

  explicit watchdog_round(watchdog_wiring w) : w_(std::move(w)) {}

  /// Whether it is to be told now; to be asked again at `due_ms`.
  bool step(std::int64_t now_ms);
  std::int64_t due_ms() const { return w_.evaluates ? due_ms_ : INT64_MAX; }
  const std::string& cluster() const { return w_.cluster; }

private:
  watchdog_wiring w_;
  std::int64_t due_ms_ = 0;
};

/// The alert that stands for it: `alertname` Watchdog, and the cluster.
text_map watchdog_labels(std::string_view cluster);
text_map watchdog_annotations();

} // namespace tocsin
