#include "config/default_config.hpp"
#include "config/read_settings.hpp"

#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>

namespace tocsin::rule_text_test {

TEST(rule_text, is_one_line_with_every_key_in_a_fixed_order) {
  const rule_set rules = {{" a\n\"", "cpu.usage", aggregation::avg, operand::equal_or_more_than,
                           0.1, 120'000, 0, false, no_data::keep}};
  EXPECT_EQ(write_rules(rules),
            R"([{"name":" a\n\"","field":"cpu.usage","aggregation":"avg",)"
            R"("operand":"equalOrMoreThan","value":0.1,"timeframe":120000,"cooldown":0,)"
            R"("partial":false,"noData":"keep"}])");
  EXPECT_EQ(write_rules({}), "[]");
}

TEST(rule_text, labels_and_annotations_stand_last_and_only_where_there_are_any) {
  rule r;
  r.labels = {{"severity", "page"}, {"team", "ops"}};
  r.annotations = {{"summary", "{{hostName}}"}};
  const auto text = write_rules({r});
  EXPECT_EQ(text.substr(text.find(R"("noData")")),
            R"("noData":"keep","labels":{"severity":"page","team":"ops"},)"
            R"("annotations":{"summary":"{{hostName}}"}}])");
}

TEST(rule_text, reads_back_what_was_written) {
  std::mt19937_64 random(7);
  rule_set rules;
  for (int i = 0; i < 500; ++i) {
    double threshold = 0;
    do {
      const auto bits = random();
      std::memcpy(&threshold, &bits, sizeof threshold);
    } while (!std::isfinite(threshold));
    rules.push_back({fmt::format("r{}\x01é\\", i), fmt::format("f.{}", i % 7),
                     static_cast<aggregation>(i % 6), static_cast<operand>(i % 2), threshold,
                     1 + static_cast<std::int64_t>(random() % 1'000'000'000),
                     static_cast<std::int64_t>(random() % 1'000'000), i % 3 == 0,
                     static_cast<no_data>(i / 2 % 2)});
  }
  rules[1].labels = {{"a", "\"\\"}, {"b", "ü"}};
  rules[2].annotations = {{"summary", "{{hostName}} {{hostname}} {{"}};
  const auto read = read_rules(write_rules(rules));
  ASSERT_TRUE(read) << read.failure().message;
  EXPECT_EQ(*read, rules);
}

TEST(rule_text, equal_rule_sets_give_equal_texts) {
  rule_set plus = read_settings(default_config(), "tocsin.json", {}, purpose::serve).value.rules;
  auto minus = plus;
  plus[2].threshold = 0.0;
  minus[2].threshold = -0.0;
  ASSERT_EQ(plus, minus);
  EXPECT_EQ(write_rules(plus), write_rules(minus));
}

TEST(rule_text, what_is_no_rule_set_is_an_error) {
  EXPECT_FALSE(read_rules(""));
  EXPECT_FALSE(read_rules("{}"));
  EXPECT_FALSE(read_rules(R"([{"name":"a"}])"));
}

} // namespace tocsin::rule_text_test
