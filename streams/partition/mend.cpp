#include "streams/partition/mend.hpp"

#include "streams/partition/commit_builder.hpp"
#include "streams/partition/fill_open.hpp"
#include "streams/partition/tick_record.hpp"
#include "streams/redis/incident_stream.hpp"
#include "streams/redis/layout.hpp"
#include "streams/redis/partition_repair.hpp"
#include "streams/redis/stream_event.hpp"
#include "streams/rule/iso_time.hpp"
#include "streams/sample/host_record.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

using redis::stream_id;

constexpr std::uint32_t page = 1'000;
constexpr std::int64_t ahead_ms_max = 86'400'000; // of Redis's clock: else no tick was committed

stream_id id_in(const std::string& text) {
  return stream_id::parse(text).value_or(stream_id{});
}

stream_id row_id(std::int64_t end_ms) {
  return {static_cast<std::uint64_t>(std::max<std::int64_t>(end_ms, 0)), 0};
}

// An event as engines write it: its number stands in its id, too.
bool is_event(const redis::stream_entry& e) {
  return redis::read_stream_event(e) &&
         redis::parse_unsigned(redis::field_of(e, "seq")) == e.id.seq;
}

status expect_held(const result<redis::lease_outcome>& r) {
  if (!r)
    return r.failure();
  if (*r == redis::lease_outcome::refused)
    return error{"the partition changed hands while it was mended"};
  return done{};
}

class mender {
public:
  explicit mender(const recovery_task& t) : t_(t), c_(t.connection) {}

  result<std::optional<redis::progress_mark>> run() {
    if (auto s = redis::check_layout(c_, t_.keys, t_.cluster); !s)
      return s.failure();
    for (const auto step : {&mender::read, &mender::find_mark, &mender::clear_ticks,
                            &mender::clear_incidents, &mender::write, &mender::fill, &mender::log})
      if (auto s = (this->*step)(); !s)
        return s.failure();
    return mark_;
  }

private:
  status read();
  status find_mark();
  status begin_anew();
  status clear_ticks();
  status clear_incidents();
  status write();
  status fill();
  status log();

  status read_progress();
  result<std::optional<redis::tick_row>> row_at(std::int64_t end_ms);
  result<std::optional<stream_id>> last_event();
  result<std::int64_t> non_blind_of_hosts();
  bool is_plausible(const redis::progress_mark&) const;
  void set_row(std::int64_t end_ms, const std::string& log_id, std::int64_t non_blind);
  status clear(const std::string& stream, stream_id above, stream_id floor,
               const std::function<bool(const redis::stream_entry&)>& ours);
  std::int64_t interval() const { return t_.config.interval_ms; }

  const recovery_task& t_;
  redis::connection& c_;
  std::int64_t now_ms_ = 0;
  bool progress_there_ = false;
  std::optional<redis::progress_mark> mark_; // what to go on from
  std::optional<redis::tick_row> row_;       // to be added
  bool remade_ = false;                      // mark_ is to be written
  std::optional<recorded_tick> last_row_;
  std::optional<stream_id> last_event_;
  std::optional<redis::hash_sizes> held_; // what the hashes held after the commit of mark_
  redis::hash_sizes sizes_;               // and hold now
};

status mender::read_progress() {
  const auto& key = t_.keys.progress;
  auto r = c_.call({"HMGET", key, "tick", "part", "logId", "rules", "lastEventId"});
  if (!r)
    return r.failure();
  auto& e = r->elements;
  if (e.size() != 5)
    return redis::shape_error(c_, "HMGET " + key);
  progress_there_ = std::any_of(e.begin(), e.end(), [](auto& v) { return !v.is_nil(); });
  redis::progress_mark m{e[0].text, e[1].text, e[2].text, e[3].text, e[4].text};
  const auto part = read_part(m.part);
  if (redis::parse_unsigned(m.tick) && part.m > 0 && part.k <= part.m && part.k > 0 &&
      stream_id::parse(m.log_id) && stream_id::parse(m.last_event_id))
    mark_ = std::move(m);
  return done{};
}

