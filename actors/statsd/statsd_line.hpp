#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin {

/// One metric as a StatsD client wrote it: NAME:VALUE[:VALUE…]|TYPE[|@RATE][|#TAG,TAG…], with tags
/// behind the name where the client is not DogStatsD's. Refers to the text.
struct statsd_metric {
  enum class kind : std::uint8_t { counter, gauge, timer, histogram };
  std::string_view name;   ///< without tags
  std::string_view values; ///< one or more, divided by colons; each was found to be a number
  kind type = kind::counter;
  double rate = 1;       ///< of sampling, above 0 and at most 1
  std::string_view host; ///< of the tag `host`, else empty
  bool sets = false;     ///< a section says that DogStatsD speaks: a gauge's sign is its value's
};

/// What a line was found to be.
struct statsd_verdict {
  enum class kind : std::uint8_t {
    metric,
    malformed,   ///< no metric, or a name, value, rate or tag that cannot be
    unsupported, ///< a set, an event, a service check
  };
  kind what = kind::metric;
  const char* why = ""; ///< of what is malformed, for people
};

/// Reads one line. Names and hosts are 1 to 200 printable ASCII characters without blanks; values
/// lie within ±1e300. Of the tags only the host is taken, in any of these forms:
///
///   NAME:1|c|#host:web-1,TAG       DogStatsD
///   NAME,host=web-1,KEY=VALUE:1|c  Telegraf
///   NAME#host=web-1,KEY=VALUE:1|c  Librato
///   NAME;host=web-1;KEY=VALUE:1|c  Graphite
///   NAME[host=web-1,KEY=VALUE]:1|c SignalFx; the brackets may stand in front of the name, too
///
/// Sections of DogStatsD's (a time, a container, a cardinality, what else is `word:…`) are left
/// alone.
statsd_verdict read_statsd_line(std::string_view line, statsd_metric& out);

/// Whether a line may be one of the text of a DogStatsD event or service check before it in a
/// packet, which may hold line ends: it has not the shape of a metric.
bool may_be_text(std::string_view line);

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
