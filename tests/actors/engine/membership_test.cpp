#include "actors/membership.hpp"

#include "streams/partition/recovery.hpp"
#include "tests/actors/engine/engine_test.hpp"

#include <future>

namespace tocsin::membership_test {

class membership_test : public test::engine_test {
protected:
  void SetUp() override {
    engine_test::SetUp();
    e.emplace(quick_settings(), server().address());
    e->ctx.intake_answers = true; // the owner's heartbeats may move time on
    run("XADD tocsin:{0}:samples * hb x");
    membership_ = e->actors.spawn<caf::detached>(membership, &e->ctx, "worker");
    ASSERT_TRUE(test::eventually([&] { return e->ctx.role == engine_role::owner; }));
    first = lease();
    ASSERT_EQ(first.epoch(), 1u);
    some_ticks();
  }
  void TearDown() override {
    caf::anon_send(membership_, stop_atom::value);
    membership_ = nullptr;
    e.reset();
    redis_test::TearDown();
  }

  redis::lease_state lease() { return *redis::read_lease(c, e->ctx.keys); }
  std::uint64_t recoveries() { return e->ctx.metrics.recoveries.value(); }
  /// Long enough that what was sent before is acted upon.
  void some_ticks() {
    const auto& sealed = e->ctx.metrics.ticks_sealed;
    const auto before = sealed.value();
    EXPECT_TRUE(test::eventually([&] { return sealed.value() >= before + 5; }));
  }
  void expect_untouched() {
    some_ticks();
    EXPECT_EQ(lease().owner, first.owner);
    EXPECT_EQ(recoveries(), 1u);
    EXPECT_EQ(e->ctx.role, engine_role::owner);
  }

  std::optional<engine> e;
  caf::actor membership_;
  redis::lease_state first;
};

TEST_F(membership_test, ignores_what_was_found_under_an_earlier_lease) {
  caf::anon_send(membership_, lost_atom::value, std::string("worker:earlier:1"));
  expect_untouched();
  caf::anon_send(membership_, fenced_atom::value, std::string("worker:earlier:1"));
  expect_untouched();
}

TEST_F(membership_test, reads_back_under_a_new_epoch_what_is_lost_and_only_once) {
  for (int twice = 0; twice < 2; ++twice) // the reader and the committer may both have found it
    caf::anon_send(membership_, lost_atom::value, first.owner);
  EXPECT_TRUE(test::eventually([&] { return lease().epoch() == 2; }));
  some_ticks();
  EXPECT_EQ(recoveries(), 2u);
  EXPECT_EQ(lease().epoch(), 2u);
  EXPECT_EQ(e->ctx.role, engine_role::owner);
}

class reload_test : public membership_test {
protected:
  using kind = reload_outcome::kind;

  std::future<kind> put_in_force(rule_set rules) {
    auto promise = std::make_shared<std::promise<kind>>();
    auto asked = std::make_shared<rules_to_take_up>();
    asked->rules = std::make_shared<const rule_set>(std::move(rules));
    asked->answer = [promise](kind what, const std::string&) { promise->set_value(what); };
    caf::anon_send(membership_, reload_atom::value, asked);
    return promise->get_future();
  }
  std::optional<std::string> in_force() { return *redis::current_rules(c, e->ctx.cluster); }

  const rule_set a = {rule{.name = "a", .field = "x", .threshold = 1, .timeframe_ms = 500}};
  const rule_set b = {rule{.name = "b", .field = "y", .threshold = 1, .timeframe_ms = 900}};
};

TEST_F(reload_test, rules_are_put_in_force_under_the_same_lease) {
  EXPECT_EQ(put_in_force(a).get(), kind::done);
  EXPECT_EQ(e->ctx.rules.get()->hash, hash_of(a));
  EXPECT_EQ(in_force(), hash_of(a));
  EXPECT_EQ(e->ctx.metrics.rules.value(), 1);
  some_ticks();
  EXPECT_EQ(lease().owner, first.owner);
  EXPECT_EQ(recoveries(), 2u);
  EXPECT_EQ(put_in_force(a).get(), kind::unchanged);
  EXPECT_EQ(recoveries(), 2u);
}

TEST_F(reload_test, of_two_at_once_one_is_told_to_wait) {
  auto one = put_in_force(a), other = put_in_force(b);
  EXPECT_EQ(one.get(), kind::done);
  EXPECT_EQ(other.get(), kind::not_evaluating);
  EXPECT_EQ(in_force(), hash_of(a));
}

TEST_F(reload_test, is_no_longer_the_owners_when_the_lease_is_lost) {
  run("HSET tocsin:{0}:lease owner other:nonce:9");
  EXPECT_EQ(put_in_force(a).get(), kind::standby);
  EXPECT_NE(in_force(), hash_of(a)) << "another's rules are not touched";
}

TEST_F(reload_test, rules_that_redis_took_without_saying_so_are_not_in_force) {
  ASSERT_EQ(put_in_force(a).get(), kind::done);
  run("RENAME tocsin:rules kept");
  run("SET tocsin:rules no-hash"); // what is asked for now fails
  EXPECT_EQ(put_in_force(b).get(), kind::redis_away);
  run("RENAME kept tocsin:rules");
  run("HSET tocsin:rules current " + hash_of(b)); // as if only the answer had been lost
  EXPECT_TRUE(test::eventually([&] { return in_force() == hash_of(a); }));
  EXPECT_EQ(e->ctx.rules.get()->hash, hash_of(a));
  EXPECT_EQ(put_in_force(b).get(), kind::done);
  EXPECT_EQ(in_force(), hash_of(b));
  EXPECT_EQ(lease().owner, first.owner);
}

TEST_F(reload_test, goes_on_where_the_partition_is_lost_meanwhile) {
  auto asked = put_in_force(a);
  caf::anon_send(membership_, lost_atom::value, first.owner);
  EXPECT_EQ(asked.get(), kind::done);
  EXPECT_EQ(e->ctx.rules.get()->hash, hash_of(a));
  some_ticks();
}

TEST_F(reload_test, rules_that_cannot_be_read_back_under_leave_those_before) {
  ASSERT_EQ(put_in_force(a).get(), kind::done);
  run("RENAME tocsin:cluster kept");
  run("SET tocsin:cluster no-hash"); // no recovery goes on beside it
  EXPECT_EQ(put_in_force(b).get(), kind::failed);
  run("RENAME kept tocsin:cluster");
  EXPECT_TRUE(test::eventually([&] { return e->ctx.role == engine_role::owner; }));
  some_ticks();
  EXPECT_EQ(e->ctx.rules.get()->hash, hash_of(a));
  EXPECT_EQ(*e->ctx.rules.of_file(), a);
  EXPECT_EQ(in_force(), hash_of(a));
}

} // namespace tocsin::membership_test
