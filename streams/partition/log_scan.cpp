#include "streams/partition/log_scan.hpp"

#include <algorithm>
#include <limits>

namespace tocsin {

namespace {

constexpr std::string_view derived_field = "requests.latency_avg";
constexpr std::int64_t rows_after = 64; // of the record, behind a span: late values come there
constexpr std::size_t host_bytes = 512; // of a host, without its values

// So many rows before a tick the log must be read from: its first sample may come that early.
std::int64_t lead(const tick_grid& grid) {
  return grid.ticks_ahead() + 1;
}

// What is derived depends on everything else that a host reports.
sample_filter filter_of(const scan_want& want) {
  std::vector<std::string> names;
  for (const auto& f : want.fields) {
    if (want.every_field || f.name == derived_field)
      return {want.host, {}};
    names.push_back(f.name);
  }
  return {want.host, std::move(names)};
}

// The oldest entry there is; beyond all others where there is none.
result<log_position> first_entry(redis::connection& c, const redis::partition_keys& keys) {
  const auto facts = redis::read_stream_facts(c, keys.samples);
  if (!facts)
    return facts.failure();
  return facts->first ? to_position(*facts->first) : log_position{UINT64_MAX, 0};
}

} // namespace

double value_of(const intake& in, host_index host, field_index field, tick n) {
  const auto* block = in.ring().find(field, host / block_hosts);
  const auto* row = block && n >= 0 ? block->find(n) : nullptr;
  return row ? row[host % block_hosts] : std::numeric_limits<double>::quiet_NaN();
}

result<log_scan> log_scan::open(redis::connection& c, const redis::partition_keys& keys,
                                const tick_grid& grid, scan_want want, std::int64_t from_ms,
                                std::int64_t to_ms) {
  log_scan scan(keys, grid, std::move(want));
  if (const auto s = scan.load_rows(c, from_ms, to_ms); !s)
    return s.failure();
  if (scan.rows_.empty())
    return scan;
  const auto oldest = first_entry(c, keys);
  if (!oldest)
    return oldest.failure();
  scan.first_ = std::max(grid.of(std::max<std::int64_t>(from_ms, 0)), scan.whole_from(*oldest));
  scan.last_ = std::min(grid.of(std::max<std::int64_t>(to_ms, 0)), scan.newest());
  return scan;
}

status log_scan::load_rows(redis::connection& c, std::int64_t from_ms, std::int64_t to_ms) {
  const auto newest = redis::last_tick(c, keys_);
  if (!newest)
    return newest.failure();
  if (!*newest)
    return done{};
  const auto interval = grid_.interval_ms;
  const auto last_ms =
      std::min(grid_.end_ms(grid_.of(std::max<std::int64_t>(to_ms, 0))) + rows_after * interval,
               (**newest).end_ms);
  const auto oldest_ms = last_ms - static_cast<std::int64_t>(rows_max) * interval;
  auto all = load_record(c, keys_,
                         std::max(grid_.start_ms(grid_.of(std::max<std::int64_t>(from_ms, 0))) -
                                      (lead(grid_) + 1) * interval,
                                  oldest_ms),
                         last_ms);
  if (!all)
    return all.failure();
  const auto tail = contiguous_tail(*all, grid_);
  const auto before = all->size() - tail; // in another grid, or cut off by a hole
  if (tail == 0)
    return done{};
  const auto& first = (*all)[before];
  other_grid_ = before > 0 && (*all)[before - 1].grid != grid_;
  first_whole_ = false;
  if (const auto rows = static_cast<std::size_t>(lead(grid_)); before >= rows) {
    first_start_ = (*all)[before - rows].position;
    first_whole_ = true;
  } else if (before == 0 && first.non_blind == (first.blind ? 0 : 1)) { // the very first of all
    first_start_ = {};
    first_whole_ = very_first_ = true;
  } else {
    first_start_ = first.position;
  }
  rows_.assign(std::make_move_iterator(all->begin() + static_cast<std::ptrdiff_t>(before)),
               std::make_move_iterator(all->end()));
  return done{};
}

tick log_scan::whole_from(log_position oldest) const {
  const auto first = rows_.front().sealed;
  auto from = first_whole_ ? first : first + lead(grid_);
  if (rows_.front().begin >= oldest)
    return from; // nothing was ever cut off the log
  from = first + lead(grid_);
  for (const auto& row : rows_)
    if (row.position < oldest)
      from = std::max(from, row.sealed + lead(grid_) + 1);
  return from;
}

status log_scan::load_registry(redis::connection& c) {
  if (host_count_)
    return done{};
  const auto& wanted = want_.host;
  host_record_reader reader;
  const auto take = [&](const std::string& name, std::string_view json) {
    if (auto record = reader.read(json))
      registry_.emplace_back(name, std::move(*record));
  };
  const auto answer =
      wanted ? c.call({"HGET", keys_.hosts, *wanted}) : c.call({"HLEN", keys_.hosts});
  if (!answer)
    return answer.failure();
  if (wanted) {
    host_count_ = 1;
    if (!answer->is_nil())
      take(*wanted, answer->text);
    return done{};
  }
  host_count_ = static_cast<std::size_t>(std::max<std::int64_t>(answer->number, 0));
  return *host_count_ <= registry_max ? redis::scan_hash(c, keys_.hosts, take) : done{};
}

std::int64_t log_scan::reach() const {
  std::int64_t ticks = 2; // as all windows have
  for (const auto& f : want_.fields)
    ticks = std::max(ticks, f.window_ticks);
  return ticks - 1;
}

std::vector<watched_field> log_scan::watched() const {
  auto fields = want_.fields;
  if (want_.host || fields.empty())
    return fields;
  // Of all hosts as many ticks as half of the memory takes.
  const auto row_bytes = (*host_count_ / block_hosts + 1) * block_hosts * sizeof(double);
  const auto ticks = static_cast<std::int64_t>(want_.bytes_max / 2 / row_bytes / fields.size()) -
                     grid_.ticks_ahead() - 2;
  for (auto& f : fields)
    f.window_ticks = std::clamp<std::int64_t>(ticks, 2, std::max<std::int64_t>(2, f.window_ticks));
  return fields;
}

void log_scan::restore_hosts(intake& in, const sample_filter& filter, log_position start) const {
  const auto before = in.next() - 1;
  for (const auto& [name, record] : registry_) {
    if (record.since > start || in.hosts().find(name))
      continue; // the entry that makes it known is read
    const auto host =
        in.restore_host(name, record.since, record.labels, before, in.history().non_blind(before));
    for (const auto& [field, first_ms] : record.first_ms)
      if (host && filter.takes(field))
        in.restore_first(*host, field, grid_.of(first_ms));
  }
}

result<scan_end> log_scan::read(redis::connection& c, tick from, tick to, const visitor& visit,
                                const std::function<bool()>& go_on) {
  if (const auto s = load_registry(c); !s)
    return s.failure();
  const auto next = std::max(rows_.front().sealed, from - grid_.ticks_ahead());
  const auto start = next == rows_.front().sealed ? first_start_ : row(next - 1).position;
  const auto at = [&](tick n) { return static_cast<std::size_t>(n - rows_.front().sealed); };

  intake in(grid_, want_.bounds, watched());
  tick_history history(next, row(next).non_blind - (row(next).blind ? 0 : 1));
  history.lose_values_before(from);
  in.begin(next, std::move(history));
  const auto filter = filter_of(want_);
  restore_hosts(in, filter, start);
  entry_applier applier(want_.decoders);
  applier.ignore_before(grid_.start_ms(next));
  applier.pick_with(filter);

  auto end = scan_end::whole;
  log_walk walk{
      start, row(to).position, std::span(rows_).subspan(at(next), at(to) - at(next) + 1), {}};
  walk.on_entry = [&](const redis::log_entry& entry) {
    if (!go_on())
      end = scan_end::stopped;
    else if (in.ring().bytes() + in.hosts().extent() * host_bytes > want_.bytes_max)
      end = scan_end::too_large;
    else
      applier.apply(in, entry);
    return end == scan_end::whole;
  };
  walk.on_row = [&](const recorded_tick& r) {
    in.seal(r.blind);
    if (r.sealed >= from)
      visit(in, r.sealed);
  };
  const auto walked = walk_log(c, keys_, applier, walk);
  if (end != scan_end::whole)
    return end;
  if (!walked)
    return walked.failure();
  const auto oldest = first_entry(c, keys_);
  if (!oldest)
    return oldest.failure();
  return from < whole_from(*oldest) ? scan_end::trimmed : scan_end::whole;
}

} // namespace tocsin
