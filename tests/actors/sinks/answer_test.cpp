#include "actors/sinks/answer.hpp"

#include <gtest/gtest.h>

namespace tocsin::answer_test {
namespace {

using outcome = delivery::outcome;

delivery judge(unsigned status, http::field_list headers = {}, std::string body = "") {
  return judge_answer(http::client_response{status, std::move(headers), std::move(body)},
                      784'111'777);
}

TEST(answer, every_2xx_is_done) {
  for (unsigned status : {200u, 201u, 202u, 204u, 299u})
    EXPECT_EQ(judge(status).what, outcome::done) << status;
}

TEST(answer, what_may_pass_or_be_mended_is_for_later) {
  for (unsigned status : {100u, 300u, 302u, 401u, 403u, 404u, 408u, 410u, 429u, 500u, 503u, 599u})
    EXPECT_EQ(judge(status).what, outcome::later) << status;
}

TEST(answer, what_these_very_events_are_refused_with_has_failed) {
  for (unsigned status : {400u, 413u, 414u, 415u, 422u, 431u})
    EXPECT_EQ(judge(status).what, outcome::failed) << status;
}

TEST(answer, nobody_there_is_for_later) {
  const auto d = judge_answer(error{"connection refused"}, 0);
  EXPECT_EQ(d.what, outcome::later);
  EXPECT_EQ(d.why, "connection refused");
}

TEST(answer, a_redirect_names_its_target_and_what_to_do) {
  const auto d = judge(307, {{"Location", "https://new.example.com/hook\r\n"}});
  EXPECT_NE(d.why.find("https://new.example.com/hook"), std::string::npos) << d.why;
  EXPECT_NE(d.why.find("configuration"), std::string::npos);
  EXPECT_EQ(d.why.find('\n'), std::string::npos);
}

TEST(answer, says_what_the_receiver_said_cut_short) {
  const auto d = judge(400, {}, "no such\nproject" + std::string(10'000, '!'));
  EXPECT_NE(d.why.find("400"), std::string::npos);
  EXPECT_NE(d.why.find("no such"), std::string::npos);
  EXPECT_LT(d.why.size(), 200u);
  EXPECT_EQ(d.why.find('\n'), std::string::npos);
}

TEST(answer, waits_as_long_as_is_asked_for) {
  EXPECT_EQ(judge(503, {{"Retry-After", "7"}}).wait_ms, 7'000);
  EXPECT_EQ(judge(503, {{"Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT"}}).wait_ms, 10'000);
  EXPECT_EQ(judge(400, {{"Retry-After", "7"}}).wait_ms, 0);
}

TEST(answer, a_wait_that_is_none_does_no_harm) {
  for (const char* text : {"-5", "soon", "", "Sun, 06 Nov 1994 08:49:36 GMT"})
    EXPECT_EQ(judge(503, {{"Retry-After", text}}).wait_ms, 0) << text;
}

TEST(answer, a_body_that_was_cut_off_changes_nothing) {
  const http::client_response cut{.status = 200, .headers = {}, .body = "{\"half", .whole = false};
  EXPECT_EQ(judge_answer(cut, 0).what, outcome::done);
}

TEST(answer, a_304_is_called_no_redirect) {
  EXPECT_EQ(judge(304).why, "it answered 304");
}

} // namespace
} // namespace tocsin::answer_test
