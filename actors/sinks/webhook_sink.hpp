#pragma once

#include "actors/http/client.hpp"
#include "actors/sinks/body_values.hpp"
#include "actors/sinks/sink.hpp"
#include "actors/sinks/watchdog.hpp"
#include "config/complaint.hpp"
#include "config/sinks.hpp"

#include <cstdint>
#include <string>

namespace tocsin {

/// Calls a URL about incidents, and if it asks for that, about the watchdog.
///
/// 1. Format `incident` and a body of one's own: one event a request, so that it is exact what was
///    acknowledged. `alertmanager`: neighbouring events of one rule, all opened or all resolved,
///    share a request.
/// 2. An event that is not asked for (`on`, `match`) is taken and not sent.
/// 3. The watchdog is sent once an interval and never tried again.
class webhook_sink : public sink {
public:
  webhook_sink(webhook config, body_surroundings around, watchdog_wiring watchdog = {});

  const std::string& name() const override { return name_; }
  std::size_t batch_max() const override;
  delivery deliver(std::span<const redis::stream_event> events) override;
  std::int64_t idle(redis::connection&, std::int64_t now_ms) override;
  void cancel() override { client_.cancel(); }

private:
  bool asks_for(const redis::stream_event& e) const {
    return e.opened ? config_.on_opened : config_.on_resolved;
  }
  bool groups() const;
  /// How many events from the first go into one request, or into none.
  std::size_t share(std::span<const redis::stream_event> events) const;
  std::string body_of(std::span<const redis::stream_event> events) const;
  std::string watchdog_body_now();
  delivery send(std::span<const redis::stream_event> events);
  delivery post(http::field_list headers, const std::string& body);

  webhook config_;
  body_surroundings around_;
  std::string name_;
  http::client client_;
  watchdog_round watchdog_;
  std::int64_t watchdog_since_ms_ = 0; // Unix time at which it was sent first; 0: not yet
  complaint about_watchdog_;
};

} // namespace tocsin
