#include "streams/redis/stream_trim.hpp"

#include "streams/redis/sample_log.hpp"

#include <algorithm>

namespace tocsin::redis {

namespace {

constexpr std::uint64_t measured_nodes_max = 100'000;
/// Entries removed in one command, about 1 ms of Redis's time each; of 256 KiB, some 30 ms.
constexpr std::uint64_t step_entries = 1'000;
/// Looks at the memory while it trims to a budget.
constexpr int measurements_max = 16;

// LIMIT counts whole blocks, and a server may be set to blocks larger than ours; without LIMIT it
// takes a bound that fits its blocks.
result<std::uint64_t> trim_step(connection& c, const std::string& key, std::string_view how,
                                std::string_view bound) {
  const auto limit = std::to_string(step_entries);
  auto r = c.call({"XTRIM", key, how, "~", bound, "LIMIT", limit});
  if (r && r->number == 0)
    r = c.call({"XTRIM", key, how, "~", bound});
  if (!r)
    return r.failure();
  return static_cast<std::uint64_t>(r->number);
}

status trim_all(connection& c, const std::string& key, std::string_view how, std::string_view bound,
                trim_report& report) {
  for (;;) {
    if (report.removed >= trim_entries_max) {
      report.more = true;
      return done{};
    }
    auto removed = trim_step(c, key, how, bound);
    if (!removed)
      return removed.failure();
    report.removed += *removed;
    if (*removed == 0)
      return done{};
  }
}

// Removes about `entries` of the oldest, none of them from `keep_from` on. A server may be set to
// blocks of more entries than one step asks for; then the next one asks for more.
status trim_some(connection& c, const std::string& key, stream_id keep_from, std::uint64_t entries,
                 trim_report& report) {
  const auto bound = keep_from.text();
  const auto until = report.removed + entries;
  for (auto step = step_entries; step <= trim_entries_max;) {
    if (report.removed >= until)
      return done{};
    const auto limit = std::to_string(std::clamp<std::uint64_t>(until - report.removed, 100, step));
    auto r = c.call({"XTRIM", key, "MINID", "~", bound, "LIMIT", limit});
    if (!r)
      return r.failure();
    report.removed += static_cast<std::uint64_t>(r->number);
    if (r->number == 0)
      step *= 10;
  }
  return done{};
}

} // namespace

result<std::uint64_t> stream_bytes(connection& c, const std::string& key) {
  auto facts = read_stream_facts(c, key);
  if (!facts)
    return facts.failure();
  // SAMPLES 0 would be exact, and take as long as the stream is large.
  const auto samples =
      std::to_string(std::clamp<std::uint64_t>(facts->nodes, 1, measured_nodes_max));
  auto r = c.call({"MEMORY", "USAGE", key, "SAMPLES", samples});
  if (!r)
    return r.failure();
  return static_cast<std::uint64_t>(r->number);
}

std::int64_t measure_again_ms(std::uint64_t bytes, std::uint64_t bound) {
  constexpr std::uint64_t growth_per_s = std::uint64_t{64} << 20;
  const auto room = bound > bytes ? bound - bytes : 0;
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(room / growth_per_s), 1, 5) * 1'000;
}

result<trim_report> trim_below(connection& c, const std::string& key, stream_id min_id) {
  trim_report report;
  const auto bound = min_id.text();
  if (auto s = trim_all(c, key, "MINID", bound, report); !s)
    return s.failure();
  return report;
}

result<trim_report> trim_to_bytes(connection& c, const std::string& key, std::uint64_t budget_bytes,
                                  std::optional<stream_id> keep_from) {
  trim_report report;
  for (int look = 0; look < measurements_max && !report.more; ++look) {
    auto bytes = stream_bytes(c, key);
    auto facts = read_stream_facts(c, key);
    if (!bytes || !facts)
      return bytes ? facts.failure() : bytes.failure();
    if (*bytes <= budget_bytes || facts->length <= 1)
      return report;
    // As if all entries were alike; the next look sees what that made of it.
    const double share = static_cast<double>(budget_bytes) / static_cast<double>(*bytes);
    const auto keep = static_cast<std::uint64_t>(share * static_cast<double>(facts->length));
    const auto stay = std::clamp<std::uint64_t>(keep, 1, facts->length - 1);
    const auto before = report.removed;
    const auto trimmed = keep_from ? trim_some(c, key, *keep_from, facts->length - stay, report)
                                   : trim_all(c, key, "MAXLEN", std::to_string(stay), report);
    if (!trimmed)
      return trimmed.failure();
    if (report.removed == before)
      return report; // what is left is one block, or all of it stays
  }
  report.more = true;
  return report;
}

} // namespace tocsin::redis
