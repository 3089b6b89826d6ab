#include "actors/http/retry_after.hpp"

#include <gtest/gtest.h>

namespace tocsin::http::retry_after_test {
namespace {

constexpr std::int64_t now_s = 784'111'777; // Sun, 06 Nov 1994 08:49:37 GMT

std::optional<std::int64_t> wait(const char* asked, field_list more = {}) {
  more.emplace_back("Retry-After", asked);
  return asked_wait_ms(client_response{.status = 503, .headers = std::move(more), .body = {}},
                       now_s);
}

TEST(retry_after, is_seconds) {
  EXPECT_EQ(wait("7"), 7'000);
  EXPECT_EQ(wait("0"), 0);
  EXPECT_EQ(wait("007"), 7'000);
}

TEST(retry_after, is_a_date_in_any_of_the_three_forms) {
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:47 GMT"), 10'000);
  EXPECT_EQ(wait("Sunday, 06-Nov-94 08:49:47 GMT"), 10'000);
  EXPECT_EQ(wait("Sun Nov  6 08:49:47 1994"), 10'000);
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:36 GMT"), 0);
}

TEST(retry_after, a_date_is_measured_from_that_of_the_answer) {
  EXPECT_EQ(wait("Sun, 06 Nov 1994 10:00:30 GMT", {{"Date", "Sun, 06 Nov 1994 10:00:00 GMT"}}),
            30'000);
  EXPECT_EQ(wait("Sun, 06 Nov 1994 08:49:47 GMT", {{"Date", "yesterday"}}), 10'000);
}

TEST(retry_after, is_a_day_at_most) {
  EXPECT_EQ(wait("9223372036854775807"), 86'400'000);
  EXPECT_EQ(wait("92233720368547758079"), 86'400'000);
  EXPECT_EQ(wait("Fri, 31 Dec 9999 23:59:59 GMT"), 86'400'000);
}

TEST(retry_after, is_none_where_it_is_in_no_such_form) {
  for (const char* text :
       {"", "-1", "+1", "1.5", "1e3", "soon", "06 Nov 1994", "Sun, 06 Nov 1994 08:49:47 GMT, 5"}) {
    EXPECT_FALSE(wait(text)) << text;
  }
  EXPECT_FALSE(asked_wait_ms(client_response{.status = 503, .headers = {}, .body = {}}, now_s));
}

} // namespace
} // namespace tocsin::http::retry_after_test
