#include "streams/window/intake.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

namespace tocsin {

namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
constexpr auto avg_field = intake::latency_fields[0];
constexpr auto sum_field = intake::latency_fields[1];
constexpr auto count_field = intake::latency_fields[2];

} // namespace

intake::intake(tick_grid grid, const bounds& b, std::span<const watched_field> watched)
    : grid_(grid), expiry_ticks_(grid.ceil_ticks(b.host_expiry_ms)), hosts_(b.hosts_max),
      fields_(std::max(b.fields_max, watched.size()), latency_fields),
      ring_(grid, b.hosts_max, fields_.capacity()), open_(grid), watched_(watched.size()) {
  std::int64_t latency_ticks = 1;
  for (const auto& w : watched)
    if (w.name == avg_field)
      latency_ticks = w.window_ticks;
  // The latency is derived from two other fields, also late: they must reach as far back.
  const auto reach = [&](std::string_view name, std::int64_t ticks) {
    return name == sum_field || name == count_field ? std::max(ticks, latency_ticks) : ticks;
  };
  for (const auto& w : watched)
    known_field(w.name, host_table::none, reach(w.name, w.window_ticks));
  if (latency_ticks > 1)
    for (const auto name : {sum_field, count_field})
      known_field(name, host_table::none, latency_ticks);
}

void intake::begin(tick next, tick_history before) {
  assert(before.last() == next - 1);
  next_ = begun_at_ = next;
  history_ = std::move(before);
  ring_.publish(next - 1);
}

std::optional<field_index> intake::known_field(std::string_view name, host_index by,
                                               std::int64_t window_ticks) {
  const auto version = fields_.version();
  const auto f = fields_.add(name);
  if (!f || version == fields_.version())
    return f;
  ring_.add_field(*f, window_ticks);
  reports_.resize(fields_.size());
  reports_[*f] = {begun() ? next_ - 1 : tick_min,
                  by == host_table::none ? std::string() : hosts_.name(by)};
  if (name == avg_field)
    latency_avg_ = f;
  else if (name == sum_field)
    latency_sum_ = f;
  else if (name == count_field)
    latency_count_ = f;
  return f;
}

sample_fate intake::apply(const sample_view& s, log_position at) {
  assert(begun());
  const auto n = grid_.of(s.ts_ms);
  if (n < next_)
    return apply_late(s, n, at);
  if (n > next_ + grid_.ticks_ahead()) {
    ++counts_.early;
    return sample_fate::early;
  }
  auto host = hosts_.find(s.host);
  if (following_) {
    if (!host || at < hosts_.at(*host).since)
      return sample_fate::unknown;
  } else if (!host) {
    host = add_host(s.host);
    if (!host) {
      ++counts_.refused;
      return sample_fate::refused;
    }
    hosts_.at(*host).since = at;
    note_changed(*host);
  }
  auto& state = hosts_.at(*host);
  if (!s.labels.empty() && s.labels != state.labels) {
    state.labels = s.labels;
    note_changed(*host);
  }
  const auto server = s.server ? server_key(*s.server) : 0;
  if (server != 0)
    state.servers.note(server, n);
  const bool further = open_.has_value(*host, n);
  bool brought = false, repeated = false, homeless = false;
  bool names_latency = false;
  for (const auto& v : s.values) {
    const auto what = take_value(*host, v, n, {s.ts_ms, s.ts_named, server});
    brought |= what == taking::taken;
    repeated |= what == taking::repeated;
    homeless |= what == taking::homeless;
    names_latency |= v.field == avg_field;
  }
  // A value without a place was brought all the same, or else the latency would depend on which
  // fields are known. Where nothing else came, it makes no difference if it came before: the
  // latency has been derived since.
  if (brought || (homeless && !repeated)) {
    settle_latency(*host, n, further || !names_latency);
    open_.set_has_value(*host, n);
  }
  note_leave(state, s, n, false);
  newest_ = std::max(newest_, n);
  ++counts_.accepted;
  return sample_fate::accepted;
}

void intake::note_leave(host_state& host, const sample_view& s, tick n, bool late) {
  if (s.gone && n >= host.last_sample)
    host.gone = !following_;
  else if (!s.gone && !late)
    host.gone = false;
  host.last_sample = std::max(host.last_sample, n);
}

