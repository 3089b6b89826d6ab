#include "bench/pipeline/sample_text.hpp"
#include "streams/sample/entry.hpp"
#include "streams/sample/sample_reader.hpp"

#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace tocsin;
using namespace tocsin::bench;

struct read_back {
  std::string host;
  std::int64_t ts = 0;
  std::map<std::string, double> values;
};

std::vector<read_back> read(std::string text) {
  const auto size = text.size();
  text.append(sample_reader::padding, ' ');
  sample_reader reader(sample_reader::source::live);
  std::vector<read_back> out;
  for_each_line(std::string_view(text).substr(0, size), [&](std::string_view line) {
    const auto r = reader.read(line);
    ASSERT_TRUE(r) << line;
    read_back b{std::string(r->sample.host), r->sample.ts_ms, {}};
    for (const auto& v : r->sample.values)
      b.values[std::string(v.field)] = v.value;
    out.push_back(std::move(b));
  });
  return out;
}

TEST(sample_text, holds_the_standard_values_to_the_last_bit) {
  std::string text;
  append_samples({}, 98'000, 101'000, 179'522'934, 1'795'229'340'123, text);
  const auto samples = read(text);
  ASSERT_EQ(3'000u, samples.size());
  for (std::uint64_t i = 0; i < samples.size(); ++i) {
    const auto host = 98'000 + i;
    EXPECT_EQ(workload::host_name(host), samples[i].host);
    EXPECT_EQ(1'795'229'340'123, samples[i].ts);
    ASSERT_EQ(workload::field_count, samples[i].values.size());
    for (std::size_t f = 0; f < workload::field_count; ++f)
      EXPECT_EQ(workload::value(workload::base(host, f), host, f, 179'522'934),
                samples[i].values.at(std::string(workload::field_names[f])));
  }
}

TEST(sample_text, names_have_five_digits_at_least) {
  std::string text;
  append_samples({}, 7, 8, 0, 0, text);
  EXPECT_TRUE(text.starts_with(R"({"host":"host-00007","ts":0,"cpu":{"usage":)")) << text;
}

TEST(sample_text, flips_between_two_values) {
  std::string text;
  append_samples({.flip_share = 0.5}, 0, 2, 4, 0, text); // host 1 flips, host 0 does not
  append_samples({.flip_share = 0.5}, 0, 2, 5, 0, text);
  const auto samples = read(text);
  ASSERT_EQ(4u, samples.size());
  EXPECT_EQ(50, samples[0].values.at("cpu.usage"));
  EXPECT_EQ(0, samples[1].values.at("cpu.usage"));
  EXPECT_EQ(50, samples[2].values.at("cpu.usage"));
  EXPECT_EQ(100, samples[3].values.at("cpu.usage"));
  EXPECT_EQ(16'384, samples[3].values.at("mem.free"));
  EXPECT_EQ(20, samples[3].values.at("errors.count"));
}

TEST(sample_text, a_storm_begins_at_its_tick) {
  std::string text;
  append_samples({.storm = true, .storm_tick = 5}, 0, 1, 4, 0, text);
  append_samples({.storm = true, .storm_tick = 5}, 0, 1, 5, 0, text);
  const auto samples = read(text);
  ASSERT_EQ(2u, samples.size());
  EXPECT_EQ(0, samples[0].values.at("storm"));
  EXPECT_EQ(1, samples[1].values.at("storm"));
}

} // namespace
