#include "actors/membership.hpp"

#include "tests/actors/engine/engine_test.hpp"

namespace tocsin {

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

} // namespace tocsin
