#include "actors/redis_door.hpp"

#include "tests/actors/engine/engine_test.hpp"

#include <algorithm>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sstream>

namespace tocsin::redis_door_test {

/// Two connections of one engine, and what is logged of them (for people, not for debugging).
class redis_door_test : public test::engine_test {
protected:
  void SetUp() override {
    test::engine_test::SetUp();
    const auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(log_);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
    sink->set_pattern("%l %v");
  }
  void TearDown() override { spdlog::set_default_logger(before_); }

  bool call(redis_door& door) {
    auto* c = door.get(monotonic_ms());
    if (!c)
      return false;
    const auto answer = c->call({"PING"});
    answer ? door.works() : door.failed(answer.failure(), monotonic_ms());
    return answer.ok();
  }
  /// The door's connection is closed by Redis, that of nobody else.
  void cut(redis_door& door) {
    const auto id = door.get(monotonic_ms())->call({"CLIENT", "ID"});
    run("CLIENT KILL ID " + std::to_string(id->number));
  }
  void call_until_it_works(redis_door& door) {
    EXPECT_TRUE(test::eventually([&] { return call(door); }));
  }
  /// What was logged since the last time, without addresses and what follows them.
  std::string logged() {
    std::string out;
    std::istringstream lines(log_.str());
    for (std::string line; std::getline(lines, line);)
      out += line.substr(0, line.find(" unix:")) + "\n";
    log_.str("");
    return out;
  }

  engine e{quick_settings(), server().address()};
  redis_door busy{e.ctx, "busy"}, idle{e.ctx, "idle"};

private:
  std::ostringstream log_;
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

TEST_F(redis_door_test, an_outage_is_said_once_also_where_a_connection_finds_out_late) {
  EXPECT_TRUE(call(busy) && call(idle));
  server().restart();
  EXPECT_FALSE(call(busy));
  EXPECT_EQ("warning busy: the connection to\n", logged());
  call_until_it_works(busy);
  EXPECT_EQ("info busy: Redis is back at\n", logged());
  EXPECT_FALSE(call(idle));
  call_until_it_works(idle);
  EXPECT_EQ("", logged());
}

TEST_F(redis_door_test, one_that_nobody_needs_any_more_hides_no_outage) {
  EXPECT_TRUE(call(busy) && call(idle));
  cut(idle);
  EXPECT_FALSE(call(idle));
  EXPECT_EQ("warning idle: the connection to\n", logged());
  EXPECT_FALSE(e.ctx.redis_answers);
  EXPECT_TRUE(call(busy));
  EXPECT_TRUE(e.ctx.redis_answers) << "and it is never asked again";
  EXPECT_EQ("info busy: Redis is back at\n", logged());
  server().restart();
  EXPECT_FALSE(call(busy));
  EXPECT_EQ("warning busy: the connection to\n", logged());
}

TEST_F(redis_door_test, a_redis_that_lets_nobody_in_is_told_once_with_its_reason) {
  EXPECT_TRUE(call(busy) && call(idle));
  run("CONFIG SET requirepass secret");
  cut(busy);
  cut(idle);
  EXPECT_FALSE(call(busy));
  EXPECT_EQ("warning busy: the connection to\n", logged());
  const auto errors = e.ctx.metrics.redis_errors.value();
  EXPECT_TRUE(test::eventually([&] {
    EXPECT_FALSE(call(busy) || call(idle));
    return e.ctx.metrics.redis_errors.value() >= errors + 6;
  }));
  EXPECT_NE(std::string::npos, e.ctx.redis_said.get().find("wants a password: NOAUTH"));
  const auto said = logged();
  EXPECT_EQ(1, std::count(said.begin(), said.end(), '\n')) << said;
  EXPECT_TRUE(said.starts_with("warning ")) << said;
  EXPECT_TRUE(c.call({"CONFIG", "SET", "requirepass", ""}));
  call_until_it_works(busy);
  EXPECT_EQ("info busy: Redis is back at\n", logged());
  call_until_it_works(idle);
  EXPECT_EQ("info idle: Redis at\n", logged()) << "lets everybody in again";
}

TEST_F(redis_door_test, one_that_comes_back_says_so_each_time_and_the_next_loss_too) {
  EXPECT_TRUE(call(busy) && call(idle));
  for (int i = 0; i < 3; ++i) {
    cut(idle);
    EXPECT_FALSE(call(idle));
    EXPECT_EQ("warning idle: the connection to\n", logged());
    call_until_it_works(idle);
    EXPECT_EQ("info idle: Redis is back at\n", logged());
  }
  EXPECT_TRUE(call(busy));
  cut(busy);
  EXPECT_FALSE(call(busy));
  EXPECT_EQ("warning busy: the connection to\n", logged()) << "for all that it is the older one";
}

} // namespace tocsin::redis_door_test
