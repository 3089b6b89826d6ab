#include "actors/sinks/make_sinks.hpp"

#include "actors/sinks/alertmanager.hpp"
#include "actors/sinks/credentials.hpp"
#include "actors/sinks/hook_sink.hpp"
#include "actors/sinks/webhook_sink.hpp"

namespace tocsin {

namespace {

alertmanager_options options_for(const alertmanager_entry& to, const settings& s,
                                 std::function<bool()> evaluates) {
  alertmanager_options out{to.url, s.external_url, redis::partition_keys(s.prefix, "0")};
  out.authorization = authorization(to);
  out.client = {.ca_file = to.ca_file,
                .cert_file = to.certificate.cert_file,
                .key_file = to.certificate.key_file};
  // It lasts as long as what is sent again, and goes out as often.
  out.watchdog = {s.cluster, out.resend_ms, std::move(evaluates)};
  return out;
}

} // namespace

std::vector<std::shared_ptr<sink>> make_sinks(const settings& s, const hook_place& hooks,
                                              std::function<bool()> evaluates) {
  if (!s.watchdog)
    evaluates = {};
  std::vector<std::shared_ptr<sink>> out;
  if (!hooks.data_dir.empty())
    out.push_back(std::make_shared<hook_sink>(s, hooks));
  for (const auto& to : s.alertmanagers)
    out.push_back(std::make_shared<alertmanager_sink>(options_for(to, s, evaluates)));
  for (const auto& w : s.webhooks)
    out.push_back(std::make_shared<webhook_sink>(
        w, body_surroundings{s.cluster, s.external_url},
        watchdog_wiring{s.cluster, s.watchdog_interval_ms, evaluates}));
  return out;
}

} // namespace tocsin
