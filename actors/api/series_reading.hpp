#pragma once

#include "actors/api/api_context.hpp"
#include "actors/api/series.hpp"
#include "streams/partition/cluster_tally.hpp"
#include "streams/partition/host_series.hpp"
#include "streams/partition/log_scan.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace tocsin {

/// One question about a series on its way to its answer: what memory has is taken from there, and
/// the log is read for what was before.
class series_reading {
public:
  series_reading(const api_context& ctx, series_question q)
      : ctx_(ctx), q_(std::move(q)), now_ms_(ctx.unix_ms()) {}

  /// Of all hosts, where the history has it all.
  std::optional<http::response> from_memory();
  /// Takes what the engine holds of the host: the newest part. True: that is all.
  bool take(const host_series& part);
  /// What was not taken yet comes from the log.
  result<http::response> read(redis::connection& c, const query_desk::go_on& go_on);
  http::response answer() const;
  /// How many values the answer has of each kind.
  std::size_t size() const { return frame_.steps() * q_.fields.size(); }

private:
  using rows = std::vector<cluster_history::row>;

  void begin(const tick_grid& grid, tick newest);
  const char* why_incomplete() const;
  bool is_fresh() const;
  bool find_places();
  void take(const rows& from, tick least, tick most);
  status read_past(redis::connection& c, tick until, const std::function<bool()>& go_on);
  status continue_history(redis::connection& c, const std::function<bool()>& go_on);
  tick take_history();
  std::int64_t window_of(const std::string& field) const;
  result<log_scan> open(redis::connection& c, tick first, tick last) const;
  cluster_tally::places places_of(const field_table& table) const;

  const api_context ctx_;
  const series_question q_;
  const std::int64_t now_ms_;
  tick_grid grid_;
  series_frame frame_;
  std::optional<series_steps> steps_;
  std::vector<std::size_t> places_; // of the fields in rows
  bool kept_ = false;               // rows are those of the history
  tick newest_ = tick_min;          // sealed
  tick known_from_ = 0;
  bool of_all_ = false;                // there was nothing before known_from_
  bool other_grid_ = false;            // another interval or grace was in force before it
  bool stopped_ = false;               // the log was not read so far back: it took too long
  bool windows_ = false, log_ = false; // where something came from
};

} // namespace tocsin
