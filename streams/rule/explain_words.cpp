#include "streams/rule/explain_words.hpp"

#include "config/duration.hpp"
#include "config/number_text.hpp"
#include "config/rule_words.hpp"
#include "streams/rule/iso_time.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

// "average of cpu.usage over 2 minutes"
std::string subject(const rule& r) {
  return fmt::format("{} of {} over {}", aggregation_words(name_of(r.aggregate)), r.field,
                     describe_duration(r.timeframe_ms));
}

// "60 or more"
std::string wanted(const rule& r) {
  return fmt::format("{} or {}", number_for_people(r.threshold), r.wants_more() ? "more" : "less");
}

// The same beside a value that was checked: with enough digits to tell the two apart.
std::string wanted(const rule& r, const explained_check& c) {
  return fmt::format("{} or {}", number_for_people(r.threshold, c.value.value_or(r.threshold)),
                     r.wants_more() ? "more" : "less");
}

std::string the_last(const rule& r) {
  return "the last " + describe_span(r.timeframe_ms);
}

std::string value_words(const rule& r, const explained_check& c) {
  if (!c.value)
    return fmt::format("{} has no value in {}", r.field, the_last(r));
  return fmt::format("{} of {} over {} was {}", aggregation_words(name_of(r.aggregate)), r.field,
                     the_last(r), number_for_people(*c.value, r.threshold));
}

std::int64_t count(const explained_check& c, tick_standing what) {
  return std::count_if(c.window.begin(), c.window.end(),
                       [&](const explained_tick& t) { return t.standing == what; });
}

std::string ticks_words(std::int64_t n, std::size_t of) {
  return fmt::format("{} of the window's {} tick{}", n, of, of == 1 ? "" : "s");
}

std::string before_first_words(const rule& r, const tick_grid& grid, const explained_check& c,
                               tick first) {
  if (c.at < first)
    return fmt::format("the host reported {} for the first time in the tick that began at {}, "
                       "after this check",
                       r.field, iso_time(grid.start_ms(first)));
  const auto begin = fmt::format("the host has reported {} for {} only; ", r.field,
                                 describe_duration((c.at - first + 1) * grid.interval_ms));
  if (r.aggregate == aggregation::avg)
    return begin + fmt::format("the average needs the whole {}", describe_span(r.timeframe_ms));
  return begin + fmt::format("{}, {} is needed, and what came before could change that",
                             value_words(r, c), wanted(r, c));
}

std::string blind_words(const rule& r, const explained_check& c) {
  return fmt::format("during {} nobody could write to the log (blind), so what the host reported "
                     "then is not known, and could change the verdict; {}",
                     ticks_words(count(c, tick_standing::blind), c.window.size()),
                     value_words(r, c));
}

// Why the newest report may be on its way. Where checks leave out ticks, a host that reports less
// often than at every tick is not waited for.
const char* before_newest_words(const explained_check& c) {
  return c.check_ticks == 1 ? "one in the tick before" : "the host reported in the ticks before";
}

std::string unchecked_words(const explained_check& c) {
  return c.check_ticks == 1 ? "the newest tick"
                            : fmt::format("the {} ticks since the check before", c.check_ticks);
}

std::string unknown_words(const rule& r, const tick_grid& grid, const explained_check& c,
                          tick first) {
  switch (c.reason) {
  case unknown_reason::never_reported:
    return fmt::format("the host has never reported {}", r.field);
  case unknown_reason::before_first:
    return before_first_words(r, grid, c, first);
  case unknown_reason::blind:
    return blind_words(r, c);
  case unknown_reason::slipped:
    return fmt::format("no value came in the newest tick, but {}: the report may have slipped over "
                       "the edge of the tick, and the next check will know; {}",
                       before_newest_words(c), value_words(r, c));
  case unknown_reason::no_value:
    return fmt::format("the host has not reported {} in {}, and silence is no recovery: nothing "
                       "opens and nothing is resolved",
                       r.field, the_last(r));
  case unknown_reason::newest_silent:
    return fmt::format("{}, {} is needed; but the host did not report the field in {}, and silence "
                       "is no recovery",
                       value_words(r, c), wanted(r, c), unchecked_words(c));
  case unknown_reason::more_than_half_missing:
    return fmt::format(
        "{} are missing (blind or slipped over the edge); an average counts while "
        "at most half of them are",
        ticks_words(count(c, tick_standing::blind) + count(c, tick_standing::slipped),
                    c.window.size()));
  case unknown_reason::none:
    break;
  }
  return {};
}

} // namespace

std::string explain_words(const rule& r, const tick_grid& grid, const explained_check& c,
                          tick first) {
  if (!c.verdict)
    return unknown_words(r, grid, c, first);
  if (*c.verdict)
    return fmt::format("{}, which is {}", value_words(r, c), wanted(r, c));
  const bool by_silence = !c.any_value && !(r.adds() && !r.wants_more());
  if (by_silence)
    return fmt::format("the host has not reported {} in {}, which this rule takes for a recovery "
                       "(noData: resolve)",
                       r.field, the_last(r));
  return fmt::format("{}; {} is needed", value_words(r, c), wanted(r, c));
}

std::string resolves_when(const rule& r) {
  const auto value = fmt::format("{} is {} than {}", subject(r), r.wants_more() ? "less" : "more",
                                 number_for_people(r.threshold));
  if (r.adds() && !r.wants_more())
    return value;
  if (r.on_no_data == no_data::resolve)
    return fmt::format("{}, or the host does not report {} for {}", value, r.field,
                       describe_duration(r.timeframe_ms));
  return fmt::format("{}{}; silence does not resolve it", value,
                     r.adds() ? " while the host reports" : "");
}

std::string opens_when(const rule& r, std::optional<std::int64_t> cooling_until_ms) {
  const auto value = fmt::format("{} is {}", subject(r), wanted(r));
  if (!cooling_until_ms)
    return value;
  return fmt::format("{} at a check at or after {}, when the cooldown ends", value,
                     iso_time(*cooling_until_ms));
}

} // namespace tocsin
