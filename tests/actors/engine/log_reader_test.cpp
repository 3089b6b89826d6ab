#include "actors/log_reader.hpp"

#include "tests/actors/engine/engine_test.hpp"

namespace tocsin::log_reader_test {

namespace {

constexpr const char* owner = "worker:nonce:1";
constexpr int entries = 4'000;

} // namespace

class log_reader_test : public test::engine_test {
protected:
  void SetUp() override {} // each has a server of its own

  /// Reads until it has this many entries or the reader says that the log is lost.
  std::size_t read(std::size_t wanted) {
    std::size_t got = 0;
    while (got < wanted && lost_by.empty()) {
      self->send(reader, read_atom::value, std::int64_t{0}, false);
      self->receive([&](batch_atom, const batch_ptr& b) { got += b->log.entries.size(); },
                    [&](lost_atom, const std::string& by) { lost_by = by; },
                    caf::after(std::chrono::seconds(60)) >> [&] { lost_by = "(nobody answers)"; });
    }
    return got;
  }
  void write(int n) {
    auto to = redis.connect(address);
    for (int i = 0; i < n; ++i)
      to.append({"XADD", "tocsin:{0}:samples", "*", "hb", ""});
    ASSERT_TRUE(to.flush().ok());
  }
  bool loading() {
    auto to = redis::connection::open(address);
    const auto info = to ? to->call({"INFO", "persistence"}) : result<redis::reply>(to.failure());
    return info && info->text.find("\r\nloading:1") != std::string::npos;
  }
  void TearDown() override { caf::anon_send_exit(reader, caf::exit_reason::kill); }

  test::redis_server redis{{"--appendonly", "yes"}};
  const redis_address address = redis.address();
  engine e{quick_settings(), address};
  caf::scoped_actor self{e.actors};
  caf::actor reader = e.actors.spawn<caf::detached>(
      log_reader, &e.ctx, log_position{}, std::string(owner), caf::actor(self), caf::actor(self));
  std::string lost_by;
};

TEST_F(log_reader_test, waits_for_a_redis_that_is_loading_and_does_not_take_the_log_for_lost) {
  write(entries);
  ASSERT_EQ(read(entries), std::size_t{entries});
  redis.restart({"--appendonly", "yes", "--key-load-delay", "500"});
  ASSERT_TRUE(test::eventually([&] { return loading(); }));
  self->send(reader, read_atom::value, std::int64_t{0}, false);
  self->receive([&](batch_atom, const batch_ptr& b) { EXPECT_TRUE(b->log.entries.empty()); },
                [&](lost_atom, const std::string&) { ADD_FAILURE() << "taken for lost"; },
                caf::after(std::chrono::seconds(60)) >> [] { ADD_FAILURE() << "no answer"; });
  EXPECT_GT(e.ctx.metrics.redis_errors.value(), 0u) << "it was never asked while it was loading";
  write(3);
  EXPECT_EQ(read(3), 3u);
  EXPECT_EQ(lost_by, "");
}

TEST_F(log_reader_test, names_the_owner_when_the_log_is_another_after_a_reconnect) {
  write(10);
  ASSERT_EQ(read(10), 10u);
  redis.restart({"--appendonly", "yes", "--appendfilename", "another.aof"});
  ASSERT_TRUE(redis.connect(address).call({"XADD", "tocsin:{0}:samples", "1-1", "hb", ""}).ok());
  read(1);
  EXPECT_EQ(lost_by, owner);
}

} // namespace tocsin::log_reader_test
