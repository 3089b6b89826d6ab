#include "streams/partition/host_detail.hpp"

#include "streams/partition/host_list.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tocsin {

namespace {

// What a step does at most.
constexpr std::int64_t detail_reads_max = 16 * 1024;
constexpr int blocks_max = 256;

} // namespace

void host_detail::begin(const partition_engine& engine) {
  const auto& in = engine.in;
  begun_ = true;
  newest_ = in.ring().sealed();
  open_.clear();
  fields_.clear();
  next_ = 0;
  const auto host = in.hosts().find(name_);
  known_ = host.has_value();
  if (!known_)
    return;
  host_ = *host;
  state_ = in.hosts().at(host_);
  silent_ = is_silent(state_, in);
  for (rule_index r = 0; r < engine.plan->rules.rules().size(); ++r)
    if (const auto incident = engine.incidents.find_open(r, host_))
      open_.push_back({r, incident->start_ms, incident->trigger_value});
}

bool host_detail::step(const partition_engine& engine, const host_history& past) {
  if (!begun_ || engine.in.ring().sealed() != newest_)
    begin(engine);
  for (auto left = detail_reads_max; known_ && next_ < engine.in.fields().size(); ++next_) {
    if (left < 0)
      return false;
    left -= read(next_, engine, past);
  }
  return true;
}

// Returns how much there was to be read.
std::int64_t host_detail::read(field_index f, const partition_engine& engine,
                               const host_history& past) {
  const auto* block = engine.in.ring().find(f, host_ / block_hosts);
  const auto place = host_ % block_hosts;
  if (!block || block->first(place) == tick_max)
    return 1;
  field out{engine.in.fields().name(f), block->first(place)};
  const auto reach = past.ticks(engine.in, f);
  const auto* values = past.find(engine.in, f, host_ / block_hosts);
  for (tick n = newest_; values && n >= 0 && n > newest_ - reach && out.at == tick_min; --n)
    if (const auto* row = values->find(n); row && !std::isnan(row[place])) {
      out.at = n;
      out.last = row[place];
    }
  const auto& rules = engine.plan->rules.rules();
  for (rule_index r = 0; r < rules.size(); ++r)
    if (rules[r].field == out.name)
      out.rules.push_back(r);
  fields_.push_back(std::move(out));
  return reach + static_cast<std::int64_t>(rules.size());
}

bool field_list::step(const partition_engine& engine, const host_history& past) {
  const auto& in = engine.in;
  newest_ = in.ring().sealed();
  for (auto left = blocks_max; next_ < in.fields().size(); ++next_, block_ = 0, begun_ = false) {
    if (!in.fields().known(next_))
      continue;
    if (!std::exchange(begun_, true)) {
      const auto& name = in.fields().name(next_);
      const auto& rules = engine.plan->rules.rules();
      const auto about =
          std::count_if(rules.begin(), rules.end(), [&](const rule& r) { return r.field == name; });
      fields_.push_back({name, 0, static_cast<std::size_t>(about), past.ticks(in, next_),
                         in.fields().merge(next_) == merging::adding});
    }
    for (; block_ < in.hosts().blocks(); ++block_) {
      if (left-- == 0)
        return false;
      const auto* block = in.ring().find(next_, block_);
      for (std::size_t h = 0; block && h < block_hosts; ++h)
        fields_.back().hosts += block->first(h) != tick_max;
    }
  }
  return true;
}

} // namespace tocsin
