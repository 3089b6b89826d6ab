#include "config/duration.hpp"

#include <fstream>
#include <gtest/gtest.h>

namespace tocsin::duration_test {

namespace {

std::string from_hex(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return out;
}

} // namespace

TEST(duration, reads_every_string_as_npm_ms_2_1_3_does) {
  std::ifstream table(TOCSIN_SOURCE_DIR "/tests/config/fixtures/ms-2.1.3.tsv");
  std::size_t rows = 0;
  std::size_t read = 0;
  for (std::string line; std::getline(table, line);) {
    if (line.starts_with('#'))
      continue;
    const auto tab = line.find('\t');
    ASSERT_NE(tab, std::string::npos) << line;
    const auto text = from_hex(line.substr(tab + 1));
    const auto got = read_duration(text);
    EXPECT_EQ(got ? std::to_string(*got) : "none", line.substr(0, tab)) << '"' << text << '"';
    read += got ? 1 : 0;
    ++rows;
  }
  EXPECT_GT(rows, 800U);
  EXPECT_GT(read, 300U);
}

TEST(duration, a_plain_number_is_rounded_as_javascript_rounds) {
  EXPECT_EQ(round_duration(1.5), 2);
  EXPECT_EQ(round_duration(-1.5), -1);
  EXPECT_EQ(round_duration(0.49999999999999994), 0);
  EXPECT_EQ(round_duration(-0.0), 0);
  EXPECT_EQ(round_duration(9'007'199'254'740'991.0), 9'007'199'254'740'991);
}

TEST(duration, what_is_no_safe_integer_is_no_duration) {
  EXPECT_EQ(round_duration(9'007'199'254'740'992.0), std::nullopt);
  EXPECT_EQ(round_duration(1e300), std::nullopt);
  EXPECT_EQ(round_duration(std::numeric_limits<double>::infinity()), std::nullopt);
  EXPECT_EQ(round_duration(std::numeric_limits<double>::quiet_NaN()), std::nullopt);
}

TEST(duration, is_described_in_the_largest_unit_that_fits) {
  EXPECT_EQ(describe_duration(0), "0 ms");
  EXPECT_EQ(describe_duration(250), "250 ms");
  EXPECT_EQ(describe_duration(1'000), "1 second");
  EXPECT_EQ(describe_duration(90'000), "90 seconds");
  EXPECT_EQ(describe_duration(120'000), "2 minutes");
  EXPECT_EQ(describe_duration(5'400'000), "1.5 hours");
  EXPECT_EQ(describe_duration(86'400'000), "1 day");
  EXPECT_EQ(describe_duration(864'000'000), "10 days");
  EXPECT_EQ(describe_duration(1'500), "1500 ms");
  EXPECT_EQ(describe_span(60'000), "minute");
  EXPECT_EQ(describe_span(86'400'000), "day");
  EXPECT_EQ(describe_span(120'000), "2 minutes");
  EXPECT_EQ(describe_span(1), "1 ms");
}

TEST(duration, about_how_long_is_told_in_one_unit_and_never_too_much) {
  EXPECT_EQ(describe_roughly(1'794'243'770'366), "56 years");
  EXPECT_EQ(describe_roughly(15'552'000), "4.3 hours");
  EXPECT_EQ(describe_roughly(20 * 86'400'000LL + 5), "20 days");
  EXPECT_EQ(describe_roughly(3'600'000), "1 hour");
  EXPECT_EQ(describe_roughly(1'999), "1.9 seconds");
  EXPECT_EQ(describe_roughly(12), "12 ms");
}

} // namespace tocsin::duration_test
