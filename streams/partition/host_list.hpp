#pragma once

#include "streams/partition/engine.hpp"
#include "streams/partition/host_history.hpp"
#include "streams/partition/host_words.hpp"
#include "streams/partition/label_match.hpp"
#include "streams/partition/span_column.hpp"
#include "streams/partition/summary_column.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tocsin {

/// A value per host: what an aggregation gives of a field over the span that is asked for.
struct shown_column {
  aggregation what;
  std::string field;
};

/// Which hosts are asked for, what of them, and in which order.
struct host_list_question {
  enum class state : std::uint8_t { any, reporting, silent };
  enum class order : std::uint8_t { host, open, last_sample, column };
  std::string search = {}; ///< part of the name, ASCII letters in either case
  host_words words = {};   ///< of the name and labels
  std::vector<label_match> labels = {};
  state is = state::any;
  std::int64_t span_ms = 300'000;
  std::vector<shown_column> columns = {};
  order by = order::host;
  std::size_t by_column = 0;
  bool descending = false;
  bool then_by_column = false; ///< of those alike: where hosts are not sorted by a column already
  bool then_descending = false;
  std::size_t offset = 0;
  std::size_t limit = 50;
};

/// One host of the page. The views hold during the call that shows it.
struct host_row {
  std::string_view name, labels; ///< labels: a JSON object; empty: none
  tick last_sample;              ///< tick_min: none
  bool silent;
  std::size_t open;             ///< incidents
  std::size_t servers;          ///< that report from it; 0: its samples do not say
  std::vector<double> values{}; ///< by column; NaN: none
};

/// A host is silent when the last so many sealed ticks have no sample of it.
inline constexpr std::int64_t silent_ticks = 3;
bool is_silent(const host_state&, const intake&);

/// Answers a host_list_question step by step; ticks may be sealed between two steps. Hosts are gone
/// through block by block, of which the first offset + limit are kept in order; what is shown of
/// them is computed in the end, for the page alone.
///
/// 1. A step takes about a millisecond at most, whatever hosts, rules and windows there are.
/// 2. Memory: 24 bytes for each of offset + limit hosts, and a block's columns.
/// 3. All values are of the ticks up to newest(). When more than one tick was sealed since, rows of
///    those may be taken over and indexes of hosts given away: then it begins anew. So it does when
///    the past lost ticks.
class host_list {
public:
  struct receiver {
    std::function<void()> begin; ///< there are no rows (any more)
    std::function<void(const host_row&)> row;
  };
  host_list(host_list_question, receiver);

  /// true: that was the last step. Values are of the windows, or of the past where that has more.
  bool step(const partition_engine&, const host_history& past);

  // After the last step.
  std::size_t total() const { return total_; }               ///< hosts known
  std::size_t matched() const { return matched_; }           ///< of them
  std::size_t silent() const { return silent_; }             ///< of those
  std::size_t total_silent() const { return total_silent_; } ///< of all known
  tick newest() const { return newest_; } ///< the last sealed tick; tick_min: none
  /// Over how many ticks columns are: no more than is known of all their fields. Where single
  /// ticks do not reach so far, those of the oldest minute are all in it (host_summaries).
  std::int64_t span_ticks() const { return ticks_; }

private:
  enum class stage : std::uint8_t { begin, match, keep, sort, show };
  struct kept {
    double key;  // NaN: none
    double then; // of those alike; NaN: none
    host_index host;
  };
  void begin(const partition_engine&);
  void find_span(const intake&);
  void begin_block(const partition_engine&);
  bool is_summed(std::size_t column) const { return summed_from_ && fields_[column]; }
  void begin_column(const intake&);
  bool column_step();
  double column_value(std::size_t place) const;
  double value_of(std::size_t column, host_index, const intake&) const;
  const field_block* values_of(std::size_t column, std::size_t block, const intake&) const;
  bool match(const partition_engine&);
  bool matches(const host_state&, const intake&);
  bool keep(const partition_engine&);
  bool needs_column() const;
  double key_of(host_index, const intake&) const;
  bool offer(kept, const host_table&);
  bool sort(const host_table&);
  std::int64_t reads_of_value() const;
  bool show(const partition_engine&);
  void show(host_index, const partition_engine&);
  bool before(const kept&, const kept&, const host_table&) const;

  host_list_question asked_;
  receiver to_;
  stage stage_ = stage::begin;
  tick newest_ = tick_min;
  const host_history* past_ = nullptr; // during a step
  std::uint64_t past_version_ = 0;
  std::int64_t ticks_ = 1;
  std::optional<tick> summed_from_;                // further back than single ticks reach
  std::vector<std::optional<field_index>> fields_; // of the columns
  std::size_t total_ = 0, matched_ = 0, silent_ = 0, total_silent_ = 0;

  std::size_t block_ = 0;         // under way
  std::size_t place_ = 0;         // in it, or in found_, or in kept_
  std::vector<host_index> found_; // of the block
  span_column column_;            // of the block, where hosts are sorted by one
  summary_column summed_column_;  // the same, where it reaches further back
  std::array<std::uint32_t, block_hosts> open_;
  std::vector<kept> kept_; // a heap, the last of them on top; then in order from sorted_ on
  std::size_t sorted_ = 0;
  std::string text_; // scratch
};

} // namespace tocsin