intake::taking intake::take_value(host_index host, const field_value& v, tick n,
                                  open_ticks::stamp stamp) {
  const auto f = known_field(v.field, host);
  if (!f || (following_ && value_before_first(host, *f, n))) {
    if (!f)
      note_homeless(v.field, host);
    ++counts_.values_dropped;
    return taking::homeless;
  }
  const auto place = open_.take(host, *f, n, stamp);
  if (place == open_ticks::place::repeated) {
    note_repeated(host, n);
    return taking::repeated;
  }
  if (place == open_ticks::place::full) {
    ++counts_.values_dropped;
    return taking::dropped;
  }
  ++counts_.values_taken;
  reports_[*f].last = std::max(reports_[*f].last, n);
  note_first(host, *f, n);
  // What was reported is kept apart from what is derived; settle_latency() says which stands.
  double& there = f == latency_avg_ ? open_.reported(host, n) : place_of(host, *f, n);
  if (place == open_ticks::place::empty)
    there = v.value;
  else if (fields_.merge(*f) == merging::adding)
    there += v.value;
  else if (place == open_ticks::place::newer)
    there = v.value;
  return taking::taken;
}

std::optional<host_index> intake::add_host(std::string_view name) {
  const auto made = hosts_.add(name);
  if (!made && !refused_)
    refused_ = name;
  return made;
}

void intake::note_homeless(std::string_view field, host_index host) {
  if (!homeless_ && !following_)
    homeless_ = {std::string(field), hosts_.name(host)};
}

bool intake::value_before_first(host_index host, field_index f, tick n) const {
  const auto* block = ring_.find(f, host / block_hosts);
  return !block || n < block->first(host % block_hosts);
}

double& intake::place_of(host_index host, field_index f, tick n) {
  return ring_.at(f, host / block_hosts).claim(n)[host % block_hosts];
}

void intake::note_first(host_index host, field_index f, tick n) {
  auto& block = ring_.at(f, host / block_hosts);
  if (n >= block.first(host % block_hosts))
    return;
  block.set_first(host % block_hosts, n);
  note_changed(host);
}

void intake::note_changed(host_index host) {
  auto& state = hosts_.at(host);
  if (!state.changed)
    changed_.push_back(host);
  state.changed = true;
}

std::vector<host_index> intake::take_changed() {
  std::erase_if(changed_, [this](host_index h) { return !hosts_.at(h).known; });
  for (const auto h : changed_) {
    auto& host = hosts_.at(h);
    host.changed = false;
    host.non_blind_recorded = non_blind_at_last(host);
    // A last sample ahead of the seal is recorded when the host falls silent behind it.
    host.last_recorded = std::min(host.last_sample, history_.last());
  }
  return std::exchange(changed_, {});
}

std::vector<std::pair<field_index, tick>> intake::first_ticks(host_index host) const {
  std::vector<std::pair<field_index, tick>> out;
  for (field_index f = 0; f < fields_.size(); ++f)
    if (const auto* block = ring_.find(f, host / block_hosts))
      if (const auto first = block->first(host % block_hosts); first != tick_max)
        out.emplace_back(f, first);
  return out;
}

double intake::value_at(host_index host, std::optional<field_index> f, tick n) const {
  const auto* block = f ? ring_.find(*f, host / block_hosts) : nullptr;
  const auto* row = block ? block->find(n) : nullptr;
  return row ? row[host % block_hosts] : no_value;
}

std::optional<double> intake::derived_latency(host_index host, tick n) const {
  const double sum = value_at(host, latency_sum_, n);
  const double count = value_at(host, latency_count_, n);
  if (std::isnan(sum) || !(count > 0))
    return std::nullopt;
  const double avg = sum / count;
  if (!(std::abs(avg) <= 1e300))
    return std::nullopt; // out of range is as good as not derivable: what was reported stands
  return std::abs(avg) < 1e-290 ? 0.0 : avg;
}

void intake::settle_latency(host_index host, tick n, bool derive) {
  const auto derived = derive ? derived_latency(host, n) : std::nullopt;
  if (!derived && !latency_avg_)
    return;
  const auto f = latency_avg_ ? latency_avg_ : known_field(avg_field, host);
  if (!f)
    return;
  const double value = derived ? *derived : open_.reported(host, n);
  if (std::isnan(value) && std::isnan(value_at(host, f, n)))
    return;
  if (following_ && value_before_first(host, *f, n))
    return;
  if (!std::isnan(value))
    note_first(host, *f, n);
  place_of(host, *f, n) = value;
}

