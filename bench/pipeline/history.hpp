#pragma once

#include "bench/pipeline/sample_text.hpp"
#include "config/redis_address.hpp"
#include "config/result.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace tocsin::bench {

struct history_options {
  std::uint64_t hosts = 0;
  std::uint64_t batch = 0;
  std::int64_t interval_ms = 0;
  std::int64_t ticks = 0;
  sample_shape shape;
  bool columns = false; ///< entries as the engine itself writes them; else lines, packed
};

/// Fills the log with the samples of the last `ticks` ticks, as if they had been written in their
/// time, so that windows are full when a measurement begins. Goes on with the ticks that pass
/// meanwhile. Gives the first tick that is not in the log. `told` hears of each tick and says
/// whether to go on.
result<std::int64_t> write_history(const redis_address&, const std::string& log_key,
                                   const history_options&,
                                   const std::function<bool(std::int64_t left)>& told);

} // namespace tocsin::bench
