#include "config/sink_doubts.hpp"

#include "config/json_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace tocsin {

std::vector<sink_doubt> doubts_about_watchdog(const settings& s) {
  std::vector<sink_doubt> out;
  const auto hears = [](const webhook& w) { return w.on_watchdog; };
  for (const auto& w : s.webhooks)
    if (w.on_watchdog && !s.watchdog)
      out.push_back({"tocsin.webhooks", fmt::format("the webhook {} waits for `watchdog`, which is "
                                                    "off: set tocsin.watchdog to true",
                                                    quote_for_people(w.name))});
  if (s.watchdog && s.alertmanagers.empty() &&
      std::none_of(s.webhooks.begin(), s.webhooks.end(), hears))
    out.push_back({"tocsin.watchdog", "nobody hears the watchdog: name an Alertmanager, or a "
                                      "webhook with `watchdog` in its `on`"});
  return out;
}

std::vector<sink_doubt> doubts_about_labels(const std::vector<webhook>& webhooks,
                                            const rule_set& rules) {
  std::vector<sink_doubt> out;
  std::set<std::string> known;
  for (const auto& r : rules)
    for (const auto& [name, text] : r.labels)
      known.insert(name);
  for (const auto& w : webhooks) {
    std::set<std::string> named;
    for (const auto& condition : w.match)
      named.insert(condition.label);
    for (const auto& piece : w.body.pieces)
      if (piece.value == body_value::label)
        named.insert(piece.name);
    for (const auto& label : named)
      if (!rules.empty() && !known.contains(label))
        out.push_back(
            {"tocsin.webhooks", fmt::format("the webhook {} names the label {}, which no rule has",
                                            quote_for_people(w.name), quote_for_people(label))});
  }
  return out;
}

} // namespace tocsin
