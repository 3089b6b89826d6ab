#pragma once

#include "actors/http/client.hpp"
#include "actors/sinks/sink.hpp"
#include "config/sinks.hpp"

#include <string>

namespace tocsin {

/// Calls a URL about incidents. Format `incident`: one event a request, so that what was
/// acknowledged is exact; `alertmanager`: neighbouring events of one rule, all opened or all
/// resolved, share a request.
class webhook_sink : public sink {
public:
  webhook_sink(webhook config, std::string external_url);

  const std::string& name() const override { return name_; }
  std::size_t batch_max() const override;
  delivery deliver(std::span<const redis::stream_event> events) override;
  void cancel() override { client_.cancel(); }

private:
  bool wants(const redis::stream_event& e) const {
    return e.opened ? config_.on_opened : config_.on_resolved;
  }
  /// How many events from the first go into one request.
  std::size_t share(std::span<const redis::stream_event> events) const;
  delivery send(std::span<const redis::stream_event> events);

  webhook config_;
  std::string external_url_;
  std::string name_;
  http::client client_;
};

} // namespace tocsin
