#include "actors/api/engine_page.hpp"

#include "config/json_text.hpp"
#include "streams/redis/server_check.hpp"
#include "streams/redis/stream_trim.hpp"
#include "streams/rule/iso_time.hpp"
#include "streams/window/tick.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::size_t skewed_max = 100;

std::string time_json(std::int64_t ms) {
  return fmt::format("\"{}\"", iso_time(std::clamp<std::int64_t>(ms, 0, time_max_ms)));
}

// Facts that are there once Redis has said them.
template <class Fact>
std::string known(const std::optional<redis_page>& page, Fact fact) {
  return page ? fmt::to_string(fact(*page)) : "null";
}

template <class List, class Write>
std::string list_json(const List& list, Write write) {
  std::string out;
  for (const auto& one : list)
    out.append(out.empty() ? "" : ",").append(write(one));
  return '[' + out + ']';
}

std::string odd_json(const odd_samples::late_or_early& s) {
  return fmt::format(R"({{"at":{},"host":{},"ts":{},"byMs":{}}})", time_json(s.at_ms),
                     quote_json(s.host), s.ts_ms, std::abs(s.at_ms - s.ts_ms));
}

} // namespace

result<redis_page> read_redis_page(redis::connection& c, const redis::partition_keys& keys) {
  const auto server = redis::read_server_facts(c);
  const auto log_bytes = redis::stream_bytes(c, keys.samples);
  const auto incident_bytes = redis::stream_bytes(c, keys.incidents);
  const auto log = redis::read_stream_facts(c, keys.samples);
  const auto open = c.call({"HLEN", keys.open});
  if (!server)
    return server.failure();
  if (!log_bytes || !incident_bytes)
    return log_bytes ? incident_bytes.failure() : log_bytes.failure();
  if (!log || !open)
    return log ? open.failure() : log.failure();
  redis_page page;
  page.version = server->version;
  page.used_bytes = server->used_memory;
  page.log_bytes = *log_bytes;
  page.incident_bytes = *incident_bytes;
  if (log->first)
    page.oldest_ms =
        static_cast<std::int64_t>(std::min<std::uint64_t>(log->first->ms, time_max_ms));
  page.open = static_cast<std::uint64_t>(open->number);
  return page;
}

oddities oddities_of(const live_aggregator& core) {
  const auto& odd = core.odd();
  return {{odd.late().begin(), odd.late().end()},
          {odd.early().begin(), odd.early().end()},
          {odd.repeated().begin(), odd.repeated().end()},
          core.skew().some(skewed_max)};
}

std::string redis_json(std::string_view address, bool is_private,
                       const std::optional<redis_page>& page) {
  return fmt::format(R"({{"address":{},"answers":{},"version":{},"usedBytes":{},"private":{}}})",
                     quote_json(address), page.has_value(),
                     known(page, [](auto& p) { return quote_json(p.version); }),
                     known(page, [](auto& p) { return p.used_bytes; }), is_private);
}

std::string log_json(std::uint64_t budget, const std::optional<redis_page>& page) {
  return fmt::format(R"({{"bytes":{},"budgetBytes":{},"oldest":{}}})",
                     known(page, [](auto& p) { return p.log_bytes; }), budget,
                     page && page->oldest_ms ? time_json(*page->oldest_ms) : "null");
}

std::string incidents_json(std::uint64_t budget, const std::optional<redis_page>& page) {
  return fmt::format(R"({{"bytes":{},"budgetBytes":{},"open":{}}})",
                     known(page, [](auto& p) { return p.incident_bytes; }), budget,
                     known(page, [](auto& p) { return p.open; }));
}

std::string ticks_json(std::span<const tick_report> ticks) {
  return list_json(ticks, [](auto& t) { return tick_json(t); });
}

std::string examples_json(std::span<const engine_record::rejection> rejected, const oddities& odd) {
  return fmt::format(R"({{"rejected":{},"late":{},"early":{},"repeated":{}}})",
                     list_json(rejected,
                               [](auto& r) {
                                 return fmt::format(R"({{"at":{},"what":{},"why":{}}})",
                                                    time_json(r.at_ms), quote_json(r.what),
                                                    quote_json(r.why));
                               }),
                     list_json(odd.late, odd_json), list_json(odd.early, odd_json),
                     list_json(odd.repeated, [](auto& r) {
                       return fmt::format(R"({{"at":{},"host":{},"ts":{}}})", time_json(r.at_ms),
                                          quote_json(r.host), r.tick_ms);
                     }));
}

std::string stages_json(std::span<const stages::seen> all) {
  return list_json(all, [](auto& one) {
    return fmt::format(R"({{"stage":{},"stuckMs":{},"why":{}}})", quote_json(one.name),
                       one.is.stuck_ms, one.is.why.empty() ? "null" : quote_json(one.is.why));
  });
}

std::string skewed_json(const oddities& odd) {
  return list_json(odd.skewed, [](auto& h) {
    return fmt::format(R"({{"host":{},"aheadMs":{}}})", quote_json(h.name), h.ahead_ms);
  });
}

} // namespace tocsin
