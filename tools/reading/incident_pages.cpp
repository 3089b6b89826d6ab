#include "tools/reading/incident_pages.hpp"

#include "tools/reading/json_writer.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::size_t page_size_max = 500; // some 4 MiB with the longest labels and annotations
constexpr std::size_t rules_page = 1'000;

api_path path_of(incident_list list, const incident_filter& filter, std::size_t page_size) {
  api_path path("/api/v1/incidents");
  path.with("state", list == incident_list::ended_newest_first ? "resolved" : "active");
  if (list == incident_list::open_newest_first)
    path.with("order", "newest");
  // So that the engine leaves out the others; the filter looks at what comes all the same.
  if (const auto rule = filter.only_rule())
    path.with("rule", *rule);
  if (const auto host = filter.only_host())
    path.with("host", *host);
  path.with("limit", std::to_string(std::clamp<std::size_t>(page_size, 1, page_size_max)));
  return path;
}

result<rule_order> read_rule_order(engine_api& api) {
  rule_order order;
  for (std::size_t offset = 0;; offset += rules_page) {
    const auto page = api.get(api_path("/api/v1/rules")
                                  .with("offset", std::to_string(offset))
                                  .with("limit", std::to_string(rules_page)));
    if (!page)
      return page.failure();
    const auto& rules = member_of(page->root(), "rules").items;
    for (const auto& rule : rules)
      order.add(text_of(rule, "name"));
    if (rules.size() < rules_page)
      return order;
  }
}

} // namespace

status each_incident(engine_api& api, incident_list list, const incident_filter& filter,
                     std::size_t page_size,
                     const std::function<bool(const json_node&, const told_event&)>& take) {
  const auto first = path_of(list, filter, page_size);
  for (std::string cursor;;) {
    auto path = first;
    if (!cursor.empty())
      path.with("cursor", cursor);
    const auto page = api.get(path);
    if (!page)
      return page.failure();
    for (const auto& incident : member_of(page->root(), "incidents").items) {
      const auto told =
          list == incident_list::ended_newest_first ? end_of(incident) : opening_of(incident);
      if (told && filter.takes(told->event.rule_name, told->event.host_name, told->event.labels) &&
          !take(incident, *told))
        return done{};
    }
    const auto& next = text_of(page->root(), "next");
    if (next.empty())
      return done{};
    if (next == cursor)
      return error{fmt::format("the engine gives the page at {} again and again", next)};
    cursor = next;
  }
}

// An opening among the newest events is that of an incident whose end is among them, too, or of one
// that is open. What ends between the two readings is found by the second; what was then found
// twice is kept once.
result<std::vector<told_event>> last_events(engine_api& api, const incident_filter& filter,
                                            std::size_t count) {
  const auto order = read_rule_order(api);
  if (!order)
    return order.failure();
  recent_events newest(count, *order);
  std::size_t found = 0;
  auto read = each_incident(api, incident_list::open_newest_first, filter, count,
                            [&](const json_node&, const told_event& told) {
                              newest.add(told);
                              return ++found < count;
                            });
  if (!read)
    return read.failure();
  found = 0;
  read = each_incident(api, incident_list::ended_newest_first, filter, count,
                       [&](const json_node& incident, const told_event& told) {
                         newest.add(told);
                         if (auto opening = opening_of(incident))
                           newest.add(std::move(*opening));
                         return ++found < count;
                       });
  if (!read)
    return read.failure();
  return newest.take();
}

} // namespace tocsin