result<std::optional<stream_id>> mender::last_event() {
  for (auto to = stream_id::greatest();;) {
    const auto entries = redis::last_events(c_, t_.keys.incidents, page, to);
    if (!entries)
      return entries.failure();
    for (auto e = entries->rbegin(); e != entries->rend(); ++e)
      if (is_event(*e))
        return std::optional(e->id);
    if (entries->size() < page)
      return std::optional<stream_id>();
    to = entries->front().id; // met twice, and no event
  }
}

status mender::read() {
  if (auto s = read_progress(); !s)
    return s;
  const auto now = c_.server_time_ms();
  auto row = last_record(c_, t_.keys);
  const auto sizes = redis::sizes_now(c_, t_.keys);
  if (!now || !row || !sizes)
    return !now ? now.failure() : !row ? row.failure() : sizes.failure();
  now_ms_ = *now;
  sizes_ = *sizes;
  last_row_ = std::move(*row);
  if (!mark_)
    return done{};
  const auto held = redis::sizes_after(c_, t_.keys, *mark_);
  if (!held)
    return held.failure();
  held_ = *held;
  return done{};
}

result<std::optional<redis::tick_row>> mender::row_at(std::int64_t end_ms) {
  std::optional<redis::tick_row> found;
  const auto scanned =
      redis::scan_ticks(c_, t_.keys, end_ms, end_ms, [&](auto row) { found = std::move(row); });
  return scanned ? result<std::optional<redis::tick_row>>(std::move(found)) : scanned.failure();
}

bool mender::is_plausible(const redis::progress_mark& m) const {
  const auto end_ms = static_cast<std::int64_t>(redis::parse_unsigned(m.tick).value_or(0));
  return end_ms > 0 && end_ms % interval() == 0 && end_ms <= now_ms_ + ahead_ms_max;
}

// Decides what to go on from: progress, the last row, or neither.
status mender::find_mark() {
  const auto end_ms =
      mark_ ? static_cast<std::int64_t>(*redis::parse_unsigned(mark_->tick)) : std::int64_t{0};
  if (mark_) {
    const auto there = row_at(end_ms);
    if (!there)
      return there.failure();
    // A row further above than the next tick's was committed: progress is of long ago.
    if (*there && last_row_ && last_row_->end_ms < end_ms + 2 * last_row_->grid.interval_ms)
      return done{};
  }
  const bool rows_end_before = !last_row_ || last_row_->end_ms < end_ms;
  const bool same_seal = last_row_ && mark_ && id_in(mark_->log_id) == to_id(last_row_->position);
  if (mark_ && rows_end_before && !same_seal && is_plausible(*mark_)) {
    const auto non_blind = non_blind_of_hosts();
    if (!non_blind)
      return non_blind.failure();
    t_.note(fmt::format("{} does not hold the last committed tick any more: windows begin anew, "
                        "and rules are blind to what came before {}",
                        t_.keys.ticks, iso_time(end_ms)));
    set_row(end_ms, mark_->log_id, std::max(*non_blind, last_row_ ? last_row_->non_blind : 0));
    mark_->part = "1/1";
    remade_ = true;
    return done{};
  }
  const auto event = last_event();
  if (!event)
    return event.failure();
  last_event_ = *event;
  const auto last = last_event_.value_or(mark_ ? id_in(mark_->last_event_id) : stream_id{});
  if (last_row_) {
    t_.note(fmt::format("{} {}: made again from the last row of {}, the tick that ends at {}",
                        t_.keys.progress, progress_there_ ? "was damaged" : "was missing",
                        t_.keys.ticks, iso_time(last_row_->end_ms)));
    mark_ = redis::progress_mark{std::to_string(last_row_->end_ms), "1/2",
                                 to_id(last_row_->position).text(), last_row_->rules, last.text()};
    held_.reset();
    remade_ = true;
    return done{};
  }
  mark_.reset();
  const bool left = last_event_ || progress_there_ || sizes_ != redis::hash_sizes{};
  return left ? begin_anew() : done{};
}

