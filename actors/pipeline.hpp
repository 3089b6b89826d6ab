#pragma once

#include "actors/api/query_desk.hpp"
#include "actors/collector.hpp"
#include "actors/engine_context.hpp"
#include "actors/messages.hpp"

#include <caf/all.hpp>
#include <string>

namespace tocsin {

/// The engine's actors. The way of the data:
///
///   HTTP, local collector → collector → log writer → Redis: the log
///   the log → log reader → aggregator → rule ×N → incident → committer → Redis: the incidents
///
/// and beside it membership, which decides whether this worker runs the second line, the janitor,
/// which keeps the streams within their bounds, and query readers, which answer the API from Redis.
class pipeline {
public:
  /// `desk`: where the API asks what stands in Redis; answered from here.
  pipeline(caf::actor_system&, engine_context&, const std::string& worker,
           std::shared_ptr<query_desk> desk);

  const caf::actor& collector() const { return collector_; }

  /// Puts rules in force, and answers when they are. Any thread.
  void take_up(const rules_ptr& rules);

  /// Ends them in order: samples that were taken are written, ticks that are sealed are committed,
  /// the lease is given back. Takes at most about `timeout_ms`. Returns whether all have ended; if
  /// not, some hang in a Redis that does not answer, and the actor system would wait for them.
  bool stop(std::int64_t timeout_ms);

private:
  caf::actor_system& sys_;
  engine_context& ctx_;
  std::shared_ptr<query_desk> desk_;
  std::vector<caf::actor> query_readers_;
  caf::actor log_writer_, collector_, membership_, janitor_, live_feed_;
  caf::actor watch_; ///< an actor that nobody holds is gone
};

/// Settings of the actor system that the engine wants.
caf::actor_system_config& configure(caf::actor_system_config&);

} // namespace tocsin
