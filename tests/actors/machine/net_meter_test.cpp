#include "actors/machine/net_meter.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tocsin::net_meter_test {
namespace {

constexpr const char* header =
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop "
    "fifo colls carrier compressed\n";

std::string line(std::string_view name, std::uint64_t received, std::uint64_t sent,
                 std::uint64_t errors = 0) {
  return fmt::format("{:>6}: {:>7} 5 {} 7 0 0 0 0 {:>8} 9 {} 8 0 0 0 0\n", name, received,
                     errors - errors / 2, sent, errors / 2);
}

struct interfaces : testing::Test {
  net_meter meter;
  std::vector<std::string> down;
  std::size_t asked = 0;

  std::map<std::string, double> take(const std::string& text, std::int64_t us) {
    std::vector<measured_field> out;
    asked = 0;
    const auto is_up = [&](const std::string& name) {
      ++asked;
      return std::find(down.begin(), down.end(), name) == down.end();
    };
    meter.take(text, us, is_up, out);
    std::map<std::string, double> fields;
    for (const auto& field : out) {
      EXPECT_TRUE(fields.emplace(field.name, field.value).second) << field.name;
    }
    return fields;
  }
};

using fields = std::map<std::string, double>;
constexpr std::int64_t second = 1'000'000;

TEST(read_interfaces, takes_bytes_and_errors_of_both_directions) {
  const auto all =
      read_interfaces(std::string(header) + "    lo:       1    2    3    4    5     6          7 "
                                            "        8        9      10    11    12    13     14 "
                                            "      15          16\n  eth0:1 2 3 4 5 6 7 8 "
                                            "18446744073709551615 10 11 12 13 14 15 16\n");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all.at("lo").received, 1u);
  EXPECT_EQ(all.at("lo").sent, 9u);
  EXPECT_EQ(all.at("lo").errors, 14u);
  EXPECT_EQ(all.at("eth0").sent, 18446744073709551615u);
}

TEST(read_interfaces, takes_names_with_dots_and_colons) {
  const auto all = read_interfaces(line("eth0.100", 1, 2) + line("eth0:1", 3, 4));
  EXPECT_EQ(all.count("eth0.100"), 1u);
  EXPECT_EQ(all.count("eth0:1"), 1u);
}

TEST(read_interfaces, skips_lines_that_are_none) {
  const std::string good = line("good", 1, 2);
  for (const char* text : {"", ":", " : 1 2", "eth0", "eth0:", "eth0: 1 2 3",
                           "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
                           "eth0: -1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
                           "eth0: 99999999999999999999999 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
                           "eth0: 1 2 3 x 5 6 7 8 9 10 11 12 13 14 15 16"}) {
    EXPECT_EQ(read_interfaces(good + text + "\n").size(), 1u) << text;
    EXPECT_EQ(read_interfaces(text).size(), 0u) << text;
  }
  EXPECT_EQ(read_interfaces(header).size(), 0u);
}

