#include "actors/sinks/make_sinks.hpp"

#include "actors/sinks/alertmanager.hpp"

namespace tocsin {

std::vector<std::shared_ptr<sink>> make_sinks(const settings& s) {
  std::vector<std::shared_ptr<sink>> out;
  for (const auto& url : s.alertmanagers)
    out.push_back(std::make_shared<alertmanager_sink>(
        alertmanager_options{url, s.external_url, redis::partition_keys(s.prefix, "0")}));
  return out;
}

} // namespace tocsin
