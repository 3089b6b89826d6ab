#include "streams/partition/tick_record.hpp"

#include "streams/redis/incident_stream.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

std::string_view extra(const redis::tick_row& row, std::string_view name) {
  for (const auto& f : row.extra)
    if (f.first == name)
      return f.second;
  return {};
}

// While a batch is applied; however that ends, nobody reads it any more then.
struct applying {
  entry_applier& applier;
  ~applying() { applier.end(); }
};

} // namespace

result<recorded_tick> read_record(const redis::tick_row& row) {
  const auto position = redis::stream_id::parse(row.log_id);
  const auto begin = redis::stream_id::parse(extra(row, "begin"));
  const auto interval = redis::parse_unsigned(extra(row, "interval"));
  const auto grace = redis::parse_unsigned(extra(row, "grace"));
  if (!position || !begin || !interval || !grace || *interval == 0 ||
      static_cast<std::uint64_t>(row.end_ms) % *interval != 0)
    return error{fmt::format("row {}-0 of the record of seals cannot be read", row.end_ms)};
  recorded_tick t;
  t.grid = {static_cast<std::int64_t>(*interval), static_cast<std::int64_t>(*grace)};
  t.end_ms = row.end_ms;
  t.sealed = row.end_ms / t.grid.interval_ms - 1;
  t.position = to_position(*position);
  t.begin = to_position(*begin);
  t.blind = row.blind;
  t.non_blind = row.non_blind;
  t.heartbeat_seen = extra(row, "hb") == "1";
  t.rules = row.rules;
  return t;
}

result<std::vector<recorded_tick>> load_record(redis::connection& c,
                                               const redis::partition_keys& keys,
                                               std::int64_t from_ms, std::int64_t to_ms) {
  std::vector<recorded_tick> rows;
  const auto scanned =
      redis::scan_ticks(c, keys, std::max<std::int64_t>(from_ms, 0), to_ms, [&](auto row) {
        if (auto read = read_record(row))
          rows.push_back(std::move(*read));
      });
  if (!scanned)
    return scanned.failure();
  return rows;
}

result<std::optional<recorded_tick>> last_record(redis::connection& c,
                                                 const redis::partition_keys& keys) {
  constexpr std::uint32_t page = 100;
  for (auto to = redis::stream_id::greatest();;) {
    auto entries = redis::last_events(c, keys.ticks, page, to);
    if (!entries)
      return entries.failure();
    const auto first = entries->empty() ? to : entries->front().id;
    for (auto e = entries->rbegin(); e != entries->rend(); ++e)
      if (const auto row = redis::read_row(std::move(*e)))
        if (auto read = read_record(*row))
          return std::optional(std::move(*read));
    if (first == to)
      return std::optional<recorded_tick>();
    to = first; // met twice, and no row
  }
}

std::size_t contiguous_tail(std::span<const recorded_tick> rows, const tick_grid& grid) {
  std::size_t n = 0;
  while (n < rows.size()) {
    const auto& row = rows[rows.size() - 1 - n];
    if (row.grid != grid || (n > 0 && row.sealed + 1 != rows[rows.size() - n].sealed))
      break;
    ++n;
  }
  return n;
}

status walk_log(redis::connection& c, const redis::partition_keys& keys, entry_applier& applier,
                const log_walk& walk) {
  redis::log_range log(c, keys.samples, to_id(walk.after), to_id(walk.until));
  auto next_row = walk.rows.begin();
  for (;;) {
    const auto batch = log.next();
    if (!batch)
      return batch.failure();
    if (batch->empty())
      break;
    applier.begin(*batch);
    const applying end{applier};
    for (const auto& entry : *batch) {
      for (; next_row != walk.rows.end() && next_row->position < to_position(entry.id); ++next_row)
        walk.on_row(*next_row);
      if (!walk.on_entry(entry))
        return error{"reading the log was given up"};
    }
  }
  for (; next_row != walk.rows.end(); ++next_row)
    walk.on_row(*next_row);
  return done{};
}

} // namespace tocsin
