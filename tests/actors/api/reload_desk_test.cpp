#include "actors/api/reload_desk.hpp"

#include <gtest/gtest.h>
#include <thread>

namespace tocsin::reload_desk_test {
namespace {

class reload_desk_test : public testing::Test {
protected:
  http::responder answered() {
    return http::responder([this](http::response r) { answers.push_back(std::move(r)); });
  }
  void expect_only(unsigned status, const char* code) {
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].status, status);
    EXPECT_NE(answers[0].body.find(code), std::string::npos) << answers[0].body;
    answers.clear();
  }

  std::vector<http::response> answers;
  reload_desk desk;
};

TEST_F(reload_desk_test, refuses_before_it_is_open_and_after_the_end) {
  desk.ask(answered(), 0);
  expect_only(503, "starting");
  desk.open();
  desk.ask(answered(), 0);
  EXPECT_TRUE(answers.empty());
  desk.stop();
  expect_only(503, "not-evaluating");
  desk.ask(answered(), 0);
  expect_only(503, "not-evaluating");
  EXPECT_TRUE(desk.stopping());
  EXPECT_TRUE(desk.wait(60'000).empty());
}

TEST_F(reload_desk_test, hands_over_all_that_wait_at_once) {
  desk.open();
  EXPECT_TRUE(desk.wait(0).empty());
  desk.ask(answered(), 5);
  desk.ask(answered(), 6);
  auto round = desk.wait(60'000);
  EXPECT_FALSE(round.unattended);
  ASSERT_EQ(round.requests.size(), 2u);
  EXPECT_EQ(round.requests[1].until_ms, 6 + reload_desk::answer_ms_max);
  EXPECT_TRUE(desk.wait(0).empty());
  desk.ask();
  round = desk.wait(60'000);
  EXPECT_TRUE(round.unattended);
  EXPECT_TRUE(round.requests.empty());
}

TEST_F(reload_desk_test, wakes_who_waits) {
  desk.open();
  std::thread asks([&] { desk.ask(); });
  EXPECT_TRUE(desk.wait(60'000).unattended);
  asks.join();
}

TEST_F(reload_desk_test, is_busy_when_too_many_wait_or_one_waits_too_long) {
  desk.open();
  for (std::size_t i = 0; i < reload_desk::slots; ++i)
    desk.ask(answered(), i == 0 ? 0 : 100);
  EXPECT_TRUE(answers.empty());
  desk.ask(answered(), 100);
  expect_only(409, "busy");
  desk.expire(reload_desk::answer_ms_max - 1);
  EXPECT_TRUE(answers.empty());
  desk.expire(reload_desk::answer_ms_max);
  expect_only(409, "busy");
  EXPECT_EQ(desk.wait(0).requests.size(), reload_desk::slots - 1);
  answers.clear();
}

} // namespace
} // namespace tocsin::reload_desk_test
