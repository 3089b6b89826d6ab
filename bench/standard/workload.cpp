#include "bench/standard/workload.hpp"

#include "bench/standard/fire.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace tocsin::workload {

namespace {

constexpr std::array all_aggregations = {aggregation::avg, aggregation::sum,  aggregation::min,
                                         aggregation::max, aggregation::last, aggregation::count};
constexpr std::array<std::int64_t, 4> mixed_windows = {6, 12, 30, 60};

// What a rule looks at.
struct column {
  std::size_t field;
  aggregation of;
  std::int64_t ticks;
};

// How far above its lasting part the typical window of n ticks lies: values are spread evenly
// over 0 to 10 above it.
double middle(aggregation of, double n) {
  switch (of) {
  case aggregation::min:
    return 10.0 / (n + 1);
  case aggregation::max:
    return 10.0 * n / (n + 1);
  case aggregation::count:
    return 0;
  default:
    return 5.0;
  }
}

// So that about `fire` of all hosts lie beyond it, 0.75 to 1.25 of that from rule to rule.
double threshold(const rule& r, std::size_t i, const column& c, const rules_wanted& wanted,
                 exact_fire& exact) {
  const bool more = r.compare == operand::equal_or_more_than;
  const auto n = static_cast<double>(c.ticks);
  if (r.aggregate == aggregation::count)
    return more ? n + 5 : n - 5;
  const double jitter = static_cast<double>(mix(i + 99) % 1000) / 1000.0 * 0.5 + 0.75;
  const double share = std::min(1.0, wanted.fire * jitter);
  if (wanted.exact_fire && share > 0)
    return exact.threshold(c.field, c.of, c.ticks, more, std::min(share, 0.79));
  double lasting = more ? 90.0 * (1 - share) : 90.0 * share;
  if (wanted.fire == 0)
    lasting = more ? 1000.0 : -1000.0;
  double t = (lasting + middle(r.aggregate, n)) * field_scales[c.field];
  if (r.aggregate == aggregation::sum)
    t *= n;
  return round_2(t);
}

rule make_rule(std::size_t i, const column& c, const rules_wanted& wanted, exact_fire& exact) {
  rule r;
  r.name = fmt::format("r{}", i);
  r.field = field_names[c.field];
  r.aggregate = c.of;
  r.compare = i / 24 % 2 == 0 ? operand::equal_or_more_than : operand::equal_or_less_than;
  r.timeframe_ms = c.ticks * wanted.interval_ms;
  r.threshold = threshold(r, i, c, wanted, exact);
  return r;
}

// Each block of 24 rules holds every pair of aggregation and window once, so that the mix is the
// same whatever the count; operands change from block to block.
column standard_column(std::size_t i, std::int64_t window_ticks) {
  return {(i * 7 + i / 24 * 3) % field_count, all_aggregations[i % 6],
          window_ticks == 0 ? mixed_windows[i / 6 % 4] : window_ticks};
}

// 60 pairs of field and aggregation, 115 windows; 7 and 115 have no common factor, so for a pair
// all 115 come before one comes again.
column distinct_column(std::size_t i) {
  const auto pair = i % 60;
  const auto round = i / 60;
  const auto window = (round * 7 + pair * 2) % 115 + round / 115 * 115;
  return {pair / 6, all_aggregations[pair % 6], static_cast<std::int64_t>(6 + window)};
}

} // namespace

std::string host_name(std::uint64_t host) {
  return fmt::format("host-{:05}", host);
}

result<std::int64_t> read_window(std::string_view text) {
  if (text == "mixed")
    return std::int64_t{0};
  std::int64_t minutes = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, ec] = std::from_chars(text.data(), end, minutes);
  if (ec != std::errc() || stop + 1 != end || *stop != 'm' || minutes < 1 ||
      minutes * 6 > window_ticks_max)
    return error{fmt::format("`{}` is no window: use `mixed`, or minutes from `1m` to `{}m`", text,
                             window_ticks_max / 6)};
  return minutes * 6;
}

rule_set make_rules(const rules_wanted& wanted) {
  exact_fire exact;
  rule_set rules;
  rules.reserve(wanted.count);
  for (std::size_t i = 0; i < wanted.count; ++i)
    rules.push_back(make_rule(i, standard_column(i, wanted.window_ticks), wanted, exact));
  return rules;
}

rule_set make_distinct_rules(const rules_wanted& wanted) {
  exact_fire exact;
  rule_set rules;
  rules.reserve(wanted.count);
  for (std::size_t i = 0; i < wanted.count; ++i)
    rules.push_back(make_rule(i, distinct_column(i), wanted, exact));
  return rules;
}

rule_set make_flip_rules(const rules_wanted& wanted) {
  rule_set rules;
  rules.reserve(wanted.count);
  for (std::size_t i = 0; i < wanted.count; ++i) {
    rule r;
    const auto field = i % field_count;
    const bool more = i / field_count % 2 == 0;
    r.name = fmt::format("r{}", i);
    r.field = field_names[field];
    r.aggregate = all_aggregations[i / (2 * field_count) % 5]; // all but `count`
    r.compare = more ? operand::equal_or_more_than : operand::equal_or_less_than;
    r.timeframe_ms = wanted.interval_ms;
    const double jitter = static_cast<double>(mix(i + 99) % 1000) / 100.0;
    r.threshold = round_2(((more ? 70.0 : 20.0) + jitter) * field_scales[field]);
    rules.push_back(std::move(r));
  }
  return rules;
}

} // namespace tocsin::workload
