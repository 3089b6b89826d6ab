#include "config/problem_list.hpp"

#include <gtest/gtest.h>

namespace tocsin::problem_list_test {

TEST(problem_list_test, beyond_a_thousand_problems_the_rest_is_counted) {
  problem_list problems;
  for (std::size_t i = 0; i < 100'000; ++i)
    problems.warn({"f", i + 1, 1, "/x"}, "odd");
  EXPECT_EQ(problems.size(), 100'000u);
  const auto all = std::move(problems).take();
  ASSERT_EQ(all.size(), problem_list::kept_max + 1);
  EXPECT_EQ(all.back().text(), "f: warning: 99000 more problems are not listed");
  EXPECT_FALSE(has_errors(all));
}

TEST(problem_list_test, an_error_behind_a_thousand_warnings_is_one) {
  problem_list problems;
  for (std::size_t i = 0; i < 2'000; ++i)
    problems.warn({"f", i + 1, 1, "/x"}, "odd");
  problems.error({"f", 5'000, 1, "/y"}, "wrong");
  problems.error({"f", 5'001, 1, "/y"}, "wrong too");
  const auto all = std::move(problems).take();
  EXPECT_TRUE(has_errors(all));
  EXPECT_EQ(all[problem_list::kept_max].message, "wrong");
  EXPECT_EQ(all.back().message, "1001 more problems are not listed");
}

} // namespace tocsin::problem_list_test
