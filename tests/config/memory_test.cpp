#include "config/memory.hpp"

#include "config/json_document.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace tocsin::memory_test {

namespace {

rule on(const char* field, std::int64_t timeframe_ms, aggregation aggregate = aggregation::avg) {
  rule out;
  out.name = field + std::to_string(timeframe_ms);
  out.field = field;
  out.aggregate = aggregate;
  out.timeframe_ms = timeframe_ms;
  return out;
}

settings with(rule_set rules) {
  settings out;
  out.rules = std::move(rules);
  return out;
}

} // namespace

TEST(memory, a_field_needs_its_longest_window_and_the_open_ticks_for_whole_blocks_of_hosts) {
  // 12 ticks of window, 2 + 1 open, 2 more; 1,000 hosts are one block of 1,024.
  EXPECT_EQ(project_memory(with({on("a", 60'000), on("a", 120'000)}), 1'000).ring_bytes,
            (12U + 3 + 2) * 8 * 1'024);
  EXPECT_EQ(project_memory(with({on("a", 120'000), on("b", 10'000)}), 1'025).ring_bytes,
            (12U + 5 + 1 + 5) * 8 * 2'048);
}

TEST(memory, rules_on_the_same_field_aggregation_and_timeframe_share_a_window) {
  const auto memory = project_memory(
      with({on("a", 60'000), on("a", 60'000), on("a", 60'000, aggregation::sum), on("b", 60'000)}),
      10);
  EXPECT_EQ(memory.rules, 4U);
  EXPECT_EQ(memory.fields, 2U);
  EXPECT_EQ(memory.windows, 3U);
}

TEST(memory, the_log_grows_with_hosts_and_retention_and_is_held_against_its_budget) {
  auto under = with({on("a", 600'000)});
  under.monitoring_retention_ms = 86'400'000;
  const auto memory = project_memory(under, 1'000);
  EXPECT_EQ(memory.log_bytes, 1'000U * 34 * 8'640);
  EXPECT_EQ(memory.log_needed_bytes, 1'000U * 34 * (60 + 5));
  EXPECT_FALSE(memory.log_too_small());
  EXPECT_EQ(memory.log_share(), 1);
  under.log_bytes = memory.log_needed_bytes - 1;
  EXPECT_TRUE(project_memory(under, 1'000).log_too_small());
  EXPECT_LT(project_memory(under, 1'000).log_share(), 0.01);
}

TEST(memory, hosts_are_bounded_by_what_fits_in_whole_blocks) {
  auto under = with({on("a", 600'000), on("a", 600'000, aggregation::max)});
  EXPECT_EQ(hosts_within_memory(under), under.hosts_max); // no bound
  const auto block = project_memory(under, 1).engine_bytes();
  EXPECT_EQ(project_memory(under, 1'025).engine_bytes(), 2 * block);
  under.memory_bytes = 3 * block - 1;
  EXPECT_EQ(hosts_within_memory(under), 2'048U);
  under.memory_bytes = block - 1;
  EXPECT_EQ(hosts_within_memory(under), 0U);
  under.memory_bytes = std::uint64_t{1} << 60;
  EXPECT_EQ(hosts_within_memory(under), under.hosts_max);
}

TEST(memory, state_grows_with_sums_extrema_and_rules) {
  const auto state = [](rule_set rules) { return project_memory(with(rules), 1'024).state_bytes; };
  const auto last = state({on("a", 60'000, aggregation::last)});
  EXPECT_EQ(state({on("a", 60'000, aggregation::sum)}) - last, 16U * 1'024);
  EXPECT_EQ(state({on("a", 60'000, aggregation::max)}) - last, 1U * 1'024);
}

TEST(memory, without_rules_nothing_is_needed_but_the_log) {
  const auto memory = project_memory({}, 5);
  EXPECT_EQ(memory.ring_bytes, 0U);
  EXPECT_EQ(memory.log_needed_bytes, 0U);
  EXPECT_GT(memory.log_bytes, 0U);
}

TEST(memory, absurd_numbers_of_hosts_stay_at_the_top_instead_of_wrapping) {
  constexpr auto top = std::numeric_limits<std::uint64_t>::max();
  const auto memory = project_memory(with({on("a", 60'000)}), top);
  EXPECT_EQ(memory.ring_bytes, top);
  EXPECT_EQ(memory.log_bytes, top);
}

TEST(memory, is_told_as_json) {
  const auto text = project_memory(with({on("a", 60'000)}), 1).json();
  const auto document = json_document::read(text);
  ASSERT_TRUE(document) << text;
  EXPECT_EQ(document->root().find("ringBytes")->value.number, (6 + 5) * 8 * 1'024);
  EXPECT_EQ(document->root().members.size(), 9U);
}

} // namespace tocsin::memory_test
