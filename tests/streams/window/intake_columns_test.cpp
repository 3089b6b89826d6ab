#include "tests/support/random_samples.hpp"
#include "tests/support/sample_table.hpp"

#include <cmath>
#include <gtest/gtest.h>

namespace tocsin::intake_columns_test {

using namespace test;

namespace {

// All that an intake holds, as text.
std::string describe(intake& in) {
  const auto& c = in.counts();
  auto out = fmt::format("{} {} {} {} {} {} {} newest {}", c.accepted, c.late, c.early, c.refused,
                         c.values_taken, c.values_repeated, c.values_dropped, in.newest());
  auto changed = in.take_changed();
  std::sort(changed.begin(), changed.end());
  for (const auto h : changed)
    out += fmt::format(" changed {}", h);
  for (field_index f = 0; f < in.fields().size(); ++f)
    out += " " + in.fields().name(f);
  for (host_index h = 0; h < in.hosts().extent(); ++h) {
    const auto& host = in.hosts().at(h);
    if (!host.known)
      continue;
    out +=
        fmt::format("\n{} last {} gone {} labels {} since {} servers {}", host.name,
                    host.last_sample, host.gone, host.labels, host.since.seq, host.server_count());
    for (const auto& [f, n] : in.first_ticks(h))
      out += fmt::format(" {} from {}", f, n);
    for (field_index f = 0; f < in.fields().size(); ++f)
      if (const auto* block = in.ring().find(f, h / block_hosts))
        for (auto n = std::max<tick>(0, in.next() - 8); n < in.next() + 4; ++n)
          if (const auto* row = block->find(n); row && !std::isnan(row[h % block_hosts]))
            out += fmt::format(" {}@{}={}", f, n, row[h % block_hosts]);
  }
  return out;
}

struct kept_sample {
  std::string host, labels;
  std::optional<std::string> server;
  std::int64_t ts_ms;
  bool gone;
  std::vector<std::pair<std::string, double>> values;
};

kept_sample random_sample(dice& d, tick next, std::int64_t hosts, std::int64_t fields) {
  kept_sample s;
  s.host = fmt::format("host-{}", d.below(hosts));
  s.ts_ms = next * 1'000 + d.between(0, 9) * 100;
  if (d.percent(20))
    s.ts_ms += d.between(-6, 4) * 1'000;
  s.gone = d.percent(3);
  if (d.percent(10))
    s.labels = fmt::format(R"({{"l":"{}"}})", d.below(3));
  if (next % 2 == 0 && d.percent(40)) // not in every entry
    s.server = fmt::format("{}", d.below(3));
  const auto kind = d.below(3); // most samples are alike
  for (std::int64_t f = 0; f < fields; ++f)
    if (kind == 0 ? d.percent(40) : f % 3 != kind)
      s.values.emplace_back(f < 6 ? scenario_fields[static_cast<std::size_t>(f)]
                                  : fmt::format("custom{}.count", f),
                            static_cast<double>(d.between(0, 24)) / 8);
  return s;
}

sample_fate apply(intake& in, const kept_sample& s, log_position at) {
  std::vector<field_value> values;
  for (const auto& [field, v] : s.values)
    values.push_back({field, v});
  return in.apply({s.host, s.ts_ms, true, s.gone, s.labels, values, s.server}, at);
}

struct scenario {
  std::int64_t hosts, fields;
  intake::bounds bounds;
  int rounds;
};

void run(const scenario& how, std::uint64_t seed) {
  dice d(seed);
  const tick_grid grid{1'000, d.one_of<std::int64_t>({0, 500, 1'500})};
  const std::vector<watched_field> watched = {{"cpu.usage", 3}, {"requests.latency_avg", 4}};
  intake one(grid, how.bounds, watched), other(grid, how.bounds, watched);
  one.begin(1'000);
  other.begin(1'000);
  for (int round = 0; round < how.rounds; ++round) {
    const bool following = d.percent(10);
    one.follow(following);
    other.follow(following);
    const log_position at{static_cast<std::uint64_t>(d.below(3)),
                          static_cast<std::uint64_t>(round)};
    sample_table table;
    const auto from_ms = d.percent(10) ? one.next() * 1'000 : 0;
    std::string fates, other_fates;
    for (auto n = d.between(0, 60); n > 0; --n) {
      const auto s = random_sample(d, one.next(), how.hosts, how.fields);
      table.add(s.host, s.ts_ms, s.gone, s.labels, s.values, s.server);
      if (s.ts_ms >= from_ms)
        fates += fmt::format("{} {} {}, ", s.host, s.ts_ms, static_cast<int>(apply(one, s, at)));
    }
    other.apply(table.columns(), at, from_ms, [&](const sample_view& s, sample_fate fate) {
      other_fates += fmt::format("{} {} {}, ", s.host, s.ts_ms, static_cast<int>(fate));
    });
    ASSERT_EQ(fates, other_fates) << seed << " " << round;
    if (d.percent(50)) {
      const bool blind = d.percent(10);
      std::string gone, other_gone;
      for (const auto& f : one.seal(blind))
        gone += fmt::format("{} ", f.host);
      for (const auto& f : other.seal(blind))
        other_gone += fmt::format("{} ", f.host);
      ASSERT_EQ(gone, other_gone);
    }
    ASSERT_EQ(describe(one), describe(other)) << seed << " " << round;
  }
}

} // namespace

TEST(intake_columns_test, columns_do_what_their_samples_do_one_by_one) {
  for (std::uint64_t seed = 0; seed < 60; ++seed)
    run({40, 9, {4'096, 16, 20'000}, 60}, seed);
}

TEST(intake_columns_test, also_where_tables_are_full) {
  for (std::uint64_t seed = 100; seed < 140; ++seed)
    run({40, 20, {20, 9, 6'000}, 60}, seed);
}

TEST(intake_columns_test, also_over_several_blocks_of_hosts) {
  for (std::uint64_t seed = 200; seed < 203; ++seed)
    run({3'000, 9, {4'096, 16, 20'000}, 150}, seed);
}

} // namespace tocsin::intake_columns_test
