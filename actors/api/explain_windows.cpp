#include "actors/api/explain_windows.hpp"

#include "actors/api/explain_log.hpp"
#include "actors/api/explain_rule.hpp"
#include "config/json_text.hpp"
#include "streams/partition/held_past.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

// Ticks of windows that one step looks at: well below a millisecond.
constexpr std::int64_t ticks_per_step = 20'000;
// Rules are said to be in force since a time of this machine's clock, ticks end by Redis's.
constexpr std::int64_t clocks_differ_ms = 60'000;

} // namespace

bool explain_windows::step(const live_aggregator& core) {
  if (where_ == found::nothing_yet)
    find(core.engine(), core.past());
  return where_ != found::here || !said_.nothing.empty() || explain_some();
}

void explain_windows::note_nothing(const char* code, std::string words) {
  said_.nothing = code;
  said_.nothing_words = std::move(words);
  where_ = found::here;
}

void explain_windows::find(const partition_engine& engine, const host_history& past) {
  const auto& rules = engine.plan->rules.rules();
  const auto r = std::find_if(rules.begin(), rules.end(),
                              [&](const rule& one) { return one.name == what_.rule; });
  if (r == rules.end() && !what_.at_ms) {
    where_ = found::no_rule;
    return;
  }
  if (r != rules.end())
    said_.about = *r;
  said_.host = what_.host;
  said_.cluster = engine.plan->cluster;
  said_.grid = engine.plan->grid;
  said_.watch_ticks = engine.plan->watch_ticks;
  said_.asked_at = what_.at_ms.has_value();
  const auto host = engine.in.hosts().find(what_.host);
  if (host && r != rules.end()) {
    const auto index = static_cast<rule_index>(r - rules.begin());
    said_.open = engine.incidents.find_open(index, *host);
    if (!what_.at_ms)
      said_.cooling_until_ms = engine.incidents.cooling_until(index, *host);
  }
  find_check(engine);
  if (!said_.nothing.empty())
    return;
  if (r == rules.end()) {
    where_ = found::in_log; // where there was such a rule then
    return;
  }
  if (said_.open && said_.open->start_ms > said_.grid.end_ms(said_.check))
    said_.open.reset(); // it opened later
  read_windows(engine, past, host);
}

// The last check, or the last one up to the time that was asked for.
void explain_windows::find_check(const partition_engine& engine) {
  const auto sealed = engine.in.ring().sealed();
  const bool any = engine.in.begun() && !engine.in.history().empty();
  said_.as_of_ms = any ? said_.grid.end_ms(sealed) : ctx_.unix_ms();
  const auto upto = what_.at_ms ? *what_.at_ms / said_.grid.interval_ms - 1 : sealed;
  said_.check = (upto + 1) / said_.watch_ticks * said_.watch_ticks - 1;
  if (!any || said_.check > sealed)
    return note_nothing("not-yet-checked", any ? "this check is still to come"
                                               : "no tick was sealed yet, so nothing was checked");
  if (said_.check < engine.in.history().first() && !what_.at_ms)
    note_nothing("not-yet-checked", "no check was made yet");
}

void explain_windows::read_windows(const partition_engine& engine, const host_history& past,
                                   std::optional<host_index> host) {
  where_ = found::in_log;
  const auto f = engine.in.fields().find(said_.about.field);
  if (!host || !f) {
    if (!what_.at_ms)
      note_nothing("unknown-host",
                   fmt::format("no host {} is known: it has never reported, or has expired",
                               quote_for_people(what_.host)));
    return;
  }
  past_ = read_past(engine.in, *f, *host, said_.first_listed() - said_.looked_at(),
                    said_.last_listed());
  said_.first = past_.first;
  if (past_.first > said_.check && !what_.at_ms && past_.first != tick_max)
    return note_nothing("not-yet-checked",
                        fmt::format("the host reported {} for the first time just now: the next "
                                    "check will be the first",
                                    said_.about.field));
  if (!past_.covers(said_.check, said_.looked_at()))
    return;
  said_.found =
      explain_check(said_.about, said_.window_ticks(), said_.watch_ticks, past_, said_.check);
  if (said_.contradicts_incident())
    return; // values came late since: the log knows what the check saw
  where_ = found::here;
  past_ = held_past(engine.in, past, *f, *host, said_.first_listed() - said_.looked_at(),
                    said_.last_listed());
  next_listed_ = (std::max(said_.first_listed(), past_.from) + said_.watch_ticks) /
                     said_.watch_ticks * said_.watch_ticks -
                 1;
}

bool explain_windows::explain_some() {
  const auto window = said_.window_ticks();
  for (std::int64_t done = 0; done < ticks_per_step; next_listed_ += said_.watch_ticks) {
    if (next_listed_ > past_.to())
      return true;
    // Before its first value nobody had asked this of the host.
    if (!past_.covers(next_listed_, said_.looked_at()) || next_listed_ < past_.first)
      continue;
    const auto c = explain_check(said_.about, window, said_.watch_ticks, past_, next_listed_);
    said_.checks.push_back({c.at, c.value, c.verdict});
    done += window;
  }
  return false;
}

// What was sealed well after these rules came was so under them; of all else the record knows.
bool explain_windows::may_be_of_other_rules() const {
  return what_.at_ms && said_.nothing.empty() &&
         (said_.about.name.empty() ||
          said_.grid.end_ms(said_.check) <= ctx_.rules.get()->since_ms + clocks_differ_ms);
}

void explain_windows::answer() {
  const auto unknown = [name = what_.rule](const char* when) {
    return http::refusal{404, "unknown-rule",
                         fmt::format("no rule {} is in force{}: GET /api/v1/rules lists those that "
                                     "are",
                                     quote_for_people(name), when)};
  };
  if (where_ == found::no_rule)
    return owed_.send(unknown(""));
  const bool here = where_ == found::here, ask = may_be_of_other_rules();
  if (here && !ask)
    return owed_.send(http::response{.body = to_json(said_)});
  ctx_.desk->ask(
      [said = std::move(said_), ctx = ctx_, name = what_.rule, unknown, here,
       ask](auto& c, auto& go_on) mutable -> result<http::response> {
        bool other = false;
        if (ask) {
          const auto then = find_rules_then(c, ctx.keys, ctx.cluster, said.grid.end_ms(said.check));
          if (!then)
            return then.failure();
          other = take_rule_then(said, *then, name);
        }
        if (said.about.name.empty())
          return http::to_response(unknown(", nor known to have been at that check"));
        if (here && !other)
          return http::response{.body = to_json(said)};
        return explain_from_log(c, ctx.keys, ctx.config, said, ctx.unix_ms(), go_on);
      },
      std::move(owed_), ctx_.monotonic_ms());
}

void explain_windows::refuse(const http::refusal& why) {
  owed_.send(why.status == 503 ? not_now(why.code.c_str(), why.message) : http::to_response(why));
}

} // namespace tocsin
