#include "streams/partition/file_replay.hpp"

#include "config/byte_order_mark.hpp"

#include <algorithm>

namespace tocsin {

file_replay::file_replay(std::shared_ptr<const partition_plan> plan, handlers h)
    : engine_(std::move(plan)), handlers_(std::move(h)) {}

void file_replay::reject(const std::string& why) {
  ++rejected_;
  if (handlers_.rejected)
    handlers_.rejected(lines_, why);
}

void file_replay::line(std::string_view text) {
  if (++lines_ == 1)
    text = without_byte_order_mark(text);
  if (text.find_first_not_of(" \t\r") == std::string_view::npos)
    return;
  const auto read = reader_.read_copy(text);
  if (!read)
    return reject(read.failure());
  auto what = *read;
  std::int64_t log_ms = log_ms_.value_or(0);
  if (what.at)
    log_ms = std::max(log_ms, *what.at);
  else if (what.named_ts)
    log_ms = std::max(log_ms, what.sample.ts_ms);
  else if (!log_ms_)
    return reject("`ts` is missing, and no line before it has a time");
  log_ms_ = log_ms;
  for (const auto& d : reader_.dropped())
    if (handlers_.dropped)
      handlers_.dropped(lines_, d);

  auto& clock = engine_.clock;
  clock.arrive(log_ms);
  if (!engine_.in.begun())
    engine_.in.begin(*clock.next());
  while (clock.due(log_ms)) {
    engine_.skip_idle_ticks(log_ms);
    seal_next();
  }
  clock.enter(log_ms, what.heartbeat);
  if (what.heartbeat)
    return;
  if (!what.named_ts)
    what.sample.ts_ms = log_ms;
  engine_.in.apply(what.sample);
}

void file_replay::seal_next() {
  const auto d = engine_.clock.seal();
  const auto forgotten = engine_.in.seal(d.blind);
  for (const auto& e : engine_.judge(d.sealed, forgotten).events())
    handlers_.event(e);
}

void file_replay::finish() {
  while (engine_.clock.next() && *engine_.clock.next() <= engine_.in.newest())
    seal_next();
}

} // namespace tocsin
