#pragma once

#include "actors/pipeline.hpp"
#include "tests/support/redis_fixture.hpp"

namespace tocsin::test {

/// One actor of the engine, or a few, on a real Redis; what the others would do the test does.
class engine_test : public redis_test {
protected:
  static settings quick_settings() {
    settings s;
    s.interval_ms = s.watcher_interval_ms = 100;
    s.grace_ms = 0;
    s.takeover_ms = 20'000; // an owner that stands still for half of it loses the lease
    s.memory_bytes = std::uint64_t{64} << 20;
    return s;
  }

  /// Waits for every actor at its end: whatever a test spawns it must end.
  struct engine {
    engine(settings s, redis_address address) : ctx(std::move(s), std::move(address), registry) {}

    metric_registry registry;
    engine_context ctx;
    caf::actor_system_config config;
    caf::actor_system actors{configure(config)};
  };
};

} // namespace tocsin::test
