#include "tools/tocsin/redis_keeper.hpp"

#include <spdlog/spdlog.h>

namespace tocsin {

void redis_keeper::look() {
  const bool in_place = server_.in_place();
  if (in_place && server_.alive()) {
    if (!ended_.going_on())
      return;
    ctx_.redis_ended.set({});
    if (ended_.works(monotonic_ms()))
      spdlog::info("the embedded Redis runs again");
    return;
  }
  const auto full = in_place ? server_.disk_full() : std::nullopt;
  const auto why = full       ? *full
                   : in_place ? server_.why_ended()
                              : "the state folder was removed or moved away under the engine, and "
                                "with it what Redis held";
  ctx_.redis_ended.set("the embedded Redis ended: " + why);
  if (ended_.fails(why, monotonic_ms()))
    spdlog::error("the embedded Redis ended: starting it again{}: {}",
                  full ? " as soon as there is room" : "", why);
  if (!full && pace_.may_start(monotonic_ms()))
    start_again();
}

void redis_keeper::start_again() {
  pace_.started(monotonic_ms());
  if (const auto s = server_.restart(); s)
    return look(); // says so
  else if (ended_.fails(s.failure().message, monotonic_ms()))
    spdlog::error("{}", s.failure().message);
}

} // namespace tocsin
