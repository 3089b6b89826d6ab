#pragma once

#include "streams/window/open_ticks.hpp"
#include "streams/window/sample_columns.hpp"
#include "streams/window/tick_history.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin {

struct field_value {
  std::string_view field;
  double value; ///< finite, within ±1e300, no −0
};

/// One host's report for one moment, as it goes into the windows.
struct sample_view {
  std::string_view host;
  std::int64_t ts_ms = 0;
  bool ts_named = true; ///< false: the sample did not name its time
  bool gone = false;
  std::string_view labels; ///< JSON object, empty: none
  std::span<const field_value> values;
  std::optional<std::string_view> server{}; ///< serverId: which server on the host speaks
};

/// A value that found no place, because as many other fields are known as may be.
struct homeless_field {
  std::string field, host;
};

enum class sample_fate : std::uint8_t {
  accepted,
  late,    ///< its tick is sealed: fills empty places in the windows
  early,   ///< its host's clock is ahead: dropped
  refused, ///< the table of hosts is full: dropped
  unknown, ///< of a host that was forgotten since: dropped (recovery only)
};

/// What became of the samples and values taken in so far.
struct intake_counts {
  std::uint64_t accepted = 0, late = 0, early = 0, refused = 0;
  std::uint64_t values_taken = 0, values_repeated = 0, values_dropped = 0;
};

/// A value that a host had said for this tick before.
struct repeated_value {
  host_index host;
  tick at;
};

/// Why a host was forgotten.
enum class farewell : std::uint8_t { gone, expired };

struct forgotten_host {
  host_index host;
  farewell why;
};

/// A field that rules look at, and their longest window on it in ticks.
struct watched_field {
  std::string name;
  std::int64_t window_ticks;
};

/// Takes samples into the tick ring: known hosts, merging, repetitions, the derived latency, late
/// fills, expiry (SEMANTICS in docs/semantics.md). Owned by the aggregator; one thread. Readers of
/// the ring may run between seal(n) and the next call of seal(), never during it.
///
/// Invariants:
/// 1. Ticks below next() are sealed: only seal() touches their rows.
/// 2. Ticks from next() to next() + ticks_ahead() are open.
/// 3. A host that is not known has no values anywhere and no first tick.
/// 4. The fields that rules look at, and those of the latency, always have a place. A value without
///    one changes nothing that a rule could see.
class intake {
public:
  /// requests.latency_avg and the two that it is derived from: these have a place in any case.
  static constexpr std::string_view latency_fields[] = {"requests.latency_avg",
                                                        "requests.latency_sum", "requests.count"};

  struct bounds {
    std::size_t hosts_max;
    std::size_t fields_max;
    std::int64_t host_expiry_ms;
  };
  /// The fields of `watched` have the indexes 0, 1, … in their order.
  intake(tick_grid grid, const bounds&, std::span<const watched_field> watched);

  /// Begins with tick `next`, and what is known of the ticks before it.
  void begin(tick next) { begin(next, tick_history(next)); }
  void begin(tick next, tick_history before);
  bool begun() const { return next_ != tick_min; }
  /// The tick it began with.
  tick begun_at() const { return begun_at_; }
  tick next() const { return next_; }

  sample_fate apply(const sample_view&, log_position at = {});

  /// Told of samples and their fates; those of columns show host and time only.
  using observer = std::function<void(const sample_view&, sample_fate)>;
  /// Does what apply() of every sample does, in their order, but for those of an earlier time than
  /// `from_ms`, which it passes over. Many times faster where hosts and fields are known.
  void apply(const sample_columns&, log_position at = {}, std::int64_t from_ms = 0,
             const observer& seen = {});

  /// Seals next(): late values fill their places, hosts expire, so do fields that no rule looks at,
  /// the tick is published. Returns the
  /// hosts that were forgotten; their names stay readable until the next seal.
  std::span<const forgotten_host> seal(bool blind);

  /// Hosts that differ from what the registry holds since the last call, and are still known.
  std::vector<host_index> take_changed();
  /// The first ticks of a host, by field.
  std::vector<std::pair<field_index, tick>> first_ticks(host_index) const;

  /// How many non-blind ticks were sealed up to the host's last sample.
  std::int64_t non_blind_at_last(const host_state&) const;

  /// Seals so many ticks at once in which nothing can happen: no host reported in them, or in any
  /// window that ends in them, and none can expire.
  void skip(std::int64_t ticks, bool blind);

  /// While following a record of seals, what is known of hosts comes from the registry alone:
  /// other hosts and fields are ignored, and no host expires.
  void follow(bool on) { following_ = on; }

  /// Puts a host of the registry back (recovery); none when the table is full.
  std::optional<host_index> restore_host(std::string_view name, log_position since,
                                         std::string_view labels, tick last_sample,
                                         std::int64_t non_blind);
  void restore_first(host_index, std::string_view field, tick first);

