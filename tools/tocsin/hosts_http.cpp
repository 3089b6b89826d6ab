#include "tools/tocsin/hosts_http.hpp"

#include "config/json_text.hpp"
#include "tools/reading/json_writer.hpp"
#include "tools/tocsin/output.hpp"

#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::size_t page_size = 1'000;
constexpr std::size_t offset_max = 100'000; // the engine takes none beyond

void print_host(const json_node& host, bool json) {
  if (json) {
    put("{}\n", write_object(host, {}, {"values"})); // no columns were asked for
    return;
  }
  const auto& labels = member_of(host, "labels");
  const auto& last = text_of(host, "lastSample");
  put("{}  {}{}, {} open{}\n", quote_for_people(text_of(host, "host")),
      last.empty() ? "no sample" : "last sample " + last,
      member_of(host, "silent").boolean ? ", silent" : "", text_of(host, "open"),
      labels.members.empty() ? "" : "  " + write_json(labels));
}

} // namespace

status list_hosts_over_http(engine_api& api, bool json) {
  std::string last; // pages are of the moment: a host that moved to the next is not listed twice
  for (std::size_t offset = 0;; offset += page_size) {
    const auto page = api.get(api_path("/api/v1/hosts")
                                  .with("columns", "")
                                  .with("sort", "host")
                                  .with("offset", std::to_string(offset))
                                  .with("limit", std::to_string(page_size)));
    if (!page)
      return page.failure();
    const auto& hosts = member_of(page->root(), "hosts").items;
    for (const auto& host : hosts) {
      const auto& name = text_of(host, "host");
      if (!last.empty() && name <= last)
        continue;
      print_host(host, json);
      last = name;
    }
    if (hosts.empty() && offset == 0 && !json)
      say("no host has reported yet\n");
    if (hosts.size() < page_size || output_failed())
      return done{};
    if (offset == offset_max)
      return error{fmt::format("these are the first {} of {} hosts; --state-dir or REDIS_URL lists "
                               "them all, from Redis",
                               offset + hosts.size(), text_of(page->root(), "total"))};
  }
}

} // namespace tocsin
