#pragma once

#include "actors/engine_context.hpp"

#include <caf/all.hpp>
#include <memory>
#include <string>

namespace tocsin {

/// Reports this machine like an agent, but straight to the collector: every interval a sample,
/// kept while Redis is away. Owns its threads; the destructor ends them. It takes no leave: an
/// engine that restarts is not a host that goes.
class local_collector {
public:
  local_collector(engine_context&, caf::actor collector, std::string host);
  ~local_collector();
  local_collector(const local_collector&) = delete;
  local_collector& operator=(const local_collector&) = delete;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// Asks this engine's own HTTP server for /healthz, and notes whether it answers: heartbeats are
/// written only while the intake does. Owns a thread; the destructor ends it.
class intake_watch {
public:
  intake_watch(engine_context&, std::string url);
  ~intake_watch();
  intake_watch(const intake_watch&) = delete;
  intake_watch& operator=(const intake_watch&) = delete;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace tocsin
