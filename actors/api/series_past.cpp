#include "actors/api/series_reading.hpp"
#include "config/memory.hpp"
#include "streams/partition/cluster_past.hpp"

#include <algorithm>

namespace tocsin {

namespace {

constexpr std::int64_t read_ms_max = 8'000;    // below what the desk allows
constexpr std::int64_t chunk_ms = 500;         // a chunk may take about so long
constexpr std::int64_t ticks_first = 128;      // of the newest chunk
constexpr std::int64_t ticks_most = 4'096;     // of a chunk: 4 MiB of totals
constexpr std::int64_t behind_ticks_max = 512; // the history may lack so many, and be continued

} // namespace

// So far back late values of a field fill their places: as the engine's windows have it, which
// makes the latency's parts reach as far back as the latency.
std::int64_t series_reading::window_of(const std::string& field) const {
  const bool part = field == "requests.count" || field == "requests.latency_sum";
  const auto in_force = ctx_.rules.get();
  std::int64_t ticks = 2;
  for (const auto& r : in_force->rules)
    if (r.field == field || (part && r.field == "requests.latency_avg"))
      ticks = std::max(ticks, grid_.window_ticks(r.timeframe_ms));
  return std::min(ticks, log_scan::late_ticks + 1);
}

cluster_tally::places series_reading::places_of(const field_table& table) const {
  if (kept_)
    return ctx_.history.places(table);
  cluster_tally::places out(table.size());
  for (std::size_t i = 0; i < q_.fields.size(); ++i)
    if (const auto f = table.find(q_.fields[i]))
      out[*f] = i;
  return out;
}

result<log_scan> series_reading::open(redis::connection& c, tick first, tick last) const {
  scan_want want;
  for (const auto& name : kept_ ? ctx_.history.fields() : q_.fields)
    want.fields.push_back({name, window_of(name)});
  want.host = q_.host;
  const auto& s = ctx_.config;
  want.bounds = {hosts_within_memory(s), s.fields_max, s.host_expiry_ms};
  return log_scan::open(c, ctx_.keys, grid_, std::move(want), grid_.start_ms(first),
                        grid_.end_ms(last) - 1);
}

// The log up to tick `until`, the newest part first: what is not reached stays unknown.
status series_reading::read_past(redis::connection& c, tick until,
                                 const std::function<bool()>& go_on) {
  auto scan = open(c, frame_.first, until);
  if (!scan)
    return scan.failure();
  if (scan->last() < until) { // nothing follows on what is known
    known_from_ = until + 1;
    return done{};
  }
  rows part;
  auto ticks = ticks_first;
  for (auto to = until; to >= scan->first();) {
    const auto from = std::max(scan->first(), to - ticks + 1);
    const auto began = ctx_.monotonic_ms();
    const auto end = read_totals(
        c, *scan, from, to, [this](const field_table& t) { return places_of(t); }, go_on, part);
    if (!end)
      return end.failure();
    if (*end != scan_end::whole) {
      stopped_ = *end == scan_end::stopped;
      return done{};
    }
    take(part, frame_.first, to);
    if (kept_)
      ctx_.history.put(grid_, part);
    known_from_ = from;
    log_ = true;
    if (ctx_.monotonic_ms() - began < chunk_ms)
      ticks = std::min(2 * ticks, ticks_most);
    to = from - 1;
  }
  of_all_ = scan->from_the_beginning() && known_from_ <= scan->first();
  other_grid_ = scan->at_other_grid();
  if (kept_ && scan->first() > frame_.first)
    ctx_.history.note_beginning({scan->first(), scan->from_the_beginning(), other_grid_});
  return done{};
}

// While another engine evaluates, what it sealed since comes from the log; late values, too.
status series_reading::continue_history(redis::connection& c, const std::function<bool()>& go_on) {
  const auto there = ctx_.history.reach();
  if (there.last < there.first || there.last >= newest_ || newest_ - there.last > behind_ticks_max)
    return done{};
  auto scan = open(c, std::max(there.first, there.last + 1 - log_scan::late_ticks), newest_);
  if (!scan)
    return scan.failure();
  if (scan->last() < scan->first() || scan->first() > there.last + 1)
    return done{};
  rows part;
  const auto end = read_totals(
      c, *scan, scan->first(), scan->last(), [this](const field_table& t) { return places_of(t); },
      go_on, part);
  if (!end)
    return end.failure();
  if (*end == scan_end::whole)
    ctx_.history.put(grid_, part, true);
  return done{};
}

// What the history has, if what is to be read will follow on it; returns up to where that is.
tick series_reading::take_history() {
  const auto there = ctx_.history.reach();
  const bool near = frame_.last >= there.first || frame_.first > there.last - there.ticks;
  if (there.grid != grid_ || there.first > there.last || there.last < frame_.last || !near)
    return frame_.last;
  take(ctx_.history.rows(frame_.first, frame_.last), frame_.first, frame_.last);
  windows_ = there.first <= frame_.last;
  known_from_ = there.first;
  return there.first - 1;
}

result<http::response> series_reading::read(redis::connection& c, const query_desk::go_on& go_on) {
  find_places();
  const auto until_ms = ctx_.monotonic_ms() + read_ms_max;
  const auto may = [&] { return go_on() && ctx_.monotonic_ms() < until_ms; };
  const auto row = redis::last_tick(c, ctx_.keys);
  if (!row)
    return row.failure();
  if (!*row) { // nothing was ever committed
    if (!windows_)
      begin({ctx_.config.interval_ms, ctx_.config.grace_ms}, tick_min);
    return answer();
  }
  const auto record = read_record(**row);
  if (!record)
    return record.failure();
  auto until = known_from_ - 1;
  // Else ticks between what was taken and what can be read were not committed yet.
  const bool follows = windows_ && record->grid == grid_ && record->sealed >= until;
  if (!follows) {
    windows_ = false;
    begin(record->grid, record->sealed);
    until = frame_.last;
  }
  if (kept_) {
    if (const auto s = continue_history(c, may); !s)
      return s.failure();
    until = take_history();
  }
  if (until >= frame_.first)
    if (const auto s = read_past(c, until, may); !s)
      return s.failure();
  return answer();
}

} // namespace tocsin
