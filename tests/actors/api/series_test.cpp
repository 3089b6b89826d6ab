#include "actors/api/series.hpp"

#include <gtest/gtest.h>

namespace tocsin::series_test {

namespace {

constexpr std::int64_t now_ms = 1'700'000'000'000;

result<series_question, http::refusal> read(http::field_list query) {
  http::request what;
  what.query = std::move(query);
  return read_series_question(what, now_ms);
}

std::string why(http::field_list query) {
  const auto q = read(std::move(query));
  if (q)
    return "taken";
  EXPECT_EQ(q.failure().status, 400u);
  EXPECT_EQ(q.failure().code, "bad-parameter");
  return q.failure().message;
}

} // namespace

TEST(series_question_test, what_is_not_said_is_the_last_hour_of_all_hosts) {
  const auto q = read({{"fields", "cpu.usage,app.wait time"}});
  ASSERT_TRUE(q.ok());
  EXPECT_EQ(q->fields, (std::vector<std::string>{"cpu.usage", "app.wait time"}));
  EXPECT_FALSE(q->host);
  EXPECT_EQ(q->to_ms, now_ms);
  EXPECT_EQ(q->from_ms, now_ms - 3'600'000);
  EXPECT_EQ(q->step_ms, 0);
}

TEST(series_question_test, everything_can_be_said) {
  const auto q = read({{"fields", "a"},
                       {"host", "<img> \"x\""},
                       {"from", "0"},
                       {"to", "8640000000000000"},
                       {"step", "1"}});
  ASSERT_TRUE(q.ok());
  EXPECT_EQ(q->host, "<img> \"x\"");
  EXPECT_EQ(q->from_ms, 0);
  EXPECT_EQ(q->to_ms, 8'640'000'000'000'000);
  EXPECT_EQ(q->step_ms, 1);
}

TEST(series_question_test, what_cannot_be_is_refused_and_says_what_could) {
  EXPECT_EQ(why({}), "`fields` is missing: say which, `fields=cpu.usage,mem.usage`");
  EXPECT_EQ(why({{"field", "a"}}), "`field` is none of fields, host, from, to, step");
  for (const auto* bad : {"", ",", "a,", ",a", "a,,b"})
    EXPECT_EQ(why({{"fields", bad}}),
              "`fields` must be names of fields of 1 to 255 bytes, with commas between them");
  EXPECT_EQ(why({{"fields", std::string(255, 'x')}}), "taken");
  EXPECT_NE(why({{"fields", std::string(256, 'x')}}), "taken");
  EXPECT_EQ(why({{"fields", "a,b,a"}}), "`fields` names a field twice");
  std::string many = "f0";
  for (int i = 1; i < 16; ++i)
    many += ",f" + std::to_string(i);
  EXPECT_EQ(why({{"fields", many}}), "taken");
  EXPECT_EQ(why({{"fields", many + ",f16"}}), "`fields` must be 16 at most");
  EXPECT_EQ(why({{"fields", "a"}, {"host", ""}}), "`host` must be the name of a host");
  for (const auto* bad : {"", "-1", "1.5", "now", "8640000000000001", "99999999999999999999"}) {
    EXPECT_EQ(why({{"fields", "a"}, {"from", bad}}),
              "`from` must be a time: milliseconds since 1970");
    EXPECT_EQ(why({{"fields", "a"}, {"to", bad}}), "`to` must be a time: milliseconds since 1970");
    EXPECT_NE(why({{"fields", "a"}, {"step", bad}}), "taken");
  }
  EXPECT_EQ(why({{"fields", "a"}, {"step", "0"}}),
            "`step` must be a length of time: milliseconds, 1 or more");
  EXPECT_EQ(why({{"fields", "a"}, {"from", "5"}, {"to", "5"}}), "`from` must be before `to`");
  EXPECT_EQ(why({{"fields", "a"}, {"to", "0"}}), "`from` must be before `to`");
}

} // namespace tocsin::series_test
