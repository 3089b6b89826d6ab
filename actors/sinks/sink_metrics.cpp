#include "actors/sinks/sink_metrics.hpp"

#include "actors/sinks/clock.hpp"

#include <algorithm>

namespace tocsin {

namespace {

counter& events(metric_registry& r, const std::string& sink, const char* what) {
  return r.add_counter("tocsin_sink_events_total", "Events by sink and what became of them.",
                       {{"sink", sink}, {"result", what}});
}

} // namespace

sink_metrics::sink_metrics(metric_registry& r, const std::string& sink)
    : delivered(events(r, sink, "delivered")), unmatched(events(r, sink, "unmatched")),
      given_up(events(r, sink, "given-up")), lost(events(r, sink, "lost")),
      retries(r.add_counter("tocsin_sink_retries_total",
                            "Attempts to hand on events that have to be repeated.",
                            {{"sink", sink}})),
      undelivered(r.add_gauge("tocsin_sink_undelivered", "Events that a sink has not taken yet.",
                              {{"sink", sink}})),
      endangered(r.add_gauge("tocsin_sink_endangered",
                             "1 while the incident stream is about to lose events that a sink has "
                             "not taken yet.",
                             {{"sink", sink}})),
      oldest_ms(std::make_shared<std::atomic<std::int64_t>>(INT64_MAX)) {
  r.add_callback(metric_type::gauge, "tocsin_sink_lag_seconds",
                 "Age of the oldest event not taken yet.",
                 [since = oldest_ms] {
                   const auto now = monotonic_ms();
                   return static_cast<double>(now - std::min(now, since->load())) / 1000;
                 },
                 {{"sink", sink}});
}

} // namespace tocsin
