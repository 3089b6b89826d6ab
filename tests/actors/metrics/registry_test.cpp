#include "actors/metrics/registry.hpp"

#include "actors/metrics/process.hpp"

#include <cstdio>
#include <gtest/gtest.h>
#include <limits>
#include <thread>
#include <unistd.h>

namespace tocsin::registry_test {
namespace {

// What `promtool check metrics` prints about an exposition; empty where it is content.
std::string promtool_findings(const std::string& exposition) {
  const std::string file = testing::TempDir() + "exposition_" + std::to_string(getpid());
  std::FILE* out = std::fopen(file.c_str(), "w");
  std::fwrite(exposition.data(), 1, exposition.size(), out);
  std::fclose(out);
  std::FILE* tool = popen(("promtool check metrics < " + file + " 2>&1").c_str(), "r");
  std::string findings;
  char bytes[4096];
  while (const std::size_t n = std::fread(bytes, 1, sizeof bytes, tool)) {
    findings.append(bytes, n);
  }
  const int outcome = pclose(tool);
  std::remove(file.c_str());
  return outcome == 0 ? findings : findings + "[failed]";
}

TEST(metric_registry, promtool_finds_nothing_in_an_exposition_of_everything) {
  if (std::system("command -v promtool > /dev/null 2>&1") != 0) {
    GTEST_SKIP() << "promtool is not installed (package prometheus)";
  }
  metric_registry all;
  add_process_metrics(all);
  all.add_counter("tocsin_samples_total", "Samples by result.", {{"result", "accepted"}}).add(3);
  all.add_counter("tocsin_samples_total", "Samples by result.", {{"result", "late"}});
  all.add_gauge("tocsin_incidents_open", "Open incidents.").set(7);
  all.add_gauge("tocsin_odd", "Odd labels.", {{"text", "a\"b\\c\nd"}}).set(-0.5);
  all.add_gauge("tocsin_build_info", "Version.", {{"version", "0.1.0"}}).set(1);
  all.add_gauge("tocsin_nothing", "A \\ and a\nline break.")
      .set(std::numeric_limits<double>::quiet_NaN());
  auto& seconds = all.add_histogram("tocsin_commit_seconds", "Commit.",
                                    exponential_bounds(0.001, 2, 10), {{"partition", "0"}});
  seconds.observe(0.0015);
  seconds.observe(99);
  EXPECT_EQ(promtool_findings(all.expose()), "");
}

TEST(metric_registry, promtool_is_asked_for_real) {
  if (std::system("command -v promtool > /dev/null 2>&1") != 0) {
    GTEST_SKIP() << "promtool is not installed (package prometheus)";
  }
  EXPECT_NE(promtool_findings("# TYPE tocsin_x counter\ntocsin_x 1\n"), "");
}

TEST(metric_registry, writes_families_sorted_and_with_their_help_once) {
  metric_registry all;
  all.add_gauge("tocsin_b", "B.").set(2);
  all.add_counter("tocsin_a_total", "A.", {{"k", "x"}}).add(1);
  all.add_counter("tocsin_a_total", "A.", {{"k", "y"}}).add(2);
  EXPECT_EQ(all.expose(), "# HELP tocsin_a_total A.\n# TYPE tocsin_a_total counter\n"
                          "tocsin_a_total{k=\"x\"} 1\ntocsin_a_total{k=\"y\"} 2\n"
                          "# HELP tocsin_b B.\n# TYPE tocsin_b gauge\ntocsin_b 2\n");
}

TEST(metric_registry, gives_the_same_instance_for_the_same_name_and_labels) {
  metric_registry all;
  counter& one = all.add_counter("tocsin_a_total", "A.", {{"k", "x"}});
  EXPECT_EQ(&one, &all.add_counter("tocsin_a_total", "A.", {{"k", "x"}}));
  EXPECT_NE(&one, &all.add_counter("tocsin_a_total", "A.", {{"k", "y"}}));
}

TEST(metric_registry, the_newest_callback_of_an_instance_holds) {
  metric_registry all;
  all.add_callback(metric_type::gauge, "tocsin_a", "A.", [] { return 1.0; });
  all.add_callback(metric_type::gauge, "tocsin_a", "A.", [] { return 2.0; });
  EXPECT_NE(all.expose().find("\ntocsin_a 2\n"), std::string::npos);
  EXPECT_EQ(all.expose().find("\ntocsin_a 1\n"), std::string::npos);
}

TEST(metric_registry, writes_whole_counters_without_exponent_loss) {
  metric_registry all;
  all.add_counter("tocsin_a_total", "A.").add(1234567890123);
  EXPECT_NE(all.expose().find("tocsin_a_total 1234567890123\n"), std::string::npos);
}

TEST(histogram, a_bucket_holds_its_upper_bound_and_those_below) {
  metric_registry all;
  auto& spread = all.add_histogram("tocsin_a_seconds", "A.", {0.1, 1});
  for (double value : {0.1, 0.100001, 1.0, 5.0}) {
    spread.observe(value);
  }
  const std::string text = all.expose();
  EXPECT_NE(text.find("tocsin_a_seconds_bucket{le=\"0.1\"} 1\n"
                      "tocsin_a_seconds_bucket{le=\"1\"} 3\n"
                      "tocsin_a_seconds_bucket{le=\"+Inf\"} 4\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("tocsin_a_seconds_count 4\n"), std::string::npos);
}

TEST(histogram, loses_nothing_to_threads_that_observe_at_once) {
  histogram spread({1, 2});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        spread.observe(1.5);
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(spread.in_bucket(1), 40'000u);
  EXPECT_EQ(spread.sum(), 60'000.0);
}

TEST(metric_name, follows_prometheus_rules) {
  using enum metric_type;
  EXPECT_FALSE(metric_name_objection("tocsin_samples_total", counter));
  EXPECT_FALSE(metric_name_objection("tocsin_commit_seconds", histogram));
  EXPECT_FALSE(metric_name_objection("tocsin_build_info", gauge));
  EXPECT_TRUE(metric_name_objection("tocsin_samples", counter));
  EXPECT_TRUE(metric_name_objection("tocsin_open_total", gauge));
  EXPECT_TRUE(metric_name_objection("tocsin_commit_ms", histogram));
  EXPECT_TRUE(metric_name_objection("tocsin_samples_count", gauge));
  EXPECT_TRUE(metric_name_objection("Tocsin", gauge));
  EXPECT_TRUE(metric_name_objection("tocsin-open", gauge));
  EXPECT_TRUE(metric_name_objection("", gauge));
}

TEST(process_metrics, are_plausible_for_this_process) {
  metric_registry all;
  add_process_metrics(all);
  const std::string text = all.expose();
  const auto value = [&](const std::string& name) {
    return std::strtod(text.c_str() + text.find('\n' + name + ' ') + name.size() + 2, nullptr);
  };
  EXPECT_GT(value("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(value("process_open_fds"), 2);
  EXPECT_LT(value("process_open_fds"), 10'000);
  EXPECT_GE(value("process_cpu_seconds_total"), 0);
  EXPECT_GE(value("process_threads"), 1);
  EXPECT_NEAR(value("process_start_time_seconds"), static_cast<double>(std::time(nullptr)), 600);
}

} // namespace
} // namespace tocsin::registry_test