// Neither progress nor a row: everything up to now is held to be decided.
status mender::begin_anew() {
  const auto facts = redis::read_stream_facts(c_, t_.keys.samples);
  const auto non_blind = non_blind_of_hosts();
  if (!facts || !non_blind)
    return !facts ? facts.failure() : non_blind.failure();
  const tick_grid grid{interval(), t_.config.grace_ms};
  const auto last = last_event_.value_or(stream_id{});
  const auto last_ms = static_cast<std::int64_t>(std::min<std::uint64_t>(last.ms, INT64_MAX / 2));
  const auto end_ms = grid.start_ms(std::max(grid.of(now_ms_), grid.ceil_ticks(last_ms)));
  const auto log_id = facts->last_generated.text();
  t_.note(fmt::format("{} and {} were emptied: which ticks were evaluated is lost. Evaluating "
                      "begins anew at {}; samples from before are not evaluated any more, and "
                      "rules are blind to them",
                      t_.keys.progress, t_.keys.ticks, iso_time(end_ms)));
  mark_ = redis::progress_mark{std::to_string(end_ms), "1/1", log_id, hash_of(t_.config.rules),
                               last.text()};
  held_.reset();
  set_row(end_ms, log_id, *non_blind);
  remade_ = true;
  return done{};
}

// A blind row, behind which windows begin anew.
void mender::set_row(std::int64_t end_ms, const std::string& log_id, std::int64_t non_blind) {
  row_.emplace();
  row_->end_ms = end_ms;
  row_->log_id = log_id;
  row_->blind = true;
  row_->non_blind = non_blind;
  row_->rules = mark_->rules;
  const auto begin = last_row_ ? to_id(last_row_->begin) : id_in(log_id).next();
  row_->extra = {{"begin", begin.text()},
                 {"hb", "1"},
                 {"interval", std::to_string(interval())},
                 {"grace", std::to_string(t_.config.grace_ms)}};
}

// Hosts expire by the count of non-blind ticks: it must not begin anew below what they were given.
result<std::int64_t> mender::non_blind_of_hosts() {
  host_record_reader reader;
  std::int64_t most = 0;
  const auto scanned = redis::scan_hash(c_, t_.keys.hosts, [&](const auto&, const auto& json) {
    if (const auto record = reader.read(json))
      most = std::max(most, record->non_blind_ms / interval());
  });
  return scanned ? result<std::int64_t>(most) : scanned.failure();
}

// Removes what stands above the last commit and is not `ours`, and lets ids go on behind what is
// left, or `floor`.
status mender::clear(const std::string& stream, stream_id above, stream_id floor,
                     const std::function<bool(const redis::stream_entry&)>& ours) {
  std::vector<stream_id> strays;
  auto top = floor;
  for (auto after = above;;) {
    const auto entries = redis::events_after(c_, stream, after, page);
    if (!entries)
      return entries.failure();
    for (const auto& e : *entries)
      if (ours(e))
        top = std::max(top, e.id);
      else
        strays.push_back(e.id);
    if (entries->size() < page)
      break;
    after = entries->back().id;
  }
  const auto facts = redis::read_stream_facts(c_, stream);
  if (!facts)
    return facts.failure();
  if (strays.empty() && facts->last_generated <= std::max(above, top))
    return done{};
  if (!strays.empty())
    t_.note(fmt::format("{} had {} entries above the last commit that no engine wrote, the first "
                        "{}: nothing could be added below them, so they were removed",
                        stream, strays.size(), strays.front().text()));
  std::size_t at = 0;
  do {
    const auto n = std::min<std::size_t>(page, strays.size() - at);
    if (auto s = expect_held(redis::remove_strays(c_, t_.keys, t_.owner, stream,
                                                  std::span(strays).subspan(at, n), floor));
        !s)
      return s;
    at += n;
  } while (at < strays.size());
  return done{};
}

