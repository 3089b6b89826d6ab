#include "streams/redis/sorted_set.hpp"

#include "tests/support/redis_fixture.hpp"

#include <fmt/format.h>
#include <set>

namespace tocsin::redis::sorted_set_test {
namespace {

class sorted_set_test : public test::redis_test {
protected:
  std::vector<std::string> read(double from, std::size_t count) {
    score_pages pages("monitoring", from);
    std::vector<std::string> out;
    for (;;) {
      const auto page = pages.next(c, count);
      EXPECT_TRUE(page.ok());
      if (!page || page->empty())
        return out;
      EXPECT_LE(page->size(), count);
      for (const auto& m : *page)
        out.push_back(m.text);
    }
  }
};

TEST_F(sorted_set_test, every_member_from_a_score_on_comes_once_whatever_the_page) {
  std::multiset<std::string> expected;
  for (int i = 0; i < 200; ++i) {
    const int score = i < 100 ? i / 7 : 50; // runs of one score, one of them long
    run(fmt::format("ZADD monitoring {} m{}", score, i));
    if (score >= 3)
      expected.insert(fmt::format("m{}", i));
  }
  for (const std::size_t count : {1, 2, 7, 64, 1000}) {
    const auto got = read(3, count);
    EXPECT_EQ(std::multiset<std::string>(got.begin(), got.end()), expected) << count;
  }
}

TEST_F(sorted_set_test, scores_of_milliseconds_are_read_to_the_digit) {
  run("ZADD monitoring 1700000000001 a 1700000000002 b 1700000000002.5 c");
  EXPECT_EQ(read(1'700'000'000'002, 10), (std::vector<std::string>{"b", "c"}));
  score_pages pages("monitoring", 1'700'000'000'002);
  EXPECT_EQ(pages.next(c, 1)->at(0).score, 1'700'000'000'002.0);
}

TEST_F(sorted_set_test, what_is_trimmed_or_added_meanwhile_hides_nothing_that_stays) {
  for (int i = 0; i < 20; ++i)
    run(fmt::format("ZADD monitoring {} m{}", i, i));
  score_pages pages("monitoring", 0);
  EXPECT_EQ(pages.next(c, 10)->size(), 10u);
  run("ZREMRANGEBYSCORE monitoring 0 5");
  run("ZADD monitoring 30 new");
  const auto rest = pages.next(c, 100);
  ASSERT_TRUE(rest.ok());
  EXPECT_EQ(rest->size(), 11u);
  EXPECT_EQ(rest->front().text, "m10");
}

TEST_F(sorted_set_test, a_key_that_is_missing_is_empty_and_one_of_another_kind_a_failure) {
  EXPECT_TRUE(read(0, 10).empty());
  run("SET monitoring x");
  const auto page = score_pages("monitoring", 0).next(c, 10);
  ASSERT_FALSE(page.ok());
  EXPECT_NE(page.failure().message.find("WRONGTYPE"), std::string::npos);
  EXPECT_FALSE(c.broken());
}

} // namespace
} // namespace tocsin::redis::sorted_set_test
