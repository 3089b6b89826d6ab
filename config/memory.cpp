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
    if (under.watcher_ticks() > 1)
      ticks = std::max(ticks, std::int64_t{2}); // a check looks at three ticks: slack_ticks has one
  }
  std::uint64_t all = 0;
  for (const auto& [field, ticks] : longest)
    all += static_cast<std::uint64_t>(ticks + slack_ticks(under));
  return all;
}

std::uint64_t sum(std::uint64_t left, std::uint64_t right) {
  std::uint64_t out = 0;
  return __builtin_add_overflow(left, right, &out) ? std::numeric_limits<std::uint64_t>::max()
                                                   : out;
}

constexpr std::uint64_t bytes_per_host = 400; // name, labels, record, what open ticks remember

// Of the sliding windows, the open incidents and the hosts, for one block.
std::uint64_t state_bytes_per_block(const settings& under) {
  std::map<std::pair<std::string_view, std::int64_t>, bool> windows; // whether they have sums
  std::set<std::string_view> fields;
  std::uint64_t eighths = bytes_per_host * 8; // of a byte, per host
  for (const auto& rule : under.rules) {
    const auto ticks = rule.window_ticks(under.interval_ms);
    fields.insert(rule.field);
    auto& summed = windows[{rule.field, ticks}];
    summed |= rule.aggregate == aggregation::avg || rule.aggregate == aggregation::sum;
    if (rule.aggregate == aggregation::min || rule.aggregate == aggregation::max)
      eighths += ticks > 255 ? 16 : 8;
    eighths += 2; // is an incident open, does a cooldown run
  }
  for (const auto& [window, summed] : windows)
    eighths += summed ? (16 + 2) * 8 : 2 * 8;
  const auto open_ticks = static_cast<std::uint64_t>(under.grace_ticks() + 2);
  eighths += fields.size() * open_ticks * 4 * 8;
  return eighths / 8 * hosts_per_block + under.rules.size() * 48;
}

std::uint64_t ring_bytes_per_block(const settings& under) {
  return product(product(ticks_of_rings(under), sizeof(double)), hosts_per_block);
}

} // namespace

std::uint64_t memory_projection::engine_bytes() const {
  return sum(ring_bytes, state_bytes);
}

std::uint64_t hosts_within_memory(const settings& under) {
  if (under.memory_bytes == 0)
    return under.hosts_max;
  const auto block = sum(ring_bytes_per_block(under), state_bytes_per_block(under));
  return std::min<std::uint64_t>(under.hosts_max, under.memory_bytes / block * hosts_per_block);
}

double memory_projection::log_share() const {
  if (log_bytes <= log_budget_bytes)
    return 1;
  return static_cast<double>(log_budget_bytes) / static_cast<double>(log_bytes);
}

std::string memory_projection::json() const {
  return fmt::format(R"({{"hosts":{},"rules":{},"fields":{},"windows":{},"ringBytes":{},)"
                     R"("stateBytes":{},"logBytes":{},"logNeededBytes":{},"logBudgetBytes":{}}})",
                     hosts, rules, fields, windows, ring_bytes, state_bytes, log_bytes,
                     log_needed_bytes, log_budget_bytes);
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
  out.ring_bytes = product(ring_bytes_per_block(under), blocks);
  out.state_bytes = product(state_bytes_per_block(under), blocks);
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
