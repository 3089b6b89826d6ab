#include "config/duration.hpp"
#include "config/rule_reader.hpp"

#include <fmt/format.h>

namespace tocsin {

namespace {

// A count lies between 0 and the window's ticks, so some comparisons are decided beforehand. (A
// window without any value is judged apart, but never the other way.)
std::string decided_count(const rule& rule, std::int64_t ticks) {
  const auto most = static_cast<double>(ticks);
  const bool more = rule.compare == operand::equal_or_more_than;
  const bool never = more ? rule.threshold > most : rule.threshold < 0;
  const bool always = more ? rule.threshold <= 0 : rule.threshold >= most;
  if (!never && !always)
    return {};
  return fmt::format("a `count` over {} tick{} lies between 0 and {}: this is {} met", ticks,
                     ticks == 1 ? "" : "s", ticks, never ? "never" : "always");
}

void check_window(const placed_rule& placed, const settings& under, problem_list& problems) {
  const auto& rule = placed.value;
  const auto ticks = rule.window_ticks(under.interval_ms);
  const auto timeframe = describe_duration(rule.timeframe_ms);
  const auto interval = describe_duration(under.interval_ms);
  if (ticks > window_ticks_max)
    return problems.error(
        placed.timeframe,
        fmt::format("a window of {} ticks is too long: {} every {}, at most {} ticks", ticks,
                    timeframe, interval, window_ticks_max));
  if (rule.timeframe_ms % under.interval_ms != 0)
    problems.warn(placed.timeframe,
                  fmt::format("{} is no multiple of the collectionInterval ({}): it is rounded up "
                              "to {}",
                              timeframe, interval, describe_duration(ticks * under.interval_ms)));
  if (ticks < under.watcher_ticks())
    problems.warn(placed.timeframe,
                  fmt::format("{} is shorter than the watcherInterval ({}): there are ticks that "
                              "no check looks at",
                              timeframe, describe_duration(under.watcher_interval_ms)));
  if (placed.whole && rule.aggregate == aggregation::count) {
    if (auto decided = decided_count(rule, ticks); !decided.empty())
      problems.warn(placed.threshold, std::move(decided));
  }
}

} // namespace

void check_windows(std::span<const placed_rule> rules, const settings& under,
                   problem_list& problems) {
  for (const auto& placed : rules) {
    if (placed.value.timeframe_ms > 0)
      check_window(placed, under, problems);
  }
}

} // namespace tocsin
