#pragma once

#include "actors/engine_context.hpp"
#include "actors/statsd/statsd_socket.hpp"

#include <caf/all.hpp>
#include <memory>
#include <string>
#include <vector>

namespace tocsin {

/// Hears StatsD, and hands the collector a sample for each host that spoke, once an interval. One
/// thread reads, so that nothing that happens behind it loses packets; another one sends, and sends
/// again with the same time what the log did not take. At most 16 MiB wait; then the oldest are
/// dropped, and counted. Owns the threads; the destructor ends them, with what was heard till then
/// sent.
class statsd_collector {
public:
  /// `host` reports what names none.
  statsd_collector(engine_context&, caf::actor collector, std::vector<statsd_socket>,
                   std::string host);
  ~statsd_collector();
  statsd_collector(const statsd_collector&) = delete;
  statsd_collector& operator=(const statsd_collector&) = delete;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace tocsin
