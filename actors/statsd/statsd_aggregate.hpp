#pragma once

#include "actors/statsd/statsd_line.hpp"
#include "config/ways_in.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// What became of metrics, since the start.
struct statsd_counts {
  std::uint64_t taken = 0;       ///< metrics
  std::uint64_t malformed = 0;   ///< lines
  std::uint64_t unsupported = 0; ///< lines
  std::uint64_t refused = 0;     ///< metrics of more hosts or names than are kept
};

/// A line that was not taken, for people: quoted and cut.
struct statsd_refused_line {
  std::string text;
  const char* why;
};

/// Makes samples of StatsD metrics: an interval of them becomes one sample for each host that said
/// anything. Pure, told the time; owns what it remembers; one thread.
///
/// 1. A counter gives NAME.count; a gauge NAME, and it stays until it is set again (a value with a
///    sign is added to it, unless the line is DogStatsD's); a timer
///    NAME.count, NAME.latency_sum, NAME.latency_avg; a histogram or distribution NAME.count,
///    NAME.value_sum, NAME.value_avg. So counts and sums add up where two samples fall into one
///    tick. `fields` may give a name another; `.count` is not appended to what ends with it.
/// 2. What a host said earlier is reported as long as it says anything: counts as 0. A host that
///    says nothing has no sample: silence stays silence.
/// 3. A name, or a host, not heard for `forget_ms` is forgotten.
/// 4. At most 65,536 names over all hosts, of 10,000 hosts: with the longest names 65,536 ·
///    (2 · 200 + 200) bytes = 40 MB. What is beyond is refused, and counted.
class statsd_aggregate {
public:
  static constexpr std::size_t series_max = 65'536;
  static constexpr std::size_t hosts_max = 10'000;
  static constexpr std::int64_t forget_ms = 3'600'000;
  /// A text of samples ends beyond so many bytes, so that it is one request for the collector.
  static constexpr std::size_t body_bytes = std::size_t{1} << 20;

  /// `host` reports what names none.
  statsd_aggregate(std::string host, const text_map& fields);

  /// Takes what one packet holds: a metric a line.
  void take(std::string_view packet, std::int64_t now_ms);

  /// Ends the interval: samples with the time `ts_ms` as NDJSON, in texts of about `body_bytes`.
  std::vector<std::string> flush(std::int64_t ts_ms, std::int64_t now_ms);

  const statsd_counts& counts() const { return counts_; }
  std::size_t series() const { return series_; }

  /// The last lines that were malformed or refused since the last call, oldest first.
  static constexpr std::size_t refused_lines_max = 4;
  std::vector<statsd_refused_line> take_refused_lines();

private:
  struct running {
    double value = 0; ///< of a counter, a gauge; the sum of the others
    double count = 0; ///< of values, divided by their rates
    std::int64_t heard_ms = 0;
  };
  using series_key = std::pair<std::string, statsd_metric::kind>;
  struct speaker {
    std::map<series_key, running, std::less<>> all;
    std::int64_t heard_ms = 0;
    bool spoke = false; ///< in this interval
  };

  void take_line(std::string_view line, std::int64_t now_ms);
  void take_metric(std::string_view line, statsd_metric&, std::int64_t now_ms);
  void refuse(std::string_view line, const char* why);
  running* find(const statsd_metric&, std::int64_t now_ms);
  std::string_view field_of(std::string_view metric) const;
  void forget(speaker&, std::int64_t now_ms);

  std::string default_host_;
  std::map<std::string, std::string, std::less<>> fields_;
  std::map<std::string, speaker, std::less<>> hosts_;
  std::size_t series_ = 0;
  statsd_counts counts_;
  std::vector<statsd_refused_line> refused_lines_;
  bool text_may_follow_ = false; // of an event or a check, in this packet
};

} // namespace tocsin
