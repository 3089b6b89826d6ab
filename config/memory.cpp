#include "config/memory.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

namespace tocsin {

namespace {

// Products of what an operator may ask for can leave 64 bits: they stay at the top instead.
std::uint64_t product(std::uint64_t left, std::uint64_t right) {
  std::uint64_t out = 0;
  return __builtin_mul_overflow(left, right, &out) ? std::numeric_limits<std::uint64_t>::max()
                                                   : out;
}

// Ticks of a ring beyond its window: those still open, and two that are being written and read.
std::int64_t slack_ticks(const settings& under) {
  return 2 + under.grace_ticks() + 2;
}

std::uint64_t ticks_of_rings(const settings& under) {
  std::map<std::string_view, std::int64_t> longest;
  for (const auto& rule : under.rules) {
    auto& ticks = longest[rule.field];
    ticks = std::max(ticks, rule.window_ticks(under.interval_ms));
  }
  std::uint64_t all = 0;
  for (const auto& [field, ticks] : longest)
    all += static_cast<std::uint64_t>(ticks + slack_ticks(under));
  return all;
}

} // namespace

double memory_projection::log_share() const {
  if (log_bytes <= log_budget_bytes)
    return 1;
  return static_cast<double>(log_budget_bytes) / static_cast<double>(log_bytes);
}

std::string memory_projection::json() const {
  return fmt::format(R"({{"hosts":{},"rules":{},"fields":{},"windows":{},"ringBytes":{},)"
                     R"("logBytes":{},"logNeededBytes":{},"logBudgetBytes":{}}})",
                     hosts, rules, fields, windows, ring_bytes, log_bytes, log_needed_bytes,
                     log_budget_bytes);
}

memory_projection project_memory(const settings& under, std::uint64_t hosts) {
  memory_projection out;
  std::set<std::string_view> fields;
  std::set<std::tuple<std::string_view, aggregation, std::int64_t>> windows;
  for (const auto& rule : under.rules) {
    fields.insert(rule.field);
    windows.emplace(rule.field, rule.aggregate, rule.timeframe_ms);
  }
  out.hosts = hosts;
  out.rules = under.rules.size();
  out.fields = fields.size();
  out.windows = windows.size();
  const auto blocks = hosts / hosts_per_block + (hosts % hosts_per_block != 0 ? 1 : 0);
  const auto hosts_held = product(blocks, hosts_per_block);
  out.ring_bytes = product(product(ticks_of_rings(under), sizeof(double)), hosts_held);
  const auto bytes_per_tick = product(hosts, log_bytes_per_sample);
  const auto retention_ticks =
      (under.monitoring_retention_ms + under.interval_ms - 1) / under.interval_ms;
  out.log_bytes = product(bytes_per_tick, static_cast<std::uint64_t>(retention_ticks));
  // Recovery reads from before the oldest tick of a window: see slack_ticks.
  const auto needed_ticks =
      under.rules.empty() ? 0 : under.window_ticks_longest() + slack_ticks(under);
  out.log_needed_bytes = product(bytes_per_tick, static_cast<std::uint64_t>(needed_ticks));
  out.log_budget_bytes = under.log_bytes;
  return out;
}

} // namespace tocsin
