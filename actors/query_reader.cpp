#include "actors/query_reader.hpp"

#include "actors/guard.hpp"
#include "actors/messages.hpp"

#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

// One answer of the log's readers is 32 MiB at most: below this Redis is stuck.
constexpr std::int64_t question_timeout_ms = 5'000;

void answer_all(redis_door& door, query_desk& desk) {
  while (auto one = desk.next()) {
    auto* c = door.get(monotonic_ms());
    if (c != nullptr)
      c->set_timeout_ms(question_timeout_ms);
    try {
      if (const auto why = desk.answer(std::move(*one), c, monotonic_ms))
        door.failed(*why, monotonic_ms());
      else if (c != nullptr)
        door.works();
    } catch (const std::exception& e) { // out of memory: who asked is answered with 500
      spdlog::error("query-reader: {}", e.what());
    }
  }
}

} // namespace

caf::behavior query_reader(caf::stateful_actor<query_reader_state>* self, engine_context* ctx,
                           std::shared_ptr<query_desk> desk) {
  guard(self);
  self->state.door.emplace(*ctx, "query");
  return {
      [=](tick_atom) { answer_all(*self->state.door, *desk); },
      [=](stop_atom) { self->quit(); },
  };
}

} // namespace tocsin
