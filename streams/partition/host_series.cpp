#include "streams/partition/host_series.hpp"

#include "streams/partition/log_scan.hpp"
#include "streams/rule/window_past.hpp"

#include <algorithm>
#include <cmath>

namespace tocsin {

namespace {

constexpr std::int64_t series_reads_max = 8 * 1024; // of a step: each may have to come from memory

} // namespace

void host_series::begin(const intake& in, const host_history& past, const cluster_history& all) {
  begun_ = true;
  past_version_ = past.version();
  newest_ = in.begun() && !in.history().empty() ? in.ring().sealed() : tick_min;
  frame_ = series_frame::of(in.grid(), asked_.from_ms, asked_.to_ms, asked_.step_ms, newest_);
  steps_.emplace(frame_, asked_.fields.size());
  known_from_ = frame_.last + 1;
  field_ = 0;
  fields_.clear();
  const auto host = in.hosts().find(asked_.host);
  if (newest_ == tick_min || !host)
    return;
  host_ = *host;
  auto from = std::max(frame_.first, blindness_from(in, all));
  bool summed = false;
  for (const auto& name : asked_.fields) {
    auto& f = fields_.emplace_back(field{in.fields().find(name)});
    from = std::max(from, held_from(f, in, past));
    summed |= f.summed;
  }
  if (summed && from <= frame_.last)
    from = (from + frame_.step_ticks - 1) / frame_.step_ticks * frame_.step_ticks;
  next_ = known_from_ = std::min(from, known_from_);
}

// From which tick on it is known which were blind; those before this engine's own are noted.
tick host_series::blindness_from(const intake& in, const cluster_history& all) {
  const auto own = in.history().values_from();
  const auto there = all.reach();
  if (own <= frame_.first || there.grid != in.grid() || !there.holds(own - 1))
    return own;
  for (const auto n : all.blind_ticks(frame_.first, own - 1))
    steps_->note_blind(n);
  return there.first;
}

// From which tick on it is known what the host reported of a field.
tick host_series::held_from(field& what, const intake& in, const host_history& past) const {
  const auto since_ms =
      static_cast<std::int64_t>(std::min<std::uint64_t>(in.hosts().at(host_).since.ms, INT64_MAX));
  auto life = in.grid().of(since_ms);
  // Nobody reported it, or there was no room for it, or it has been forgotten since.
  if (!what.index)
    return !in.fields().full() && life > newest_ - in.expiry_ticks() ? life : tick_max;
  const auto f = *what.index;
  const auto* window = in.ring().find(f, host_ / block_hosts);
  // It has no value from before its first one in this life.
  life = std::min(life, window ? window->first(host_ % block_hosts) : tick_max);
  const auto ticks = past.ticks(in, f);
  auto held = newest_ - ticks + 1;
  if (ticks <= in.ring().reach(f) + 1)
    held = std::max({held, oldest_held(in, window), in.history().values_from()});
  if (held > std::max(frame_.first, life))
    if (const auto far = summed_from(f, in, past)) {
      what.summed = true;
      held = *far;
    }
  return std::max(held, life);
}

std::optional<tick> host_series::summed_from(field_index f, const intake& in,
                                             const host_history& past) const {
  const auto begins_slot = [&](tick n) {
    return past.summaries().slot_of(n) != past.summaries().slot_of(n - 1);
  };
  // Whatever comes later than this changes what was added up, in the log.
  const bool settled = std::min(in.ring().reach(f), log_scan::late_ticks) < past.recent_ticks();
  const auto far = past.summed_from(in, f, frame_.first);
  const bool fits = far && begins_slot(frame_.step_ticks) &&
                    (frame_.last == newest_ || begins_slot(frame_.last + 1));
  return settled && fits ? far : std::nullopt;
}

bool host_series::step(const intake& in, const host_history& past, const cluster_history& all) {
  if (!begun_ || in.ring().sealed() != newest_ || past.version() != past_version_)
    begin(in, past, all);
  for (auto left = series_reads_max; known_from_ <= frame_.last && field_ <= fields_.size();) {
    if (left <= 0)
      return false;
    const bool summed = field_ < fields_.size() && fields_[field_].summed;
    const auto to = summed ? frame_.last : std::min(frame_.last, next_ + left - 1);
    left -= to - next_ + 1;
    if (field_ == fields_.size())
      read_blind(to, in);
    else if (summed)
      read_summaries(past);
    else
      read_ticks(to, in, past);
    next_ = to + 1;
    if (to < frame_.last)
      return false;
    ++field_;
    next_ = known_from_;
  }
  return true;
}

void host_series::read_blind(tick to, const intake& in) {
  for (auto n = std::max(next_, in.history().values_from()); n <= to; ++n)
    if (in.history().blind(n))
      steps_->note_blind(n);
}

void host_series::read_ticks(tick to, const intake& in, const host_history& past) {
  const auto f = fields_[field_].index;
  const auto* values = f ? past.find(in, *f, host_ / block_hosts) : nullptr;
  for (auto n = next_; values && n <= to; ++n)
    if (const auto* row = values->find(n))
      if (const auto v = row[host_ % block_hosts]; !std::isnan(v))
        steps_->add(field_, n, {1, v, v, v});
}

// A slot of the summaries lies within one step, and is short of what came behind until().
void host_series::read_summaries(const host_history& past) {
  using summaries = host_summaries;
  const auto& sums = past.summaries();
  const auto f = *fields_[field_].index;
  const auto block = host_ / block_hosts, place = host_ % block_hosts;
  const auto until = sums.until(*past.place_of(f), block);
  const auto* group = sums.find(*past.place_of(f), block, place / summaries::group_hosts);
  const auto slot_ticks = frame_.step_ticks / sums.slot_of(frame_.step_ticks);
  const auto h = place % summaries::group_hosts;
  for (auto n = known_from_; group && n <= std::min(until, frame_.last); n += slot_ticks)
    if (const auto* row = group->find(sums.slot_of(n)); row && row->count[h] > 0)
      steps_->add(field_, n, row->at(h));
  const auto* recent = past.recent(f, block);
  for (auto n = std::max(known_from_, until + 1); recent && n <= frame_.last; ++n)
    if (const auto* row = recent->find(n); row && !std::isnan(row[place]))
      steps_->add(field_, n, {1, row[place], row[place], row[place]});
}

} // namespace tocsin