sample_fate intake::apply_late(const sample_view& s, tick n, log_position at) {
  ++counts_.late;
  const auto host = hosts_.find(s.host);
  if (!host || (following_ && at < hosts_.at(*host).since))
    return sample_fate::late;
  note_leave(hosts_.at(*host), s, n, true);
  for (const auto& v : s.values)
    if (const auto f = fields_.find(v.field)) {
      reports_[*f].last = std::max(reports_[*f].last, n);
      queue_late(*host, *f, n, v.value);
    }
  if (latency_avg_)
    queue_late(*host, *latency_avg_, n, no_value);
  return sample_fate::late;
}

void intake::queue_late(host_index host, field_index f, tick n, double value) {
  if (n < next_ - ring_.reach(f) || value_before_first(host, f, n))
    return;
  if (late_values_.size() >= late_values_max) {
    ++counts_.values_dropped;
    return;
  }
  late_values_.push_back({host, f, n, value});
}

void intake::fill_late(const late_value& late) {
  if (!std::isnan(value_at(late.host, late.field, late.at))) {
    counts_.values_dropped += !std::isnan(late.value);
    return;
  }
  const bool derive = std::isnan(late.value);
  const double value = derive ? derived_latency(late.host, late.at).value_or(no_value) : late.value;
  if (std::isnan(value))
    return;
  ring_.fill(late.field, late.host, late.at, value);
  counts_.values_taken += !derive;
}

std::span<const forgotten_host> intake::seal(bool blind) {
  const auto n = next_;
  hosts_.release_forgotten();
  forgotten_.clear();
  ring_.begin_seal();
  for (const auto& late : late_values_)
    fill_late(late);
  late_values_.clear();
  history_.push(blind);
  open_.close(n);
  next_ = n + 1;
  expire_hosts(n);
  forget_fields(n);
  if (!fields_.full())
    homeless_.reset();
  if (!hosts_.full())
    refused_.reset();
  ring_.publish(n);
  return forgotten_;
}

void intake::skip(std::int64_t ticks, bool blind) {
  assert(newest_ < next_ && late_values_.empty());
  history_.push(blind, ticks);
  ring_.begin_seal();
  next_ += ticks;
  ring_.publish(next_ - 1);
}

void intake::expire_hosts(tick n) {
  if (following_)
    return;
  const auto now = history_.non_blind(n);
  for (host_index i = 0; i < hosts_.extent(); ++i) {
    auto& host = hosts_.at(i);
    if (!host.known)
      continue;
    const bool silent = now - non_blind_at_last(host) >= expiry_ticks_;
    if (host.gone || silent)
      forgotten_.push_back({i, host.gone ? farewell::gone : farewell::expired});
    else if (host.last_sample < n && host.last_sample != host.last_recorded)
      note_changed(i);
  }
  for (const auto& f : forgotten_)
    clear(f.host);
}

std::int64_t intake::non_blind_at_last(const host_state& host) const {
  // After a restart the history begins later than the last sample of a host long silent.
  if (host.last_sample < history_.first() && host.last_sample == host.last_recorded)
    return host.non_blind_recorded;
  return history_.non_blind(host.last_sample);
}

void intake::clear(host_index host) {
  ring_.clear_host(host, fields_.size());
  open_.clear_host(host);
  hosts_.forget(host);
}

std::optional<host_index> intake::restore_host(std::string_view name, log_position since,
                                               std::string_view labels, tick last_sample,
                                               std::int64_t non_blind) {
  const auto i = hosts_.add(name);
  if (!i)
    return std::nullopt;
  auto& host = hosts_.at(*i);
  host.since = since;
  host.labels = labels;
  host.last_sample = host.last_recorded = last_sample;
  host.non_blind_recorded = non_blind;
  return i;
}

void intake::restore_first(host_index host, std::string_view field, tick first) {
  if (const auto f = known_field(field, host))
    ring_.at(*f, host / block_hosts).set_first(host % block_hosts, first);
}

} // namespace tocsin
