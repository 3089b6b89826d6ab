#pragma once

#include "streams/partition/cluster_history.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin {

/// What became of one tick, from its seal until it was committed.
struct tick_report {
  std::int64_t end_ms = 0;
  bool blind = false;
  std::int64_t lag_ms = 0;   ///< how long after it was due it was sealed
  double evaluation_ms = 0;  ///< from its seal until all rules were checked
  double commit_ms = 0;      ///< from then until it stood in Redis
  std::uint64_t samples = 0; ///< accepted since the tick before
  std::uint64_t late = 0;    ///< came too late for their ticks since then
  std::size_t hosts = 0;     ///< known
  std::size_t open = 0;      ///< incidents, behind it
  std::size_t opened = 0, resolved = 0;
};

/// What all hosts together reported in the tick that ends then, as JSON on one line: average,
/// least, greatest, sum and count of each field that somebody reported, of the first sixteen.
/// Empty where `newest` is another tick.
std::string cluster_json(const std::optional<cluster_history::newest_tick>& newest,
                         std::int64_t end_ms);

/// As JSON. `cluster`: JSON of what the whole cluster reported in it; empty: it is left out.
std::string tick_json(const tick_report&, std::string_view cluster = {});

} // namespace tocsin
