#include "streams/rule/explain.hpp"

#include "streams/window/exact_sum.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace tocsin {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

double value_at(const field_past& past, tick t) {
  return t < past.from || t > past.to() ? none
                                        : past.values[static_cast<std::size_t>(t - past.from)];
}

bool blind_at(const field_past& past, tick t) {
  return t < past.from || t > past.to() || past.blind[static_cast<std::size_t>(t - past.from)];
}

// How many ticks of the window are what.
struct tally {
  std::int64_t ticks = 0, values = 0, before_first = 0, blind = 0, slipped = 0;
  bool recent_value = false;        // at one of the ticks since the check before
  bool missing_after_value = false; // a tick is missing that is newer than the newest value

  std::int64_t missing() const { return before_first + blind + slipped; }
};

bool has_value(const field_past& past, tick t) {
  return !std::isnan(value_at(past, t));
}

// Whether the report of tick n may have slipped over its edge.
bool may_have_slipped(const field_past& past, std::int64_t check_ticks, tick n) {
  return has_value(past, n - 1) &&
         (check_ticks == 1 || has_value(past, n - 2) || n - 2 < past.first);
}

tick_standing standing_of(const rule& r, std::int64_t check_ticks, const field_past& past, tick t,
                          tick n) {
  if (has_value(past, t))
    return tick_standing::value;
  if (r.partial)
    return tick_standing::silent;
  if (t < past.first)
    return tick_standing::before_first;
  if (blind_at(past, t))
    return tick_standing::blind;
  const bool slipped = t == n && may_have_slipped(past, check_ticks, n);
  return slipped ? tick_standing::slipped : tick_standing::silent;
}

tally count_window(const explained_check& check) {
  tally c;
  for (const auto& t : check.window) {
    const bool has_value = t.standing == tick_standing::value;
    const bool missing = !has_value && t.standing != tick_standing::silent;
    c.values += has_value;
    c.before_first += t.standing == tick_standing::before_first;
    c.blind += t.standing == tick_standing::blind;
    c.slipped += t.standing == tick_standing::slipped;
    c.recent_value |= has_value && t.at > check.at - check.check_ticks;
    c.missing_after_value = missing || (c.missing_after_value && !has_value);
  }
  c.ticks = static_cast<std::int64_t>(check.window.size());
  return c;
}

std::optional<double> aggregate(const rule& r, const std::vector<explained_tick>& window,
                                std::int64_t values) {
  if (values == 0)
    return r.adds() ? std::optional(0.0) : std::nullopt;
  exact_sum sum;
  double least = HUGE_VAL, greatest = -HUGE_VAL, last = 0;
  for (const auto& t : window) {
    if (t.standing != tick_standing::value)
      continue;
    sum.add(t.value);
    least = std::min(least, t.value);
    greatest = std::max(greatest, t.value);
    last = t.value;
  }
  switch (r.aggregate) {
  case aggregation::avg:
    return sum.divided(static_cast<double>(values));
  case aggregation::sum:
    return sum.rounded();
  case aggregation::min:
    return least;
  case aggregation::max:
    return greatest;
  case aggregation::last:
    return last;
  case aggregation::count:
    break;
  }
  return static_cast<double>(values);
}

// Which of the missing ticks are to blame where the verdict does not count.
unknown_reason blame_missing(const rule& r, const tally& c) {
  if (c.values > 0 && r.aggregate == aggregation::last)
    return c.slipped > 0 ? unknown_reason::slipped : unknown_reason::blind;
  if (c.before_first > 0)
    return unknown_reason::before_first;
  if (c.values > 0 && r.aggregate == aggregation::avg)
    return unknown_reason::more_than_half_missing;
  return c.blind > 0 ? unknown_reason::blind : unknown_reason::slipped;
}

// While ticks are missing: only what none of them could change.
bool counts_with_gaps(const rule& r, const tally& c, bool met) {
  if (c.values == 0)
    return false;
  switch (r.aggregate) {
  case aggregation::sum:
  case aggregation::count:
  case aggregation::max:
    return met == r.wants_more();
  case aggregation::min:
    return met != r.wants_more();
  case aggregation::last:
    return !c.missing_after_value;
  case aggregation::avg:
    break;
  }
  return c.before_first == 0 && 2 * c.missing() <= c.ticks;
}

// While none is: silence is no recovery, unless the rule says so.
void judge_whole(const rule& r, const tally& c, bool met, explained_check& out) {
  const bool silent_sum = r.adds() && r.wants_more() && !met && !c.recent_value;
  const bool empty = c.values == 0 && !(r.adds() && !r.wants_more());
  if (!empty && !silent_sum)
    out.verdict = met;
  else if (r.on_no_data == no_data::resolve)
    out.verdict = false;
  else
    out.reason = c.values == 0 ? unknown_reason::no_value : unknown_reason::newest_silent;
}

} // namespace

const char* name_of(unknown_reason why) {
  switch (why) {
  case unknown_reason::none:
    break;
  case unknown_reason::never_reported:
    return "never-reported";
  case unknown_reason::before_first:
    return "before-first";
  case unknown_reason::blind:
    return "blind";
  case unknown_reason::slipped:
    return "slipped";
  case unknown_reason::no_value:
    return "no-value";
  case unknown_reason::newest_silent:
    return "newest-silent";
  case unknown_reason::more_than_half_missing:
    return "more-than-half-missing";
  }
  return "";
}

explained_check explain_check(const rule& r, std::int64_t window_ticks, std::int64_t check_ticks,
                              const field_past& past, tick n) {
  assert(past.covers(n, ticks_looked_at(window_ticks, check_ticks)));
  explained_check out;
  out.at = n;
  out.check_ticks = check_ticks;
  for (auto t = n - window_ticks + 1; t <= n; ++t)
    out.window.push_back({t, value_at(past, t), standing_of(r, check_ticks, past, t, n)});
  if (n < past.first) {
    out.reason =
        past.first == tick_max ? unknown_reason::never_reported : unknown_reason::before_first;
    return out;
  }
  const auto c = count_window(out);
  out.any_value = c.values > 0;
  out.value = aggregate(r, out.window, c.values);
  const auto v = out.value.value_or(0);
  const bool met = r.wants_more() ? v >= r.threshold : v <= r.threshold;
  if (c.missing() == 0)
    judge_whole(r, c, met, out);
  else if (counts_with_gaps(r, c, met))
    out.verdict = met;
  else
    out.reason = blame_missing(r, c);
  return out;
}

} // namespace tocsin
