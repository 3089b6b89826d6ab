#pragma once

#include "streams/partition/tick_record.hpp"
#include "streams/sample/host_record.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tocsin {

/// What a scan looks for, and what it may take.
struct scan_want {
  /// The fields, and how many ticks of each stay readable up to the newest; so far back late values
  /// fill their places. They have the indexes 0, 1, … in this order.
  std::vector<watched_field> fields;
  bool every_field = false;                       ///< the others, too, with windows of two ticks
  std::optional<std::string> host;                ///< this one alone
  intake::bounds bounds;                          ///< of the engine
  std::size_t bytes_max = std::size_t{256} << 20; ///< of windows and hosts
  unsigned decoders = 0;                          ///< threads beside the caller's
};

/// How a reading ended.
enum class scan_end : std::uint8_t {
  whole,     ///< every tick asked for was visited
  stopped,   ///< go_on said so
  too_large, ///< hosts and fields take more than bytes_max
  trimmed,   ///< the log was cut off under it: what was visited may lack values
};

/// Reads past ticks from the log in Redis along the record of seals, merged as the engine merged
/// them: after each seal the windows are as the engine's were then. For what is older than the
/// engine's own windows. Changes nothing.
///
/// 1. Exact from the first tick of a reading on. Of ticks before it nothing is known: who needs the
///    window of `n` ticks that ends at t reads from t - n + 1 on; who needs the late values that
///    came up to k ticks after t reads until t + k (they are patches of the ring after a seal).
/// 2. Only rows in `grid` that follow each other without a hole: at another interval or grace, and
///    at a hole, the past ends.
/// 3. Hosts are known as the registry knows them, where it holds them and no more than
///    `registry_max`; others from their first sample in the reading on.
/// 4. Memory: rows_max rows of the record, bytes_max, and what walk_log takes. Time: go_on is asked
///    at every entry.
class log_scan {
public:
  static constexpr std::size_t rows_max = 200'000;    // of some 150 B
  static constexpr std::size_t registry_max = 20'000; // records of some 300 B with ten fields
  /// How long late values are waited for where nobody says otherwise.
  static constexpr std::int64_t late_ticks = 30;

  /// Finds the ticks of a span of time (ms, both ends in it) that lie in the log.
  static result<log_scan> open(redis::connection&, const redis::partition_keys&,
                               const tick_grid& grid, scan_want want, std::int64_t from_ms,
                               std::int64_t to_ms);

  /// The sealed ticks of the span whose values are all in the log; none: last() < first().
  tick first() const { return first_; }
  tick last() const { return last_; }
  /// Whether nothing was before first(): with it the partition began, and nothing was cut off.
  bool from_the_beginning() const { return very_first_ && first_ == rows_.front().sealed; }
  /// Whether the past ends where another interval or grace was in force.
  bool at_other_grid() const { return other_grid_; }
  /// The newest tick of the record, in the span or not, as `to_ms` and 64 ticks more reach.
  tick newest() const { return rows_.empty() ? tick_min : rows_.back().sealed; }
  /// How many ticks after its own a value may come and still fill its place.
  std::int64_t reach() const;
  /// Whether a tick of the record was blind.
  bool blind(tick n) const { return row(n).blind; }

  /// Called after each seal: nothing is being written, the row of `sealed` is the newest.
  using visitor = std::function<void(const intake&, tick sealed)>;
  /// Visits the ticks from `from` (first() or later) to `to` (newest() or earlier), oldest first.
  /// Whoever wants the newest part when time runs out reads parts, the newest first.
  result<scan_end> read(redis::connection&, tick from, tick to, const visitor& visit,
                        const std::function<bool()>& go_on);

private:
  log_scan(const redis::partition_keys& keys, const tick_grid& grid, scan_want want)
      : keys_(keys), grid_(grid), want_(std::move(want)) {}
  const recorded_tick& row(tick n) const {
    return rows_[static_cast<std::size_t>(n - rows_.front().sealed)];
  }
  status load_rows(redis::connection&, std::int64_t from_ms, std::int64_t to_ms);
  status load_registry(redis::connection&);
  void restore_hosts(intake&, const sample_filter&, log_position start) const;
  tick whole_from(log_position oldest) const;
  std::vector<watched_field> watched() const;

  redis::partition_keys keys_;
  tick_grid grid_;
  scan_want want_;
  std::vector<recorded_tick> rows_;       // without a hole
  log_position first_start_;              // behind which the entries of the first row are read,
  bool first_whole_ = false;              // and whether all of them are
  bool very_first_ = false;               // that row is the first of all
  bool other_grid_ = false;               // the row before it is in another grid
  std::optional<std::size_t> host_count_; // once the registry was read
  std::vector<std::pair<std::string, host_record>> registry_;
  tick first_ = 0, last_ = -1;
};

/// The value of a host at a tick that a window holds; NaN: none.
double value_of(const intake& in, host_index host, field_index field, tick n);

} // namespace tocsin
