#include "actors/recovery_report.hpp"

#include "streams/redis/stream_id.hpp"
#include "streams/rule/iso_time.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace tocsin {

std::string describe_lost_data(const std::optional<tick_report>& last, bool others_seen,
                               const std::optional<redis::progress_mark>& found) {
  const auto end_ms =
      found ? static_cast<std::int64_t>(redis::parse_unsigned(found->tick).value_or(0)) : 0;
  if (last && last->end_ms > end_ms)
    return fmt::format(
        "Redis lost data: {} this engine had committed ticks up to {}. Lost are {}, and samples "
        "that were not evaluated yet",
        found ? fmt::format("it knows of ticks up to {}, and", iso_time(end_ms))
              : "it came back empty, and",
        iso_time(last->end_ms),
        found ? "the events behind that, which may come again or differ"
              : fmt::format("{} open incidents (no event will resolve them; what is still true "
                            "opens anew), all cooldowns, and the windows of {} hosts",
                            last->open, last->hosts));
  if (!found && others_seen && !last)
    return "Redis came back empty: what the other engine had committed is lost, its open incidents "
           "(no event will resolve them; what is still true opens anew) and cooldowns with it";
  return {};
}

void say_what_is_lost(const engine_context& ctx, const recovered_partition& from,
                      bool others_seen) {
  const auto ticks = ctx.record.ticks();
  const auto last = ticks.empty() ? std::nullopt : std::optional(ticks.back());
  if (const auto lost = describe_lost_data(last, others_seen, from.mark); !lost.empty())
    spdlog::error("{}", lost);
}

} // namespace tocsin
