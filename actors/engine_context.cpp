#include "actors/engine_context.hpp"

namespace tocsin {

namespace {

counter& samples(metric_registry& r, const char* what) {
  return r.add_counter("tocsin_samples_total", "Samples by what became of them.",
                       {{"result", what}});
}

counter& values(metric_registry& r, const char* what) {
  return r.add_counter("tocsin_values_total", "Values of samples by what became of them.",
                       {{"result", what}});
}

counter& incidents(metric_registry& r, const char* what) {
  return r.add_counter("tocsin_incidents_total", "Incident events committed.", {{"event", what}});
}

gauge& last_recovery(metric_registry& r, const char* part) {
  return r.add_gauge("tocsin_last_recovery_seconds",
                     "Time that the last recovery took to read the state, and then the log.",
                     {{"part", part}});
}

} // namespace

engine_metrics::engine_metrics(metric_registry& r)
    : samples_accepted(samples(r, "accepted")), samples_rejected(samples(r, "rejected")),
      samples_late(samples(r, "late")), samples_early(samples(r, "early")),
      samples_refused(samples(r, "refused")), values_taken(values(r, "taken")),
      values_repeated(values(r, "repeated")), values_dropped(values(r, "dropped")),
      entries_skipped(
          r.add_counter("tocsin_log_entries_skipped_total", "Log entries that could not be read.")),
      ticks_sealed(r.add_counter("tocsin_ticks_sealed_total", "Ticks sealed.")),
      ticks_blind(r.add_counter("tocsin_ticks_blind_total",
                                "Ticks sealed during which nobody could write to the log.")),
      incidents_opened(incidents(r, "opened")), incidents_resolved(incidents(r, "resolved")),
      redis_errors(r.add_counter("tocsin_redis_errors_total", "Failed calls to Redis.")),
      recoveries(r.add_counter("tocsin_recoveries_total",
                               "Times that the partition's state was read back from Redis.")),
      clock_steps(r.add_counter("tocsin_redis_clock_steps_total",
                                "Steps of Redis's clock by more than a second.")),
      requests_overloaded(r.add_counter("tocsin_intake_overloaded_total",
                                        "Requests refused because too much was waiting.")),
      incidents_open(r.add_gauge("tocsin_incidents_open", "Incidents open now.")),
      fields_known(r.add_gauge("tocsin_fields", "Fields known, of tocsin.fields.")),
      hosts_known(r.add_gauge("tocsin_hosts", "Hosts known.")),
      hosts_skewed(r.add_gauge("tocsin_hosts_skewed", "Hosts whose clocks are off.")),
      log_bytes(r.add_gauge("tocsin_log_bytes", "Memory that the sample log takes in Redis.")),
      incident_bytes(r.add_gauge("tocsin_incident_stream_bytes",
                                 "Memory that the incident stream takes in Redis.")),
      window_bytes(r.add_gauge("tocsin_window_bytes", "Memory of the rolling windows.")),
      uncommitted(r.add_gauge("tocsin_ticks_uncommitted", "Sealed ticks that wait for Redis.")),
      role(r.add_gauge("tocsin_owner", "1 while this worker evaluates the partition.")),
      log_full(
          r.add_gauge("tocsin_log_full", "1 while samples are refused because the log is full.")),
      rules(r.add_gauge("tocsin_rules", "Rules in force.")),
      recovery_state(last_recovery(r, "state")), recovery_log(last_recovery(r, "log")),
      recovery_entries(r.add_gauge("tocsin_last_recovery_log_entries",
                                   "Entries of the log that the last recovery read.")),
      recovery_bytes(r.add_gauge("tocsin_last_recovery_log_bytes", "Their bytes.")),
      evaluation(r.add_histogram("tocsin_evaluation_seconds",
                                 "Time from a tick's seal until its rules are checked.",
                                 exponential_bounds(0.0001, 2, 16))),
      commit(r.add_histogram("tocsin_commit_seconds", "Time that one commit to Redis takes.",
                             exponential_bounds(0.0001, 2, 16))),
      seal_to_commit(r.add_histogram("tocsin_seal_to_commit_seconds",
                                     "Time from a tick's seal until its events are in the stream.",
                                     exponential_bounds(0.0005, 2, 16))),
      recovery(r.add_histogram("tocsin_recovery_seconds", "Time that a recovery took.",
                               exponential_bounds(0.01, 2, 14))) {}

} // namespace tocsin
