#pragma once

#include "actors/api/query_desk.hpp"
#include "actors/redis_door.hpp"

#include <caf/all.hpp>
#include <memory>
#include <optional>

namespace tocsin {

struct query_reader_state {
  static inline const char* name = "query-reader";
  std::optional<redis_door> door;
};

/// Answers what waits at the desk, with a Redis connection of its own: detached, for it blocks.
caf::behavior query_reader(caf::stateful_actor<query_reader_state>* self, engine_context* ctx,
                           std::shared_ptr<query_desk> desk);

} // namespace tocsin
