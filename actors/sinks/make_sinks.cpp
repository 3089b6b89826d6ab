#include "actors/sinks/make_sinks.hpp"

#include "actors/sinks/alertmanager.hpp"
#include "actors/sinks/hook_sink.hpp"
#include "actors/sinks/webhook_sink.hpp"

namespace tocsin {

std::vector<std::shared_ptr<sink>> make_sinks(const settings& s, const hook_place& hooks) {
  std::vector<std::shared_ptr<sink>> out;
  if (!hooks.data_dir.empty())
    out.push_back(std::make_shared<hook_sink>(s, hooks));
  for (const auto& url : s.alertmanagers)
    out.push_back(std::make_shared<alertmanager_sink>(
        alertmanager_options{url, s.external_url, redis::partition_keys(s.prefix, "0")}));
  for (const auto& w : s.webhooks)
    out.push_back(std::make_shared<webhook_sink>(w, s.external_url));
  return out;
}

} // namespace tocsin
