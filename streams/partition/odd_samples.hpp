#pragma once

#include "streams/window/intake.hpp"

#include <boost/circular_buffer.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tocsin {

/// The last samples that did not simply go into their tick, for people who look for the reason.
/// Pure; some 10 KB. What is told of a sample that was accepted costs nothing.
class odd_samples {
public:
  static constexpr std::size_t kept_max = 16;

  struct late_or_early {
    std::int64_t at_ms; ///< log time at which it came
    std::string host;
    std::int64_t ts_ms; ///< its own time
  };
  struct repetition {
    std::int64_t at_ms;
    std::string host;
    std::int64_t tick_ms; ///< start of the tick in which a value was there already
  };
  using samples = boost::circular_buffer<late_or_early>;
  using repetitions = boost::circular_buffer<repetition>;

  void note(std::string_view host, sample_fate, std::int64_t at_ms, std::int64_t ts_ms);
  /// Values that were said twice, as the intake noticed them.
  void note(const intake&, std::span<const repeated_value>, std::int64_t at_ms);

  const samples& late() const { return late_; }
  const samples& early() const { return early_; }
  const repetitions& repeated() const { return repeated_; }

private:
  samples late_{kept_max}, early_{kept_max};
  repetitions repeated_{kept_max};
};

} // namespace tocsin