  const tick_grid& grid() const { return grid_; }
  const host_table& hosts() const { return hosts_; }
  host_table& hosts() { return hosts_; }
  const field_table& fields() const { return fields_; }
  const tick_ring& ring() const { return ring_; }
  const tick_history& history() const { return history_; }
  const intake_counts& counts() const { return counts_; }
  void reset_counts() { counts_ = {}; }
  /// Some of the values counted as repeated since the last call: examples, at most 16.
  std::vector<repeated_value> take_repeated() { return std::exchange(repeated_, {}); }
  /// The newest tick of a sample that was accepted; tick_min: none.
  tick newest() const { return newest_; }
  std::int64_t expiry_ticks() const { return expiry_ticks_; }

  /// The first value that found no place since the table of fields is full, and the first host
  /// since that of hosts is; none as long as there is room.
  const std::optional<homeless_field>& homeless() const { return homeless_; }
  const std::optional<std::string>& refused() const { return refused_; }
  /// Who was the first to report most of the fields that are known, and how many; none: nobody.
  std::optional<std::pair<std::string, std::size_t>> most_fields() const;
  /// When each field was reported last. An engine that reads the partition back does not know, and
  /// counts from there, unless it is told by the one before.
  std::vector<std::pair<std::string, tick>> last_reports() const;
  void restore_last_report(std::string_view field, tick last);

private:
  struct late_value {
    host_index host;
    field_index field;
    tick at;
    double value; // NaN: derive it
  };
  // Late values that wait for the next seal: 4 Mi × 32 B.
  static constexpr std::size_t late_values_max = std::size_t{1} << 22;

  // Samples of one tick, each of another host, whose values go into the windows column by column.
  struct batch {
    struct member {
      host_index host;
      std::uint32_t row;
      open_ticks::stamp_word stamp;
      std::uint32_t server;                    // place in `servers`
      bool further;                            // the host had brought a value to the tick before
      bool brought;                            // the sample has brought one
      bool repeated = false, homeless = false; // it has a value that was known, or had no place
    };
    struct shape {
      std::vector<member> members;
      std::vector<std::optional<field_index>> fields; // none: the table of fields is full
      std::uint32_t rows_seen = 0;
      bool ready = false;
      bool has_avg = false, has_latency = false;
    };
    tick at = tick_min;
    std::uint32_t number = 0;
    std::vector<std::uint32_t> touched; // shapes with members
    std::vector<shape> shapes;
    std::vector<host_index> hosts;               // of the columns
    std::vector<open_ticks::server_key> servers; // behind a 0 for none
    std::vector<field_value> values;
  };
  bool ready(const sample_columns&, std::uint32_t shape);
  sample_fate apply_one(const sample_columns&, std::size_t i, std::uint32_t row, log_position at);
  sample_fate join_batch(const sample_columns&, std::size_t i, std::uint32_t row, log_position at);
  host_index host_of(const sample_columns&, std::size_t i);
  void flush_batch(const sample_columns&);
  void take_column(batch::shape&, field_index, const double* values);
  void settle_batch(batch::shape&);

  // What becomes of a value.
  enum class taking : std::uint8_t { taken, repeated, homeless, dropped };
  std::optional<field_index> known_field(std::string_view name, host_index by = host_table::none,
                                         std::int64_t window_ticks = 1);
  void note_homeless(std::string_view field, host_index);
  void forget_fields(tick n);
  bool is_kept(field_index) const;
  sample_fate apply_late(const sample_view&, tick n, log_position at);
  void note_leave(host_state&, const sample_view&, tick n, bool late);
  taking take_value(host_index, const field_value&, tick n, open_ticks::stamp);
  double& place_of(host_index, field_index, tick n);
  bool value_before_first(host_index, field_index, tick n) const;
  void note_first(host_index, field_index, tick n);
  void note_changed(host_index);
  std::optional<double> derived_latency(host_index, tick n) const;
  double value_at(host_index, std::optional<field_index>, tick n) const;
  void settle_latency(host_index, tick n, bool derive);
  void fill_late(const late_value&);
  void queue_late(host_index, field_index, tick n, double value);
  void expire_hosts(tick n);
  std::optional<host_index> add_host(std::string_view name);
  void clear(host_index);
  void note_repeated(host_index h, tick n) {
    ++counts_.values_repeated;
    if (repeated_.size() < repeated_max &&
        (repeated_.empty() || repeated_.back().host != h || repeated_.back().at != n))
      repeated_.push_back({h, n});
  }
  static constexpr std::size_t repeated_max = 16;

  tick_grid grid_;
  std::int64_t expiry_ticks_;
  host_table hosts_;
  field_table fields_;
  tick_ring ring_;
  open_ticks open_;
  tick_history history_;
  intake_counts counts_;
  std::vector<repeated_value> repeated_;
  tick next_ = tick_min;
  tick begun_at_ = tick_min;
  tick newest_ = tick_min;
  bool following_ = false;
  std::vector<late_value> late_values_;
  std::vector<forgotten_host> forgotten_;
  std::vector<host_index> changed_;
  std::optional<field_index> latency_avg_, latency_sum_, latency_count_;
  std::size_t watched_; // fields below it are those of rules
  struct report {
    tick last;
    std::string first_by;
  };
  std::vector<report> reports_; // by field
  std::optional<homeless_field> homeless_;
  std::optional<std::string> refused_;
  batch batch_;
};

} // namespace tocsin
