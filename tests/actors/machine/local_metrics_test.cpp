#include "actors/machine/local_metrics.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace tocsin::local_metrics_test {
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

// A machine with one disk, full to three quarters, on which every interface is up.
machine_view plain_view() {
  return {.look_at_disk = [](const auto&, const auto&) -> result<disk_space> {
            return disk_space{.blocks = 100, .free_blocks = 25, .available_blocks = 25};
          },
          .is_up = [](const auto&) { return true; }};
}

TEST(read_load, is_that_of_one_minute) {
  EXPECT_EQ(read_load("0.52 0.58 0.59 1/467 12345\n"), 0.52);
  EXPECT_EQ(read_load("812.00 0 0"), 812.0);
  for (const char* text : {"", "\n", "x", "nan 1 1", "inf 1 1", "-1.00 0 0", "1e999 0 0"}) {
    EXPECT_FALSE(read_load(text)) << text;
  }
}

TEST(count_cpus, counts_the_lines_of_single_cpus) {
  EXPECT_EQ(count_cpus(stat_before), 1u);
  EXPECT_EQ(count_cpus("cpu  1 2 3 4\ncpu0 1\ncpu2 1\ncpu17 1\nintr 5\ncpufreq 1"), 3u);
  EXPECT_EQ(count_cpus("cpu"), 0u);
  EXPECT_EQ(count_cpus(""), 0u);
}

TEST(swap_usage, is_none_without_swap) {
  EXPECT_EQ(swap_usage("SwapCached: 9 kB\nSwapTotal:  3000 kB\nSwapFree:  2000 kB\n"), 33.33);
  EXPECT_EQ(swap_usage("SwapTotal: 10 kB\nSwapFree: 10 kB"), 0.0);
  for (const char* text : {"", "SwapTotal: 0 kB\nSwapFree: 0 kB\n", "SwapTotal: 5 kB\n",
                           "SwapTotal: 5 kB\nSwapFree: 6 kB\n", "SwapTotal: x\nSwapFree: 1\n"}) {
    EXPECT_FALSE(swap_usage(text)) << text;
  }
}

TEST(machine_meter, has_no_cpu_usage_before_its_second_reading) {
  machine_meter meter;
  const auto take = [&](const char* stat, const char* uptime) {
    return meter.take({.stat = stat, .meminfo = meminfo, .uptime = uptime}, plain_view());
  };
  EXPECT_FALSE(take(stat_before, "1.0 1.0").cpu_usage);
  const machine_values values = take(stat_after, "11.5 1.0");
  EXPECT_EQ(values.cpu_usage, 32.33);
  EXPECT_EQ(values.mem_usage, 75.0);
  EXPECT_EQ(values.mem_free, 4'000'000u);
  EXPECT_EQ(values.uptime, 11u);
}

TEST(machine_meter, keeps_its_reading_while_proc_cannot_be_read) {
  machine_meter meter;
  static_cast<void>(meter.take({.stat = stat_before}, plain_view()));
  const machine_values nothing = meter.take({}, plain_view());
  EXPECT_FALSE(nothing.cpu_usage || nothing.mem_usage || nothing.mem_free || nothing.uptime);
  EXPECT_TRUE(nothing.fields.empty());
  EXPECT_EQ(meter.take({.stat = stat_after}, plain_view()).cpu_usage, 32.33);
}

TEST(machine_meter, takes_load_swap_interfaces_and_disks_in_this_order) {
  machine_meter meter;
  machine_texts texts{.stat = "cpu  1 2 3 4\ncpu0 1\ncpu1 1\n",
                      .meminfo = "SwapTotal: 4 kB\nSwapFree: 3 kB\n",
                      .loadavg = "3.00 0 0",
                      .net_dev = "eth0: 100 0 0 0 0 0 0 0 100 0 0 0 0 0 0 0\n",
                      .mountinfo = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n",
                      .steady_us = 1'000'000};
  static_cast<void>(meter.take(texts, plain_view()));
  texts.net_dev = "eth0: 300 0 0 0 0 0 0 0 150 0 0 0 0 0 0 0\n";
  texts.steady_us = 3'000'000;
  const auto values = meter.take(texts, plain_view());
  EXPECT_EQ(sample_json("a", 1, values),
            R"({"host":"a","ts":1,"load.1m":3,"load.perCore":1.5,"swap.usage":25,)"
            R"("net.receive.eth0":100,"net.transmit.eth0":25,"disk.usage./":75})");
}

TEST(machine_meter, has_no_load_per_core_where_no_core_is_listed) {
  machine_meter meter;
  const auto values = meter.take({.loadavg = "3.01 0 0"}, plain_view());
  ASSERT_EQ(values.fields.size(), 1u);
  EXPECT_EQ(values.fields[0].name, "load.1m");
}

TEST(machine_meter, hands_out_what_the_log_is_to_say_once) {
  machine_meter meter;
  auto view = plain_view();
  view.look_at_disk = [](const auto&, const auto&) { return error{"Permission denied"}; };
  static_cast<void>(meter.take({.mountinfo = "1 0 8:1 / /a rw - ext4 x rw\n"}, view));
  EXPECT_EQ(meter.remarks().size(), 1u);
  static_cast<void>(meter.take({.mountinfo = "1 0 8:1 / /a rw - ext4 x rw\n"}, view));
  EXPECT_TRUE(meter.remarks().empty());
}

TEST(read_machine, reads_this_machine) {
  machine_meter meter;
  const machine_values values = read_machine(meter);
  ASSERT_TRUE(values.mem_usage && values.mem_free && values.uptime);
  EXPECT_GT(*values.mem_usage, 0);
  EXPECT_LT(*values.mem_usage, 100);
  ASSERT_GE(values.fields.size(), 2u);
  EXPECT_EQ(values.fields[0].name, "load.1m");
  EXPECT_EQ(values.fields[1].name, "load.perCore");
  const machine_values nothing = read_machine(meter, "/nowhere");
  EXPECT_FALSE(nothing.mem_usage);
  EXPECT_TRUE(nothing.fields.empty());
}

TEST(sample_json, has_the_shape_that_botpress_nodes_report) {
  const machine_values values{
      .cpu_usage = 12.5, .mem_usage = 40.1, .mem_free = 812345, .uptime = 3600};
  EXPECT_EQ(sample_json("node-7", 1700000000000, values),
            R"({"host":"node-7","ts":1700000000000,"uptime":3600,"cpu":{"usage":12.5},)"
            R"("mem":{"usage":40.1,"free":812345}})");
}

TEST(sample_json, escapes_the_names_of_fields) {
  machine_values values;
  values.fields = {{"disk.usage./a \"b\"\\c", 99.99}, {"net.receive.eth0", 1e12}};
  EXPECT_EQ(
      sample_json("a", 5, values),
      R"({"host":"a","ts":5,"disk.usage./a \"b\"\\c":99.99,"net.receive.eth0":1000000000000})");
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
} // namespace tocsin::local_metrics_test
