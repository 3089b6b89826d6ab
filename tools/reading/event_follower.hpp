#pragma once

#include "config/result.hpp"
#include "tools/reading/engine_api.hpp"
#include "tools/reading/event_parser.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace tocsin {

/// How long to wait before a connection is tried again: half a second, doubled up to 15 s, and
/// half a second again once one stood.
class reconnect_wait {
public:
  static constexpr std::int64_t first_ms = 500;
  static constexpr std::int64_t longest_ms = 15'000;

  std::int64_t next_ms();
  void stood() { next_ = first_ms; }

private:
  std::int64_t next_ = first_ms;
};

/// The id at which the engine's event stream stands now.
result<std::string> newest_event_id(engine_api&);

/// Follows an engine's events over any number of connections.
///
/// 1. Each event is taken once: a new connection goes on behind the last event that was taken.
/// 2. The first connection must stand, else that is the error. Later ones are tried until they
///    stand, but for an engine that will not have us (its token was taken away, say).
/// 3. `say` is told in words when the connection is lost and when it stands again.
class event_follower {
public:
  struct outside {
    event_parser::taker take;                     ///< false: no more is wanted
    std::function<void(const std::string&)> say;  ///< for people
    std::function<bool(std::int64_t ms)> wait_ms; ///< false: no more is wanted
  };
  /// Behind the event `after`; empty: what comes from now on.
  event_follower(engine_api& api, std::string after, outside with);

  status run();

private:
  engine_api::stream_end connect();

  engine_api& api_;
  std::string after_;
  outside with_;
  event_parser parser_;
  reconnect_wait wait_;
  bool wanted_ = true;
  bool told_of_loss_ = false;
};

} // namespace tocsin
