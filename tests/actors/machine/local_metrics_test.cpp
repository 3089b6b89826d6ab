#include "actors/machine/local_metrics.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace tocsin {
namespace {

constexpr const char* stat_before = "cpu  100 0 100 700 100 0 0 0 0 0\n"
                                    "cpu0 100 0 100 700 100 0 0 0 0 0\nctxt 1\nbtime 1\n";
constexpr const char* stat_after = "cpu  120 5 110 750 140 1 2 5 99 99\ncpu0 1 1 1 1\n";
constexpr const char* meminfo = "MemTotal:       16000000 kB\nMemFree:          100000 kB\n"
                                "MemAvailable:    4000000 kB\nBuffers: 1 kB\n";

TEST(read_cpu_times, sums_all_cpus_and_counts_guests_once) {
  const auto times = read_cpu_times(stat_after);
  ASSERT_TRUE(times);
  EXPECT_EQ(times->idle, 890u);
  EXPECT_EQ(times->total, 1133u);
}

TEST(read_cpu_times, takes_the_columns_of_old_kernels) {
  const auto times = read_cpu_times("cpu  1 2 3 4");
  ASSERT_TRUE(times);
  EXPECT_EQ(times->idle, 4u);
  EXPECT_EQ(times->total, 10u);
}

TEST(read_cpu_times, gives_nothing_for_another_text) {
  for (const char* text : {"", "cpu0 1 2 3 4 5\n", "cpu  1 2 3\n", "cpu  a b c d\n", "intr 1\n"}) {
    EXPECT_FALSE(read_cpu_times(text)) << text;
  }
}

TEST(cpu_usage, is_what_was_not_idle_between_two_readings) {
  // 133 jiffies passed, 90 of them idle or waiting for a disk.
  EXPECT_EQ(cpu_usage(*read_cpu_times(stat_before), *read_cpu_times(stat_after)), 32.33);
  EXPECT_EQ(cpu_usage({0, 0}, {0, 100}), 100.0);
  EXPECT_EQ(cpu_usage({0, 0}, {100, 100}), 0.0);
}

TEST(cpu_usage, is_none_where_no_time_passed_and_in_bounds_where_a_counter_went_back) {
  EXPECT_FALSE(cpu_usage({10, 100}, {10, 100}));
  EXPECT_FALSE(cpu_usage({10, 100}, {5, 50}));
  EXPECT_EQ(cpu_usage({10, 100}, {5, 200}), 100.0);
  EXPECT_EQ(cpu_usage({10, 100}, {500, 200}), 0.0);
}

TEST(read_memory, takes_what_programs_could_still_get) {
  const auto memory = read_memory(meminfo);
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->available_kb, 4'000'000u);
  EXPECT_EQ(mem_usage(*memory), 75.0);
  EXPECT_EQ(mem_usage({3, 1}), 66.67);
}

TEST(read_memory, gives_nothing_where_available_is_missing_or_absurd) {
  EXPECT_FALSE(read_memory("MemTotal: 100 kB\nMemFree: 50 kB\n"));
  EXPECT_FALSE(read_memory("MemTotal: 0 kB\nMemAvailable: 0 kB\n"));
  EXPECT_FALSE(read_memory("MemTotal: 1 kB\nMemAvailable: 2 kB\n"));
  EXPECT_FALSE(read_memory("MemTotal:\nMemAvailable: x\n"));
}

TEST(read_uptime, is_in_whole_seconds) {
  EXPECT_EQ(read_uptime("12345.67 99.00\n"), 12345u);
  EXPECT_FALSE(read_uptime(""));
  EXPECT_FALSE(read_uptime("soon"));
}

TEST(machine_meter, has_no_cpu_usage_before_its_second_reading) {
  machine_meter meter;
  EXPECT_FALSE(meter.take(stat_before, meminfo, "1.0 1.0").cpu_usage);
  const machine_values values = meter.take(stat_after, meminfo, "11.5 1.0");
  EXPECT_EQ(values.cpu_usage, 32.33);
  EXPECT_EQ(values.mem_usage, 75.0);
  EXPECT_EQ(values.mem_free, 4'000'000u);
  EXPECT_EQ(values.uptime, 11u);
}

TEST(machine_meter, keeps_its_reading_while_proc_cannot_be_read) {
  machine_meter meter;
  static_cast<void>(meter.take(stat_before, "", ""));
  const machine_values nothing = meter.take("", "", "");
  EXPECT_FALSE(nothing.cpu_usage || nothing.mem_usage || nothing.mem_free || nothing.uptime);
  EXPECT_EQ(meter.take(stat_after, "", "").cpu_usage, 32.33);
}

TEST(read_machine, reads_this_machine) {
  machine_meter meter;
  const machine_values values = read_machine(meter);
  ASSERT_TRUE(values.mem_usage && values.mem_free && values.uptime);
  EXPECT_GT(*values.mem_usage, 0);
  EXPECT_LT(*values.mem_usage, 100);
  const machine_values nothing = read_machine(meter, "/nowhere");
  EXPECT_FALSE(nothing.mem_usage);
}

TEST(sample_json, has_the_shape_that_botpress_nodes_report) {
  const machine_values values{
      .cpu_usage = 12.5, .mem_usage = 40.1, .mem_free = 812345, .uptime = 3600};
  EXPECT_EQ(sample_json("node-7", 1700000000000, values),
            R"({"host":"node-7","ts":1700000000000,"uptime":3600,"cpu":{"usage":12.5},)"
            R"("mem":{"usage":40.1,"free":812345}})");
}

TEST(sample_json, leaves_out_what_is_not_known_and_escapes_the_host) {
  EXPECT_EQ(sample_json("a\"b", 5, {}), R"({"host":"a\"b","ts":5})");
  EXPECT_EQ(leave_json("a\"b", 5), R"({"host":"a\"b","ts":5,"gone":true})");
}

TEST(host_name, is_checked_as_the_server_checks_it) {
  EXPECT_TRUE(check_host_name("node-7"));
  EXPECT_TRUE(check_host_name("grüße"));
  EXPECT_TRUE(check_host_name("\xEF\xBF\xBD"));
  EXPECT_TRUE(check_host_name(std::string(255, 'x')));
  EXPECT_FALSE(check_host_name(""));
  EXPECT_FALSE(check_host_name(std::string(256, 'x')));
  EXPECT_FALSE(check_host_name("a\nb"));
  EXPECT_FALSE(check_host_name("a\x7f"));
  EXPECT_FALSE(check_host_name("a\xc2\x80"));
  EXPECT_FALSE(check_host_name("\xc2\x9f"));
  EXPECT_TRUE(check_host_name("\xc2\xa0\xc3\x80"));
  EXPECT_FALSE(check_host_name("a\xff"));
}

TEST(host_name, of_this_machine_is_the_systems) {
  char name[256] = {};
  gethostname(name, 255);
  const auto host = local_host_name();
  ASSERT_TRUE(host);
  EXPECT_EQ(*host, name);
}

} // namespace
} // namespace tocsin
