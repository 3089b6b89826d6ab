#pragma once

#include "streams/window/intake.hpp"
#include "streams/window/value_total.hpp"

#include <array>
#include <boost/circular_buffer.hpp>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// What all hosts together reported, per sealed tick and field: what a chart of the cluster shows.
/// Written by the aggregator after each seal, and from the log for the time before this process
/// was; read by any thread.
///
/// 1. Ticks follow each other without a hole, in one grid. A tick that does not follow the last
///    one, or another grid, begins it anew.
/// 2. At most `fields_max` fields: the documented ones, those of rules, then others as they appear.
///    Those of one tick are `places`; a field keeps its place as long as the process lives.
/// 3. Late values are added to their tick. Values of a host that was forgotten stay.
/// 4. Memory: 1 KiB a tick, 4 MiB at most.
class cluster_history {
public:
  static constexpr std::size_t fields_max = 32;
  static constexpr std::int64_t span_ms = 5 * 3'600'000;
  static constexpr std::int64_t ticks_min = 1'800, ticks_max = 4'096;

  struct row {
    tick at = 0;
    bool blind = false;
    std::array<value_total, fields_max> places;
  };
  struct field_value_total {
    std::string field;
    value_total total;
  };
  struct newest_tick {
    tick at;
    tick_grid grid;
    bool blind;
    std::vector<field_value_total> fields; ///< those with values
  };

  cluster_history();

  /// The newest tick; nothing before the first.
  std::optional<newest_tick> last() const;

  struct extent {
    tick first = 0, last = -1; ///< none: last < first
    tick_grid grid;
    std::int64_t ticks = 0; ///< as many are kept at most
    bool holds(tick n) const { return n >= first && n <= last; }
  };
  extent reach() const;

  /// Where the totals of a field stand in a row; none: it is not kept.
  std::optional<std::size_t> place_of(std::string_view field) const;
  /// The fields that are kept, by place.
  std::vector<std::string> fields() const;
  /// Copies what there is of the ticks from `from` to `to`, oldest first.
  std::vector<row> rows(tick from, tick to) const;

  /// Those of them that were blind.
  std::vector<tick> blind_ticks(tick from, tick to) const;

  /// Takes the totals of a tick that was just sealed, and the late values that came with it.
  void push(const tick_grid&, const row&, const intake&);
  /// Takes rows read from the log, oldest first, without a hole: those next to what there is, or
  /// all where there is nothing, or older rows only. Rows that are there stay, but for `replace`.
  void put(const tick_grid&, const std::vector<row>&, bool replace = false);
  /// Where the past begins. `of_all`: there was nothing before; `other_grid`: another interval or
  /// grace was in force; else it is not in the log any more.
  struct beginning {
    tick at;
    bool of_all;
    bool other_grid = false;
  };
  /// Nothing before that tick can be read from the log: who asks for it need not look.
  void note_beginning(const beginning&);
  /// Says so where there is nothing to be had before the first tick.
  std::optional<beginning> begins() const;
  /// The places of an engine's fields, by field_index; gives new ones where there is room.
  std::vector<std::optional<std::size_t>> places(const field_table&);

private:
  void begin(const tick_grid&);
  void add_late(const intake&);
  row* find(tick n);
  std::optional<std::size_t> place_under_lock(std::string_view field) const;

  mutable std::mutex mutex_;
  tick_grid grid_{0, 0};
  boost::circular_buffer<row> rows_;
  std::vector<std::string> fields_; // by place
  std::optional<beginning> beginning_;
};

} // namespace tocsin
