#include "streams/partition/host_history.hpp"

#include "streams/partition/host_list.hpp"
#include "tests/support/past_owner.hpp"

#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>

namespace tocsin::host_history_test {

namespace {

constexpr std::size_t megabyte = std::size_t{1} << 20;

std::string text(double x) {
  return std::isnan(x) ? "-" : fmt::format("{}", x);
}

} // namespace

TEST(host_history_test, holds_what_a_window_of_five_minutes_would) {
  owner plain, deep({{"x", 30}, {"y", 30}});
  std::mt19937_64 random(11);
  for (int t = 0; t < 100; ++t) {
    for (int i = 0; i < 12; ++i) {
      const auto host = fmt::format("h{}", random() % 40);
      const bool gone = random() % 5 == 0;
      const auto ago = static_cast<tick>(random() % 2); // some are late
      const auto x = static_cast<double>(random() % 1'000);
      const char* field = random() % 2 ? "x" : "y";
      for (auto* o : {&plain, &deep})
        o->report(host, {{field, x}}, gone ? 0 : ago, gone);
    }
    for (auto* o : {&plain, &deep})
      o->seal();
    ASSERT_EQ(plain.ticks("x"), std::clamp(t + 1, 2, 30)); // the window has two
    for (const auto* field : {"x", "y"})
      for (int h = 0; h < 40; ++h)
        for (tick n = first + std::max(0, t - 29); n <= first + t; ++n) {
          const auto host = fmt::format("h{}", h);
          const auto index = deep.in.hosts().find(host);
          ASSERT_EQ(index, plain.in.hosts().find(host));
          const auto* block = deep.in.ring().find(*deep.in.fields().find(field), 0);
          const auto* row = block && index ? block->find(n) : nullptr;
          ASSERT_EQ(text(row ? row[*index] : NAN), text(plain.value(host, field, n)))
              << host << ' ' << field << ' ' << n << " after " << t;
        }
  }
}

TEST(host_history_test, a_window_that_reaches_further_is_read_itself) {
  owner o({{"x", 60}});
  for (int t = 0; t < 70; ++t) {
    o.report("a", {{"x", 1. * t}, {"y", 1. * t}});
    o.seal();
  }
  EXPECT_EQ(o.ticks("x"), 60);
  EXPECT_EQ(o.ticks("y"), 30);
  EXPECT_EQ(o.value("a", "x", first + 10), 10);
  EXPECT_EQ(o.value("a", "y", first + 40), 40);
}

TEST(host_history_test, the_more_hosts_the_fewer_ticks_so_that_memory_stays_within_its_bound) {
  owner o({}, first, megabyte);
  const auto report = [&](int hosts) {
    for (int h = 0; h < hosts; ++h)
      o.report(fmt::format("h{}", h), {{"x", static_cast<double>(o.in.next() + h)}});
    o.seal();
  };
  for (int t = 0; t < 40; ++t)
    report(1);
  EXPECT_EQ(o.ticks("x"), 30);
  auto version = o.past.version();
  for (const int hosts : {5 * 1'024, 9 * 1'024}) {
    report(hosts);
    EXPECT_NE(o.past.version(), version);
    version = o.past.version();
    EXPECT_LE(o.past.bytes(), megabyte);
    const auto ticks = o.ticks("x");
    EXPECT_GE(ticks, hosts == 5 * 1'024 ? 20 : 10);
    const auto newest = o.in.next() - 1;
    for (tick n = newest - ticks + 1; n <= newest; ++n)
      ASSERT_EQ(o.value("h0", "x", n), static_cast<double>(n));
    EXPECT_EQ(o.value("h5000", "x", newest), static_cast<double>(newest + 5'000));
    report(hosts);
    EXPECT_EQ(o.past.version(), version);
    EXPECT_EQ(o.ticks("x"), ticks);
  }
  for (int h = 0; h < 16 * 1'024; ++h)
    o.report(fmt::format("h{}", h), {{"x", 1}, {"y", 1}, {"z", 1}, {"w", 1}});
  o.seal();
  EXPECT_EQ(o.past.bytes(), 0u);
  EXPECT_EQ(o.ticks("x"), 2); // of the window
}

TEST(host_history_test, a_tick_that_does_not_follow_begins_it_anew) {
  owner o;
  o.report("a", {{"x", 1}});
  for (int t = 0; t < 10; ++t)
    o.seal();
  EXPECT_EQ(o.ticks("x"), 10);
  o.in.seal(false);
  EXPECT_EQ(o.ticks("x"), 2); // of the window
  o.seal();
  o.seal();
  o.seal();
  EXPECT_EQ(o.ticks("x"), 3);
  EXPECT_TRUE(std::isnan(o.value("a", "x", first)));
}

namespace {

/// Ten ticks of three hosts.
std::unique_ptr<owner> ten_ticks() {
  auto out = std::make_unique<owner>();
  for (int t = 0; t < 10; ++t) {
    out->report("a", {{"x", 1. * t}, {"y", 1. * t}});
    out->report("b", {{"y", 100. + t}});
    out->report("c", {{"x", 200. + t}});
    out->seal();
  }
  return out;
}

} // namespace

TEST(host_history_test, an_engine_with_other_indexes_finds_hosts_and_fields_by_name) {
  const auto before = ten_ticks();
  before->past.leave(before->in);
  owner o({{"y", 3}}, first + 8);            // the last two ticks are to be sealed again
  for (const auto* host : {"new", "c", "b"}) // `a` was forgotten
    o.in.restore_host(host, {}, {}, tick_min, 0);
  o.fields = before->fields;
  o.past = std::move(before->past);
  o.enter();
  o.report("c", {{"x", 7}});
  o.report("a", {{"x", 9}});
  o.seal();
  EXPECT_EQ(o.ticks("x"), 9);
  EXPECT_EQ(o.value("c", "x", first), 200);
  EXPECT_EQ(o.value("b", "y", first + 7), 107);
  EXPECT_EQ(o.value("c", "x", first + 8), 7);
  for (tick n = first; n <= first + 8; ++n) {
    EXPECT_TRUE(std::isnan(o.value("new", "x", n)));
    EXPECT_EQ(text(o.value("a", "x", n)), n == first + 8 ? "9" : "-");
  }
  EXPECT_TRUE(std::isnan(o.value("b", "y", first + 8))) << "sealed before, but not by this engine";
}

TEST(host_history_test, what_nobody_left_or_what_is_too_old_is_forgotten) {
  owner new_one;
  new_one.enter();
  EXPECT_EQ(new_one.past.bytes(), 0u);
  auto before = ten_ticks();
  owner o({}, first + 10);
  o.past = std::move(before->past); // nobody wrote names down
  o.enter();
  EXPECT_EQ(o.past.bytes(), 0u);
  before = ten_ticks();
  before->past.leave(before->in);
  owner later({}, first + 12);
  later.past = std::move(before->past);
  later.enter();
  EXPECT_EQ(later.past.bytes(), 0u);
  later.report("a", {{"x", 1}});
  later.seal();
  EXPECT_EQ(later.ticks("x"), 2);
  EXPECT_EQ(later.value("a", "x", first + 12), 1);
}

TEST(host_history_test, is_an_eighth_of_the_memory_and_a_gigabyte_at_most) {
  EXPECT_EQ(host_history::bytes_within(megabyte), megabyte / 8);
  EXPECT_EQ(host_history::bytes_within(std::uint64_t{1} << 40), host_history::bytes_most);
}

} // namespace tocsin::host_history_test
