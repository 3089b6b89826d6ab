#pragma once

#include "actors/machine/shipper.hpp"
#include "config/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// When this host reports within an interval: a stable offset from a hash of its name, between a
/// tenth and six tenths of the interval. So a thousand hosts do not report in the same
/// millisecond, each of them well inside a tick: neither a slow start nor a slow way slips over
/// the tick's edge.
std::int64_t report_offset_ms(std::string_view host, std::int64_t interval_ms);

/// The first time after `now_ms` that is a multiple of the interval plus the offset.
std::int64_t next_report_ms(std::int64_t now_ms, std::int64_t interval_ms, std::int64_t offset_ms);

/// Where an agent's time comes from.
class agent_clock {
public:
  virtual ~agent_clock() = default;
  virtual std::int64_t now_ms() = 0;    ///< Unix time, which may step
  virtual std::int64_t steady_ms() = 0; ///< never goes back; from any thread
  /// Waits that long, or shorter. False once the agent is asked to stop.
  virtual bool wait_ms(std::int64_t span_ms) = 0;
};

/// Where an agent's samples go. Called by one thread at a time.
class sample_door {
public:
  virtual ~sample_door() = default;
  virtual server_answer post(std::size_t server, std::string_view ndjson,
                             std::int64_t timeout_ms) = 0;
  /// Ends a `post` in progress, unless it is done; from any thread. Later ones are not affected.
  virtual void hurry() = 0;
};

struct agent_options {
  std::vector<std::string> servers; ///< base URLs, in the order in which they are tried
  std::string host;
  std::int64_t interval_ms = 10'000;
  bool leave = true; ///< say `gone` when stopped
  std::int64_t post_timeout_ms = 5'000;
  std::int64_t leave_timeout_ms = 2'000; ///< for everything that is sent after the stop
};

/// Reports a machine: takes a sample each interval and ships it. `run` does one in its own thread
/// and the other in a second one, so that a server that hangs costs no samples.
///
/// 1. Samples are taken on time whatever the servers do, and carry the time of taking.
/// 2. When the clock says stop, a leave sample joins the backlog and everything left is sent once
///    more; what cannot be sent then is lost, and logged.
/// 3. A wall clock that steps back costs at most one interval.
class agent {
public:
  using sampler = std::function<std::string(std::int64_t ts_ms)>;

  /// `clock` and `door` must outlive the agent.
  agent(agent_options options, agent_clock& clock, sampler take, sample_door& door);
  ~agent();

  /// Until the clock says stop.
  void run();

  /// Waits for the next report and takes it; false once asked to stop. `run` does this.
  bool sample_once();
  /// Sends what can be sent now, each server at most once in vain. `run` does this.
  void ship();
  /// Takes leave. `run` does this.
  void leave();

  const shipper& ships() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// Posts to URL/api/v1/samples of each server over HTTP, with the bearer token that it asks for
/// each time, where that is not empty.
std::unique_ptr<sample_door> make_http_door(std::vector<std::string> servers,
                                            std::function<std::string()> token);

/// The real clock; `stopping` is asked ten times a second.
std::unique_ptr<agent_clock> make_system_clock(std::function<bool()> stopping);

} // namespace tocsin
