#pragma once

#include "actors/engine_context.hpp"
#include "config/redis_address.hpp"

#include <caf/all.hpp>
#include <memory>

namespace tocsin {

/// Follows the sorted set in which the nodes of a Botpress Pro cluster store their samples, in that
/// cluster's Redis, and hands each of them to the collector at least once; a repetition counts
/// once. Only the engine that evaluates follows, so that a standby does not write all of it into
/// the log again. It reads, and writes nothing there. Owns its thread; the destructor ends it.
class botpress_follower {
public:
  botpress_follower(engine_context&, caf::actor collector, redis_address);
  ~botpress_follower();
  botpress_follower(const botpress_follower&) = delete;
  botpress_follower& operator=(const botpress_follower&) = delete;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace tocsin
