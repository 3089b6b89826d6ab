#include "actors/api/live_events.hpp"

#include <gtest/gtest.h>

namespace tocsin::live_events_test {
namespace {

class live_events_test : public testing::Test {
protected:
  // Its answer; status 0 while it is owed.
  std::shared_ptr<http::response> subscribe() {
    auto got = std::make_shared<http::response>(http::response{.status = 0});
    live.subscribe(http::responder([got](http::response r) { *got = std::move(r); }), std::nullopt);
    return got;
  }
  static bool refused(const http::response& what, const std::string& code) {
    return what.status == 503 && what.body.find('"' + code + '"') != std::string::npos;
  }

  metric_registry registry;
  live_events live{registry};
  int woken = 0;
};

TEST_F(live_events_test, refuses_whom_nobody_would_feed) {
  EXPECT_TRUE(refused(*subscribe(), "busy"));
  EXPECT_FALSE(live.watched());
}

TEST_F(live_events_test, keeps_nothing_while_nobody_follows) {
  live.open([this] { ++woken; });
  live.say("tick", "{}");
  live.news();
  EXPECT_EQ(woken, 0);
  const auto work = live.take();
  EXPECT_TRUE(work.messages.empty());
  EXPECT_FALSE(work.news);
}

TEST_F(live_events_test, wakes_the_feed_once_until_it_has_taken_its_work) {
  live.open([this] { ++woken; });
  const auto owed = subscribe();
  live.news();
  live.say("tick", "{}");
  EXPECT_EQ(woken, 1);
  const auto work = live.take();
  EXPECT_EQ(work.newcomers.size(), 1u);
  EXPECT_EQ(work.messages.size(), 1u);
  EXPECT_TRUE(work.news);
  live.news();
  EXPECT_EQ(woken, 2);
}

TEST_F(live_events_test, takes_so_many_clients_until_one_goes) {
  live.open([] {});
  for (std::size_t i = 0; i < live_events::clients_max; ++i)
    EXPECT_EQ(subscribe()->status, 0u);
  EXPECT_TRUE(refused(*subscribe(), "too-many-clients"));
  auto work = live.take();
  work.newcomers.pop_back();
  EXPECT_EQ(subscribe()->status, 0u);
}

TEST_F(live_events_test, lets_the_oldest_messages_go_when_the_feed_is_slow) {
  live.open([] {});
  const auto owed = subscribe();
  for (std::size_t i = 0; i < live_events::messages_max + 5; ++i)
    live.say("tick", std::to_string(i));
  const auto work = live.take();
  ASSERT_EQ(work.messages.size(), live_events::messages_max);
  EXPECT_NE(work.messages.front().find("data: 5\n"), std::string::npos);
}

TEST_F(live_events_test, refuses_at_its_end_who_still_waits) {
  live.open([] {});
  const auto waiting = subscribe();
  live.close();
  EXPECT_TRUE(refused(*waiting, "busy"));
  EXPECT_TRUE(refused(*subscribe(), "busy"));
}

} // namespace
} // namespace tocsin::live_events_test
