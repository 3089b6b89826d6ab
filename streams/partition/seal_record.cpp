#include "streams/partition/seal_record.hpp"

#include <algorithm>

namespace tocsin {

host_record record_host(const intake& in, host_index h) {
  const auto& state = in.hosts().at(h);
  host_record r;
  r.since = state.since;
  r.last_ms = in.grid().start_ms(std::min(state.last_sample, in.history().last()));
  r.non_blind_ms = in.non_blind_at_last(state) * in.grid().interval_ms;
  r.labels = state.labels;
  for (const auto& [field, first] : in.first_ticks(h))
    r.first_ms.emplace_back(in.fields().name(field), in.grid().start_ms(first));
  return r;
}

seal_record seal_tick(intake& in, const seal_clock& clock, seal_clock::decision decision,
                      bool check, log_position at, log_position begin) {
  seal_record s;
  s.sealed = decision.sealed;
  s.blind = decision.blind;
  s.check = check;
  s.position = at;
  s.begin = begin;
  s.heartbeat_seen = clock.heartbeat_seen();
  const auto forgotten = in.seal(decision.blind);
  s.forgotten.assign(forgotten.begin(), forgotten.end());
  s.non_blind = in.history().non_blind(decision.sealed);
  s.blocks = in.hosts().blocks();
  for (const auto& f : s.forgotten)
    s.hosts.remove.push_back(in.hosts().name(f.host));
  for (const auto h : in.take_changed())
    s.hosts.set.push_back({in.hosts().name(h), write_host_record(record_host(in, h))});
  return s;
}

} // namespace tocsin
