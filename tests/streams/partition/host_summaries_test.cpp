#include "streams/partition/summary_column.hpp"

#include "tests/support/past_owner.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <random>

namespace tocsin::host_summaries_test {

namespace {

constexpr std::size_t megabyte = std::size_t{1} << 20;

/// What was reported, tick by tick.
using truth = std::map<std::pair<std::string, tick>, double>;

value_summary naive(const truth& all, const std::string& host, tick from, tick newest) {
  value_summary out;
  for (auto i = all.lower_bound({host, from});
       i != all.end() && i->first.first == host && i->first.second <= newest; ++i)
    out.add(i->second);
  return out;
}

struct question {
  owner& o;
  field_index field;
  tick newest = o.in.next() - 1;

  std::optional<tick> from(std::int64_t ticks) const {
    return o.past.summed_from(o.in, field, newest - ticks + 1);
  }
  value_summary at(std::string_view host, tick from) const {
    const auto h = o.in.hosts().find(host);
    return h ? summary_of(o.past, field, *h, from, newest) : value_summary{};
  }
};

question ask(owner& o, const char* field = "x") {
  return {o, *o.in.fields().find(field)};
}

void expect_same(const value_summary& want, const value_summary& got) {
  EXPECT_EQ(want.all.count, got.all.count);
  if (want.all.count == 0)
    return;
  EXPECT_EQ(want.all.sum, got.all.sum);
  EXPECT_EQ(want.all.min, got.all.min);
  EXPECT_EQ(want.all.max, got.all.max);
  EXPECT_EQ(want.last, got.last);
}

} // namespace

TEST(host_summaries, say_of_hours_what_all_ticks_would) {
  owner o;
  truth all;
  std::mt19937_64 random(7);
  for (int t = 0; t < 2'000; ++t) {
    for (int i = 0; i < 20; ++i) {
      const auto host = fmt::format("h{}", random() % 90); // of two groups
      // Some are late, which counts for who had a value before.
      const auto before = all.lower_bound({host, first});
      const bool late = before != all.end() && before->first.first == host &&
                        before->first.second < o.in.next() - 1 && random() % 3 == 0;
      const auto n = o.in.next() - late;
      if (random() % 4 == 0 || all.contains({host, n}))
        continue;
      const auto x = static_cast<double>(random() % 1'000); // sums are exact
      o.report(host, {{"x", x}}, o.in.next() - n);
      all[{host, n}] = x;
    }
    o.seal();
    if (t % 97 != 0)
      continue;
    const auto q = ask(o);
    for (const std::int64_t ticks : {31, 60, 61, 360, 1'800}) {
      const auto from = q.from(ticks);
      ASSERT_EQ(from.has_value(), t > 30) << t; // all are held one by one
      if (!from)
        continue;
      EXPECT_LE(*from, std::max(first, q.newest - ticks + 1));
      EXPECT_GT(*from, std::max(first - 1, q.newest - ticks + 1 - 6)) << "a minute more at most";
      summary_column column;
      column.begin(q.field, 0, *from, q.newest);
      while (!column.step(o.past, 1 + static_cast<std::int64_t>(random() % 50))) {
      }
      for (int h = 0; h < 90; ++h) {
        const auto host = fmt::format("h{}", h);
        const auto want = naive(all, host, *from, q.newest);
        expect_same(want, q.at(host, *from));
        if (const auto index = o.in.hosts().find(host))
          expect_same(want, column.at(*index));
      }
    }
  }
}

TEST(host_summaries, a_tick_that_is_taken_over_meanwhile_counts_once) {
  owner o;
  truth all;
  const auto tick_of_one = [&] {
    const auto x = static_cast<double>(o.in.next());
    all[{"a", o.in.next()}] = x;
    o.report("a", {{"x", x}});
    o.seal();
  };
  for (int t = 0; t < 100; ++t)
    tick_of_one();
  for (int rows = 1; rows < 60; rows += 7) {
    const auto q = ask(o);
    const auto from = *q.from(90);
    summary_column column;
    column.begin(q.field, 0, from, q.newest);
    for (bool sealed = false; !column.step(o.past, rows); sealed = true)
      if (!sealed)
        tick_of_one();
    expect_same(naive(all, "a", from, q.newest), column.at(0));
  }
}

TEST(host_summaries, with_many_hosts_slots_are_longer_and_with_too_many_there_are_none) {
  owner o({}, first, 8 * megabyte); // a quarter of it
  truth all;
  const auto report = [&](int hosts) {
    for (int h = 0; h < hosts; ++h) {
      const auto host = fmt::format("h{}", h);
      const auto x = static_cast<double>((o.in.next() * 31 + h) % 97);
      o.report(host, {{"x", x}});
      all[{host, o.in.next()}] = x;
    }
    o.seal();
  };
  int hosts = 64;
  std::int64_t slack = 6;
  for (int t = 0; t < 1'000; ++t) {
    if (t == 400 || t == 700)
      hosts *= 4;
    report(hosts);
    ASSERT_LE(o.past.summaries().bytes(), 2 * megabyte + megabyte / 4);
    if (t % 97 != 0 || t == 0)
      continue;
    const auto q = ask(o);
    const auto from = *q.from(300);
    EXPECT_LE(from, std::max(first, q.newest - 299));
    slack = std::max(slack, q.newest - 299 - from);
    for (const auto* host : {"h0", "h63", "h200"})
      expect_same(naive(all, host, from, q.newest), q.at(host, from));
  }
  EXPECT_GT(slack, 24);
  EXPECT_LE(slack, 48);
  for (int t = 0; t < 40; ++t)
    report(16'384);
  EXPECT_FALSE(ask(o).from(300));
  EXPECT_LE(o.past.summaries().bytes(), 2 * megabyte);
}

TEST(host_summaries, nothing_of_a_forgotten_host_is_said_of_the_next_one) {
  owner o;
  for (int t = 0; t < 100; ++t) {
    o.report("a", {{"x", 1}});
    if (t < 50)
      o.report("b", {{"x", 2}}, 0, t == 49);
    o.seal();
  }
  for (int t = 0; t < 60; ++t) { // `b` is forgotten when it has expired
    o.report("a", {{"x", 1}});
    o.seal();
  }
  ASSERT_FALSE(o.in.hosts().find("b"));
  o.report("c", {{"x", 3}});
  o.report("a", {{"x", 1}});
  o.seal();
  const auto q = ask(o);
  const auto from = *q.from(1'800);
  EXPECT_EQ(from, first);
  EXPECT_EQ(q.at("a", from).all.count, 161u);
  EXPECT_EQ(q.at("c", from).all.count, 1u);
  EXPECT_EQ(q.at("c", from).all.sum, 3);
}

namespace {

/// Every second host goes on in another engine, or every one.
void expect_to_go_on(bool others_order) {
  owner before;
  truth all;
  const auto report = [&](owner& o, int t) {
    for (int h = t % 3; h < 150; h += 3) {
      const auto host = fmt::format("h{}", h);
      o.report(host, {{"y", 1. * h}, {"x", 1. * t}});
      if (h % 2 == 1 || !others_order || t >= 198)
        all[{host, o.in.next()}] = t;
    }
    o.seal();
  };
  for (int t = 0; t < 200; ++t)
    report(before, t);
  before.past.leave(before.in);
  owner o({{"y", 3}}, before.in.next() - 2); // the last two ticks are to be sealed again
  for (host_index h = 0; h < 150; ++h)
    if (const auto& name = others_order ? fmt::format("h{}", 149 - h) : before.in.hosts().name(h);
        !others_order || h % 2 == 0)
      o.in.restore_host(name, {}, {}, tick_min, 0);
  o.fields = before.fields;
  o.past = std::move(before.past);
  o.enter();
  for (int t = 198; t < 260; ++t) {
    report(o, t);
    const auto q = ask(o);
    const auto from = *q.from(1'800);
    ASSERT_EQ(from, first);
    for (const int h : {149, 1, 63, 2})
      expect_same(naive(all, fmt::format("h{}", h), from, q.newest),
                  q.at(fmt::format("h{}", h), from));
  }
}

} // namespace

TEST(host_summaries, go_with_their_hosts_to_the_next_engine) {
  expect_to_go_on(true);
  expect_to_go_on(false);
}

} // namespace tocsin::host_summaries_test
