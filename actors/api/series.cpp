#include "actors/api/series.hpp"

#include "config/json_text.hpp"
#include "config/memory.hpp"
#include "streams/partition/cluster_past.hpp"
#include "streams/partition/series_steps.hpp"
#include "streams/rule/iso_time.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::int64_t read_ms_max = 8'000;    // below what the desk allows
constexpr std::int64_t chunk_ms = 500;         // a chunk may take about so long
constexpr std::int64_t ticks_first = 128;      // of the newest chunk
constexpr std::int64_t ticks_most = 4'096;     // of a chunk: 4 MiB of totals
constexpr std::int64_t behind_ticks_max = 512; // the history may lack so many, and be continued

/// One question on its way to its answer.
class series_reading {
public:
  series_reading(const api_context& ctx, series_question q)
      : ctx_(ctx), q_(std::move(q)), now_ms_(ctx.unix_ms()) {}

  /// From memory, where that has it all.
  std::optional<http::response> from_memory();
  result<http::response> read(redis::connection& c, const query_desk::go_on& go_on);

private:
  using rows = std::vector<cluster_history::row>;

  void begin(const tick_grid& grid, tick newest);
  bool find_places();
  void take(const rows& from, tick least, tick most);
  status read_past(redis::connection& c, tick until, const std::function<bool()>& go_on);
  status continue_history(redis::connection& c, const std::function<bool()>& go_on);
  result<log_scan> open(redis::connection& c, tick first, tick last) const;
  cluster_tally::places places_of(const field_table& table) const;
  http::response answer() const;

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
  bool windows_ = false, log_ = false; // where something came from
};

// All fields in the history: then rows are as it has them; else in the order of the question.
bool series_reading::find_places() {
  kept_ = !q_.host;
  for (const auto& f : q_.fields)
    kept_ = kept_ && ctx_.history.place_of(f);
  for (std::size_t i = 0; i < q_.fields.size(); ++i)
    places_.push_back(kept_ ? *ctx_.history.place_of(q_.fields[i]) : i);
  return kept_;
}

void series_reading::begin(const tick_grid& grid, tick newest) {
  grid_ = grid;
  newest_ = newest;
  frame_ = series_frame::of(grid, q_.from_ms, q_.to_ms, q_.step_ms, newest);
  steps_.emplace(frame_, q_.fields.size());
  known_from_ = frame_.last + 1;
}

void series_reading::take(const rows& from, tick least, tick most) {
  for (const auto& row : from) {
    if (row.at < least || row.at > most)
      continue;
    for (std::size_t f = 0; f < places_.size(); ++f)
      if (row.places[places_[f]].count > 0)
        steps_->add(f, row.at, row.places[places_[f]]);
    if (row.blind)
      steps_->note_blind(row.at);
  }
}

http::response series_reading::answer() const {
  auto steps = *steps_;
  if (frame_.last >= frame_.first)
    steps.know_from(known_from_);
  const bool complete = frame_.last >= frame_.first && known_from_ <= frame_.first &&
                        frame_.first <= grid_.of(q_.from_ms);
  const auto* source = windows_ && log_ ? "both" : log_ ? "log" : "windows";
  return {.body =
              fmt::format(R"({{"host":{},{},"complete":{},"source":"{}","asOf":"{}"}})"
                          "\n",
                          q_.host ? quote_json(*q_.host) : "null", steps.json(q_.fields), complete,
                          source, iso_time(newest_ < 0 ? now_ms_ : grid_.end_ms(newest_)))};
}

std::optional<http::response> series_reading::from_memory() {
  if (!find_places())
    return std::nullopt;
  const auto there = ctx_.history.reach();
  if (there.last < there.first)
    return std::nullopt;
  begin(there.grid, there.last);
  const auto age_ms = now_ms_ - grid_.end_ms(there.last);
  const bool fresh = grid_.of(q_.to_ms - 1) <= there.last ||
                     age_ms < 2 * grid_.interval_ms + grid_.grace_ms + 1'000;
  if (!fresh || (there.first > frame_.first && !ctx_.history.begins()))
    return std::nullopt;
  take(ctx_.history.rows(frame_.first, frame_.last), frame_.first, frame_.last);
  known_from_ = std::max(frame_.first, there.first);
  windows_ = true;
  return answer();
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
    want.fields.push_back({name, log_scan::late_ticks + 1});
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
    if (*end != scan_end::whole)
      return done{};
    take(part, frame_.first, to);
    if (kept_)
      ctx_.history.put(grid_, part);
    known_from_ = from;
    log_ = true;
    if (ctx_.monotonic_ms() - began < chunk_ms)
      ticks = std::min(2 * ticks, ticks_most);
    to = from - 1;
  }
  if (kept_ && scan->first() > frame_.first)
    ctx_.history.note_beginning(scan->first());
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

result<http::response> series_reading::read(redis::connection& c, const query_desk::go_on& go_on) {
  find_places();
  const auto until_ms = ctx_.monotonic_ms() + read_ms_max;
  const auto may = [&] { return go_on() && ctx_.monotonic_ms() < until_ms; };
  const auto row = redis::last_tick(c, ctx_.keys);
  if (!row)
    return row.failure();
  if (!*row) { // nothing was ever sealed
    begin({ctx_.config.interval_ms, ctx_.config.grace_ms}, tick_min);
    return answer();
  }
  const auto record = read_record(**row);
  if (!record)
    return record.failure();
  begin(record->grid, record->sealed);
  auto until = frame_.last;
  if (kept_) {
    if (const auto s = continue_history(c, may); !s)
      return s.failure();
    const auto there = ctx_.history.reach();
    const bool near = frame_.last >= there.first || frame_.first > there.last - there.ticks;
    if (there.grid == grid_ && there.first <= there.last && there.last >= frame_.last && near) {
      take(ctx_.history.rows(frame_.first, frame_.last), frame_.first, frame_.last);
      windows_ = there.first <= frame_.last;
      known_from_ = there.first;
      until = there.first - 1; // so that what is read follows on what is there
    }
  }
  if (until >= frame_.first)
    if (const auto s = read_past(c, until, may); !s)
      return s.failure();
  return answer();
}

} // namespace

void add_series_routes(http::router& routes, const api_context& ctx) {
  routes.add("GET", "/api/v1/series", http::right::read, [ctx](auto what, auto answer) {
    const auto question = read_series_question(what, ctx.unix_ms());
    if (!question)
      return answer.send(question.failure());
    if (auto known = series_reading(ctx, *question).from_memory())
      return answer.send(std::move(*known));
    ctx.desk->ask([ctx, q = *question](
                      auto& c, auto& go_on) { return series_reading(ctx, q).read(c, go_on); },
                  std::move(answer), ctx.monotonic_ms());
  });
}

} // namespace tocsin
