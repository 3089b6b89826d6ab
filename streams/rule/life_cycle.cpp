#include "streams/rule/life_cycle.hpp"

#include <algorithm>
#include <utility>

namespace tocsin {

namespace {

// Changes far apart wait for memory: so many changes ahead it is asked for.
constexpr std::size_t look_ahead = 48;
constexpr std::size_t look_ahead_values = 20;

pair_event opened(rule_index r, host_index h, std::int64_t start_ms, double value) {
  return {value, start_ms, r, h & pair_event::host_mask, 1, 0, 0};
}

template <class Incident>
pair_event resolved(rule_index r, host_index h, const Incident& i, resolution why, bool cools) {
  return {i.trigger_value,
          i.start_ms,
          r,
          h & pair_event::host_mask,
          0,
          static_cast<std::uint32_t>(why) & 7,
          cools};
}

// How many changes from the first on are about one rule and block, by rising host.
std::size_t run_length(std::span<const verdict_change> changes) {
  const auto& first = changes[0];
  const std::size_t end = (first.host / block_hosts + 1) * block_hosts;
  std::size_t n = 1;
  for (; n < changes.size(); ++n) {
    const auto& c = changes[n];
    if (c.rule != first.rule || c.host >= end || c.host <= changes[n - 1].host)
      break;
  }
  return n;
}

} // namespace

life_cycle::life_cycle(const rule_set& rules, std::string cluster)
    : book_(std::make_shared<rule_book>(rule_book{rules, std::move(cluster)})), open_(rules.size()),
      cooldowns_(rules.size()), cooling_by_rule_(rules.size()) {}

tick_outcome life_cycle::step(std::int64_t end_ms, std::span<const forgotten_host> forgotten,
                              std::span<const verdict_change> changes, const host_table& hosts) {
  return step(end_ms, forgotten, std::span(&changes, 1), hosts);
}

tick_outcome life_cycle::step(std::int64_t end_ms, std::span<const forgotten_host> forgotten,
                              std::span<const std::span<const verdict_change>> findings,
                              const host_table& hosts) {
  auto out = decide(end_ms, forgotten, findings);
  name_hosts(out, hosts);
  return out;
}

tick_outcome life_cycle::decide(std::int64_t end_ms, std::span<const forgotten_host> forgotten,
                                std::span<const std::span<const verdict_change>> findings) {
  end_ms_ = end_ms;
  tick_outcome out(book_, end_ms);
  out.add_forgotten_cooled(std::exchange(forgotten_cooldowns_, {}));
  out.add_removed(std::exchange(removed_, {}));
  end_due_cooldowns(out);
  forget_hosts(forgotten, out);
  std::size_t changes = 0;
  for (const auto& found : findings)
    changes += found.size();
  out.reserve_more(changes);
  for (auto rest : findings)
    while (!rest.empty()) {
      const auto run = rest.first(run_length(rest));
      for (std::size_t i = 0; i < run.size(); ++i)
        ask_ahead(rest.subspan(i));
      apply_run(run, out);
      rest = rest.subspan(run.size());
    }
  return out;
}

// Memory is asked for where changes further on will need it, once per rule and block.
inline void life_cycle::ask_ahead(std::span<const verdict_change> rest) const {
  const auto first_of_run = [&](std::size_t at) {
    return rest.size() > at && rest[at].rule != rest[at - 1].rule;
  };
  if (first_of_run(look_ahead))
    open_.prefetch(rest[look_ahead].rule, rest[look_ahead].host);
  if (first_of_run(look_ahead_values))
    open_.prefetch_values(rest[look_ahead_values].rule, rest[look_ahead_values].host);
}

void life_cycle::name_hosts(tick_outcome& outcome, const host_table& hosts) {
  outcome.name_hosts(hosts, numbering_);
}

void life_cycle::apply_run(std::span<const verdict_change> run, tick_outcome& out) {
  open_.update(
      run[0].rule, run[0].host / block_hosts, run,
      [&](const verdict_change& c, bool open, incident& i) { return apply(c, open, i, out); });
}

// Whether the pair has an open incident afterwards.
inline bool life_cycle::apply(const verdict_change& c, bool open, incident& i, tick_outcome& out) {
  const bool cooling = !open && cooling_by_rule_[c.rule] > 0 && cooldowns_.has(c.rule, c.host);
  const auto before = open ? pair_state::open : cooling ? pair_state::cooling : pair_state::idle;
  const auto after = next_state(before, c.breach ? pair_cause::breach : pair_cause::clear);
  if (before == after)
    return open;
  if (after == pair_state::open) {
    i = {end_ms_, c.value};
    out.add(opened(c.rule, c.host, end_ms_, c.value));
    return true;
  }
  const auto cooldown_ms = after == pair_state::cooling ? book_->rules[c.rule].cooldown_ms : 0;
  out.add(resolved(c.rule, c.host, i, c.any_value ? resolution::recovered : resolution::no_data,
                   cooldown_ms > 0));
  if (cooldown_ms > 0)
    restore_cooldown(c.rule, c.host, end_ms_ + cooldown_ms);
  return false;
}

void life_cycle::forget_hosts(std::span<const forgotten_host> forgotten, tick_outcome& out) {
  std::vector<forgotten_host> hosts(forgotten.begin(), forgotten.end());
  std::sort(hosts.begin(), hosts.end(),
            [](const auto& a, const auto& b) { return a.host < b.host; });
  for (std::size_t i = 0; i < hosts.size();) {
    const auto block = hosts[i].host / block_hosts;
    host_mask gone{}, expired{};
    for (; i < hosts.size() && hosts[i].host / block_hosts == block; ++i)
      set_host(hosts[i].why == farewell::gone ? gone : expired, hosts[i].host, true);
    forget_in_block(block, gone, expired, out);
  }
}

void life_cycle::forget_in_block(std::size_t block, const host_mask& gone, const host_mask& expired,
                                 tick_outcome& out) {
  const auto first = static_cast<host_index>(block * block_hosts);
  const auto known_of = [&](rule_index r, const host_mask& among) {
    host_mask known{};
    for (std::size_t w = 0; w < block_words; ++w)
      known[w] = among[w] & (open_.bits().at(r, block)[w] | cooldowns_.bits().at(r, block)[w]);
    return known;
  };
  for (rule_index r = 0; r < book_->rules.size(); ++r)
    for (const auto& [among, why] :
         {std::pair{&gone, resolution::host_gone}, std::pair{&expired, resolution::host_expired}})
      for_each_host(known_of(r, *among), [&](std::size_t place) {
        forget(r, first + static_cast<host_index>(place), why, out);
      });
}

void life_cycle::forget(rule_index r, host_index h, resolution why, tick_outcome& out) {
  const auto before = open_.has(r, h) ? pair_state::open : pair_state::cooling;
  if (next_state(before, pair_cause::host_forgotten) == before)
    return;
  if (before == pair_state::cooling)
    return end_cooldown(r, h, out);
  out.add(resolved(r, h, open_.take(r, h), why, false));
}

void life_cycle::end_cooldown(rule_index r, host_index h, tick_outcome& out) {
  cooldowns_.take(r, h);
  --cooling_by_rule_[r];
  out.add_cooled(r, h);
}

void life_cycle::end_due_cooldowns(tick_outcome& out) {
  while (!cooldown_ends_.empty() && cooldown_ends_.begin()->first <= end_ms_) {
    const auto until_ms = cooldown_ends_.begin()->first;
    for (const auto& [r, h] : cooldown_ends_.begin()->second)
      if (cooldowns_.has(r, h) && cooldowns_.at(r, h) == until_ms)
        end_cooldown(r, h, out);
    cooldown_ends_.erase(cooldown_ends_.begin());
  }
}

void life_cycle::restore_open(rule_index r, host_index h, std::int64_t start_ms, double value) {
  open_.put(r, h, {start_ms, value});
}

void life_cycle::restore_cooldown(rule_index r, host_index h, std::int64_t until_ms) {
  cooling_by_rule_[r] += cooldowns_.has(r, h) ? 0 : 1;
  cooldowns_.put(r, h, until_ms);
  cooldown_ends_[until_ms].push_back({r, h});
}

void life_cycle::restore_forgotten_cooldown(tick_outcome::pair_names pair) {
  forgotten_cooldowns_.push_back(std::move(pair));
}

void life_cycle::restore_removed(tick_outcome::removed_incident incident) {
  removed_.push_back(std::move(incident));
}

} // namespace tocsin
