#pragma once

#include "actors/http/client.hpp"
#include "actors/sinks/resend_round.hpp"
#include "actors/sinks/sink.hpp"
#include "actors/sinks/watchdog.hpp"
#include "config/complaint.hpp"
#include "streams/redis/keys.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin {

struct alertmanager_options {
  std::string url;          ///< base URL, without slash at its end
  std::string external_url; ///< of this engine: links to incidents begin with it
  redis::partition_keys keys;
  std::int64_t resend_ms = 60'000;
  std::string authorization = {};   ///< value of the header; empty: none is sent
  http::client_options client = {}; ///< authorities and certificate
  watchdog_wiring watchdog = {};
};

/// Tells an Alertmanager about incidents: each event when it comes, and what is open again every
/// minute, for an alert that is not sent again expires there.
///
/// 1. What is sent again is a piece of the hash of open incidents, read in the call that sends it,
///    and nothing of it is kept. The hash changes in the script that adds an event to the stream,
///    and events are handed on in the same thread. So an incident whose `resolved` was sent is no
///    longer in any piece that is sent after it; and one whose `resolved` comes while a piece is on
///    its way is resolved by it afterwards.
/// 2. The end is right whatever was lost: an alert that nobody sends again ends by itself, one that
///    was never sent comes with the next round. What did not reach Alertmanager in order (opened,
///    resolved and opened again while it was away) is sent in order.
/// 3. Memory: the events of one delivery, or one piece, and their text: 500 of at most 8 KB, a few
///    hundred KB as a rule, whatever is open.
/// 4. Credentials go into requests to `url` only: no redirect is followed.
class alertmanager_sink : public sink {
public:
  static constexpr std::size_t alerts_max = 500;
  static constexpr std::int64_t request_timeout_ms = 10'000;

  explicit alertmanager_sink(alertmanager_options);

  const std::string& name() const override { return name_; }
  std::size_t batch_max() const override { return alerts_max; }
  delivery deliver(std::span<const redis::stream_event> events) override;
  std::int64_t idle(redis::connection&, std::int64_t now_ms) override;
  void cancel() override { client_.cancel(); }

private:
  delivery post(const std::string& alerts);
  std::int64_t until_ms() const;
  std::int64_t resend(redis::connection&, std::int64_t now_ms);
  delivery send_piece(redis::connection&);
  void send_watchdog();
  void tell(const delivery& sent);

  alertmanager_options options_;
  std::string name_;
  http::client client_;
  resend_round round_;
  watchdog_round watchdog_;
  std::int64_t watchdog_since_ms_ = 0; // Unix time at which it was sent first; 0: not yet
  complaint about_watchdog_;
  bool clean_ = true;        // nothing went wrong in this round
  bool complaining_ = false; // something did in one, and that was said
};

} // namespace tocsin
