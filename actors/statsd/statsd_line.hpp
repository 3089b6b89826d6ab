#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin {

/// One metric as a StatsD client wrote it: NAME:VALUE[:VALUE…]|TYPE[|@RATE][|#TAG,TAG…]. Refers to
/// the text.
struct statsd_metric {
  enum class kind : std::uint8_t { counter, gauge, timer, histogram };
  std::string_view name;
  std::string_view values; ///< one or more, divided by colons; each was found to be a number
  kind type = kind::counter;
  double rate = 1;       ///< of sampling, above 0 and at most 1
  std::string_view host; ///< of the tag `host:`, else empty
};

/// What a line was found to be.
enum class statsd_verdict : std::uint8_t {
  metric,
  malformed,   ///< no metric, or a name, value, rate or host that cannot be
  unsupported, ///< a set, an event, a service check, a metric with a time of its own
};

/// Reads one line. Names and hosts are 1 to 200 printable ASCII characters without blanks; values
/// lie within ±1e300. Tags other than `host:` and the id of a container are left alone.
statsd_verdict read_statsd_line(std::string_view line, statsd_metric& out);

/// A number of `values`; a sign in front of a gauge's says that it is added.
struct statsd_value {
  double number = 0;
  bool is_signed = false;
};

/// Takes the first value off the front; none when there is no more, or what is there is no number.
std::optional<statsd_value> next_statsd_value(std::string_view& values);

/// Names and hosts are at most so long: there is room for what is appended to a name.
inline constexpr std::size_t statsd_name_bytes_max = 200;

} // namespace tocsin
