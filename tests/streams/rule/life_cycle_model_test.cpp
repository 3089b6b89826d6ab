#include "tests/support/naive_life_cycle.hpp"
#include "tests/support/random_samples.hpp"

#include <gtest/gtest.h>

namespace tocsin::life_cycle_model_test {

using namespace test;

namespace {

// A partition of a few thousand hosts that come and go under rules with and without cooldowns, and
// the same as the model has it.
class two_life_cycles {
public:
  two_life_cycles(std::uint64_t seed, rule_set rules)
      : d_(seed), rules_(std::move(rules)), cycle_(rules_, "t"), naive_(rules_, "t") {
    for (int i = 0; i < 30; ++i)
      join();
  }

  void step(std::int64_t end_ms, bool storm) {
    hosts_.release_forgotten();
    const auto forgotten = forget_some();
    const auto changes = some_changes(storm ? 60 : 3);
    plain_outcome got(cycle_.step(end_ms, forgotten, changes, hosts_));
    const auto want = naive_.step(end_ms, forgotten, changes, hosts_);
    ASSERT_EQ(got.events.size(), want.events.size()) << end_ms;
    for (std::size_t i = 0; i < want.events.size(); ++i)
      ASSERT_EQ(got.events[i], want.events[i]) << end_ms << " event " << i;
    ASSERT_EQ(names(got), names(want)) << end_ms;
    ASSERT_EQ(cycle_.open_count(), naive_.open_count());
    for (int i = 0; i < 3; ++i)
      join();
  }
  void put_back(std::int64_t end_ms) {
    const auto r = some_rule();
    if (known_.empty())
      return;
    const auto h = d_.one_of(known_);
    const auto& name = hosts_.name(h);
    if (naive_.is_open(r, name))
      return;
    cycle_.restore_cooldown(r, h, end_ms + 2'500);
    naive_.restore_cooldown(r, name, end_ms + 2'500);
  }
  void remove_a_rule(std::int64_t end_ms, const std::string& rule_name) {
    rule gone;
    gone.name = rule_name;
    for (const auto* host : {"y", "x", "\xc3\xa9"}) {
      cycle_.restore_removed({gone, host, end_ms, 5});
      naive_.restore_removed(gone, host, end_ms, 5);
    }
  }

private:
  rule_index some_rule() {
    return static_cast<rule_index>(d_.below(static_cast<std::int64_t>(rules_.size())));
  }
  void join() {
    // Names are not in the order of indexes, and some come back.
    const auto name = "host-" + std::to_string(d_.below(2'500) * 7'919 % 2'500);
    if (hosts_.find(name))
      return;
    known_.push_back(*hosts_.add(name));
  }
  std::vector<forgotten_host> forget_some() {
    std::vector<forgotten_host> out;
    for (auto n = d_.below(3); n > 0 && !known_.empty(); --n) {
      const auto at = static_cast<std::size_t>(d_.below(static_cast<std::int64_t>(known_.size())));
      out.push_back({known_[at], d_.percent(50) ? farewell::gone : farewell::expired});
      hosts_.forget(known_[at]);
      known_.erase(known_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return out;
  }
  // As block_checker gives them, but for some that change nothing.
  std::vector<verdict_change> some_changes(std::int64_t percent) {
    std::vector<verdict_change> out;
    std::sort(known_.begin(), known_.end());
    for (std::size_t block = 0; block < hosts_.blocks(); ++block)
      for (rule_index r = 0; r < rules_.size(); ++r)
        for (const auto h : known_)
          if (h / block_hosts == block && d_.percent(percent)) {
            const bool flips = d_.percent(95);
            out.push_back({static_cast<double>(d_.below(100)), r, h & host_index_max,
                           cycle_.open().test(r, h) != flips, d_.percent(80)});
          }
    return out;
  }
  static std::vector<std::string> names(const plain_outcome& o) {
    std::vector<std::string> out;
    for (const auto& c : o.cooled)
      out.push_back(c.rule + "@" + c.host);
    std::sort(out.begin(), out.end());
    return out;
  }

  dice d_;
  rule_set rules_;
  life_cycle cycle_;
  naive_life_cycle naive_;
  host_table hosts_{4'000};
  std::vector<host_index> known_;
};

rule_set some_rules(int count) {
  rule_set rules;
  for (int i = 0; i < count; ++i) {
    rule r;
    r.name = "rule " + std::to_string(100 - i);
    r.cooldown_ms = i % 3 == 0 ? 0 : 700 * i;
    rules.push_back(r);
  }
  return rules;
}

} // namespace

TEST(life_cycle_test, thousands_of_random_steps_come_out_as_with_maps_and_sorted_names) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    two_life_cycles both(seed, some_rules(8));
    for (std::int64_t n = 1; n <= 700; ++n) {
      const auto end_ms = n * 1'000;
      if (n % 50 == 0) {
        both.remove_a_rule(end_ms - 1'000, "old b");
        both.remove_a_rule(end_ms - 1'000, "old a");
      }
      if (n % 10 == 0)
        both.put_back(end_ms - 1'000);
      both.step(end_ms, n % 40 == 0);
      if (::testing::Test::HasFatalFailure())
        return;
    }
  }
}

} // namespace tocsin::life_cycle_model_test