TEST_F(interfaces, gives_rates_over_the_time_that_passed) {
  EXPECT_EQ(take(line("eth0", 1'000, 500), 7 * second), fields{});
  EXPECT_EQ(take(line("eth0", 6'000, 600), 9 * second + second / 2),
            (fields{{"net.receive.eth0", 2'000}, {"net.transmit.eth0", 40}}));
  EXPECT_EQ(take(line("eth0", 6'000, 600), 10 * second + second / 2),
            (fields{{"net.receive.eth0", 0}, {"net.transmit.eth0", 0}}));
}

TEST_F(interfaces, gives_no_rates_of_one_that_is_new_or_began_anew) {
  take(line("eth0", 1'000, 1'000), second);
  EXPECT_EQ(take(line("eth0", 10, 2'000) + line("eth1", 5, 5), 2 * second), fields{});
  EXPECT_EQ(take(line("eth0", 20, 1'500) + line("eth1", 6, 6), 3 * second),
            (fields{{"net.receive.eth1", 1}, {"net.transmit.eth1", 1}}));
  EXPECT_EQ(take(line("eth0", 30, 1'600), 4 * second).size(), 2u);
}

TEST_F(interfaces, gives_errors_from_the_first_one_on) {
  take(line("eth0", 0, 0), second);
  EXPECT_EQ(take(line("eth0", 0, 0, 5), 3 * second).at("net.errors.eth0"), 2.5);
  EXPECT_EQ(take(line("eth0", 0, 0, 5), 4 * second).at("net.errors.eth0"), 0);
  EXPECT_EQ(take(line("eth0", 9, 9, 4), 5 * second), fields{});
}

TEST_F(interfaces, keeps_the_older_of_two_readings_at_once) {
  take(line("eth0", 0, 0), second);
  EXPECT_EQ(take(line("eth0", 900, 0), second + 1'000), fields{});
  EXPECT_EQ(take(line("eth0", 900, 0), second), fields{});
  EXPECT_EQ(take(line("eth0", 1'000, 0), 2 * second).at("net.receive.eth0"), 1'000);
}

TEST_F(interfaces, keeps_its_reading_while_proc_cannot_be_read) {
  take(line("eth0", 0, 0), second);
  EXPECT_EQ(take("", 2 * second), fields{});
  EXPECT_EQ(take(line("eth0", 1'000, 0), 3 * second).at("net.receive.eth0"), 500);
}

TEST_F(interfaces, leaves_out_what_is_down_and_what_guests_have) {
  down = {"lo", "eth1"};
  std::string text = line("lo", 1, 1) + line("eth1", 1, 1) + line("eth0", 1, 1);
  for (const char* name : {"veth1a2b3c", "br-0123456789ab", "docker0", "tap100i0", "vnet3",
                           "virbr0", "cali0123", "lxc0123", "cni0"}) {
    text += line(name, 1, 1);
  }
  text += line("br0", 1, 1) + line("wg0", 1, 1);
  take(text, second);
  EXPECT_EQ(asked, 5u);
  const auto taken = take(text, 2 * second);
  EXPECT_EQ(taken.size(), 6u);
  for (const char* name : {"br0", "eth0", "wg0"}) {
    EXPECT_EQ(taken.count(std::string("net.receive.") + name), 1u) << name;
  }
}

TEST_F(interfaces, leaves_out_names_that_are_none_of_fields) {
  const std::string text = line("a\x01", 1, 1) + line("b\xff", 1, 1) + line("c_sum", 1, 1) +
                           line("d.count", 1, 1) + line(std::string(300, 'e'), 1, 1) +
                           line("f\"\\", 1, 1);
  take(text, second);
  const auto taken = take(text, 2 * second);
  EXPECT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken.count("net.transmit.f\"\\"), 1u);
  EXPECT_EQ(meter.remarks().take().size(), 5u);
}

TEST_F(interfaces, reports_the_first_eight_by_name_and_says_once_that_more_are_there) {
  std::string text;
  for (int i = 500; i >= 100; --i) {
    text += line(fmt::format("e{}", i), 1, 1);
  }
  take(text, second);
  const auto taken = take(text, 2 * second);
  EXPECT_EQ(taken.size(), 16u);
  EXPECT_EQ(taken.count("net.receive.e100"), 1u);
  EXPECT_EQ(taken.count("net.receive.e107"), 1u);
  const auto said = meter.remarks().take();
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0], "the interface `e108` and those after it are not reported: 8 are the most "
                     "that are");
}

TEST_F(interfaces, asks_of_a_bounded_number) {
  std::string text;
  for (int i = 0; i < 1'000; ++i) {
    down.push_back(fmt::format("e{}", i));
    text += line(down.back(), 1, 1);
  }
  EXPECT_EQ(take(text, second), fields{});
  EXPECT_EQ(asked, net_meter::asked_max);
}

} // namespace
} // namespace tocsin::net_meter_test