// The row of a tick whose commit broke off may stand above the last commit.
status mender::clear_ticks() {
  const auto end_ms = mark_ ? static_cast<std::int64_t>(*redis::parse_unsigned(mark_->tick)) : 0;
  const bool begun = last_row_ && last_row_->end_ms > end_ms &&
                     last_row_->end_ms < end_ms + 2 * last_row_->grid.interval_ms;
  const auto ours = [&](const redis::stream_entry& e) {
    return begun && e.id == row_id(last_row_->end_ms);
  };
  if (!row_)
    return clear(t_.keys.ticks, row_id(end_ms), row_id(end_ms), ours);
  return clear(t_.keys.ticks, row_id(end_ms - 1), {}, ours); // its own place must be free
}

status mender::clear_incidents() {
  const auto last = mark_ ? id_in(mark_->last_event_id) : stream_id{};
  const auto tick_ms = mark_ ? *redis::parse_unsigned(mark_->tick) : 0;
  const auto next_ms = tick_ms + 2 * static_cast<std::uint64_t>(interval());
  const auto ours = [&](const redis::stream_entry& e) {
    return mark_ && is_event(e) && e.id.ms >= tick_ms && e.id.ms < next_ms;
  };
  if (auto s = clear(t_.keys.incidents, last, last, ours); !s)
    return s;
  const auto facts = redis::read_stream_facts(c_, t_.keys.incidents);
  if (!facts)
    return facts.failure();
  if (facts->last_generated < last)
    t_.note(fmt::format("{} was emptied: events up to {} are lost to whoever has not read them, "
                        "and so are the groups of its consumers",
                        t_.keys.incidents, last.text()));
  return done{};
}

status mender::write() {
  return remade_ ? expect_held(redis::set_progress(c_, t_.keys, t_.owner, *mark_, row_)) : done{};
}

// The hashes: what is missing, and what of it can be put back.
status mender::fill() {
  if (!mark_)
    return done{};
  const auto& was = held_;
  if (was ? was->open > sizes_.open : remade_) {
    const auto back = fill_open(t_, id_in(mark_->last_event_id));
    if (!back)
      return back.failure();
    const auto now = redis::sizes_now(c_, t_.keys);
    if (!now)
      return now.failure();
    if (*back > 0)
      t_.note(fmt::format("{} lacked open incidents: {} were put back from the events of {}",
                          t_.keys.open, *back, t_.keys.incidents));
    if (was && was->open > now->open)
      t_.note(fmt::format("{} open incidents of {} are lost: no event will resolve them, and what "
                          "is still true opens anew",
                          was->open - now->open, t_.keys.open));
  }
  if (was && was->cooldowns > sizes_.cooldowns)
    t_.note(fmt::format("{} cooldowns of {} are lost: incidents may open again at once",
                        was->cooldowns - sizes_.cooldowns, t_.keys.cooldowns));
  if (was && was->hosts > sizes_.hosts)
    t_.note(fmt::format("{} hosts of {} are lost: they are known again when they report, and "
                        "their windows begin anew",
                        was->hosts - sizes_.hosts, t_.keys.hosts));
  return remade_ || !was || *was != sizes_ ? expect_held(redis::note_held(c_, t_.keys, t_.owner))
                                           : done{};
}

// Ids of the log must rise above the last that was read, or nobody would read what comes.
status mender::log() {
  const auto at = mark_ ? id_in(mark_->log_id) : stream_id{};
  if (at == stream_id{})
    return done{};
  const auto facts = redis::read_stream_facts(c_, t_.keys.samples);
  if (!facts)
    return facts.failure();
  if (!row_ && (!facts->first || *facts->first > at))
    t_.note(fmt::format("{} does not hold what was evaluated last any more: windows begin anew, "
                        "and samples that were not evaluated yet are lost",
                        t_.keys.samples));
  if (at <= facts->last_generated)
    return done{};
  const auto r = c_.call({"XADD", t_.keys.samples, at.next().text(), "hb", ""});
  return r ? status(done{}) : status(r.failure());
}

} // namespace

result<std::optional<redis::progress_mark>> mend_partition(const recovery_task& t) {
  return mender(t).run();
}

} // namespace tocsin
