#include "actors/machine/agent.hpp"

#include "actors/http/server.hpp"
#include "actors/machine/local_metrics.hpp"

#include <atomic>
#include <condition_variable>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <limits>
#include <mutex>
#include <set>
#include <thread>

namespace tocsin::agent_test {
namespace {

/// Virtual time: it passes only while somebody waits.
struct virtual_clock final : agent_clock {
  std::atomic<std::int64_t> wall{1'700'000'000'000}; // `run` asks from two threads
  std::atomic<std::int64_t> steady{0};
  std::int64_t stop_at_steady = std::numeric_limits<std::int64_t>::max();

  std::int64_t now_ms() override { return wall; }
  std::int64_t steady_ms() override { return steady; }
  bool wait_ms(std::int64_t span_ms) override {
    wall += span_ms;
    steady += span_ms;
    return steady < stop_at_steady;
  }
};

/// Servers that answer as they are told, and remember what they took.
struct scripted_door final : sample_door {
  std::vector<server_answer> answers; // by server
  std::vector<std::string> posts;
  std::vector<std::size_t> asked;

  explicit scripted_door(std::size_t servers)
      : answers(servers, server_answer{.status = 202, .text = {}}) {}

  server_answer post(std::size_t server, std::string_view ndjson, std::int64_t) override {
    asked.push_back(server);
    if (answers[server].status == 202) {
      posts.emplace_back(ndjson);
    }
    return answers[server];
  }
  void hurry() override {}
};

std::string sample_at(std::int64_t ts_ms) {
  return sample_json("node-7", ts_ms, {});
}

agent_options options_for(std::size_t servers) {
  return {.servers = std::vector<std::string>(servers, "http://a"), .host = "node-7"};
}

std::vector<std::string> lines_of(const std::vector<std::string>& posts) {
  std::vector<std::string> lines;
  for (const std::string& text : posts) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      lines.push_back(text.substr(at, end - at));
      at = end + 1;
    }
  }
  return lines;
}

TEST(report_time, is_a_boundary_of_the_interval_and_the_hosts_own_offset) {
  EXPECT_EQ(next_report_ms(1'700'000'000'000, 10'000, 1'500), 1'700'000'001'500);
  EXPECT_EQ(next_report_ms(1'700'000'001'499, 10'000, 1'500), 1'700'000'001'500);
  EXPECT_EQ(next_report_ms(1'700'000'001'500, 10'000, 1'500), 1'700'000'011'500);
}

TEST(report_offset, is_stable_within_a_tick_and_spread_over_hosts) {
  std::set<std::int64_t> offsets;
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t offset = report_offset_ms(fmt::format("node-{}", i), 10'000);
    EXPECT_EQ(offset, report_offset_ms(fmt::format("node-{}", i), 10'000));
    EXPECT_GE(offset, 1000);
    EXPECT_LT(offset, 6000);
    offsets.insert(offset);
  }
  EXPECT_GT(offsets.size(), 800u);
  for (std::int64_t interval : {1, 100, 3'600'000}) {
    EXPECT_LT(report_offset_ms("a", interval), interval);
  }
}

TEST(agent, takes_one_sample_in_each_tick) {
  virtual_clock clock;
  scripted_door door(1);
  agent reports(options_for(1), clock, sample_at, door);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(reports.sample_once());
    reports.ship();
  }
  const std::int64_t first =
      next_report_ms(1'700'000'000'000, 10'000, report_offset_ms("node-7", 10'000));
  ASSERT_EQ(door.posts.size(), 100u);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(door.posts[static_cast<std::size_t>(i)], sample_at(first + i * 10'000) + '\n');
  }
}

TEST(agent, keeps_samples_while_all_servers_are_away_and_resends_them_with_their_own_times) {
  virtual_clock clock;
  scripted_door door(2);
  agent reports(options_for(2), clock, sample_at, door);
  door.answers.assign(2, server_answer{.status = 0, .text = "away"});
  std::vector<std::string> taken;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(reports.sample_once());
    taken.push_back(sample_at(clock.wall));
    reports.ship();
  }
  EXPECT_EQ(reports.ships().waiting().size(), 50u);
  EXPECT_EQ(door.asked.size(), 100u); // each server once per sample
  door.answers[1].status = 202;
  ASSERT_TRUE(reports.sample_once());
  taken.push_back(sample_at(clock.wall));
  reports.ship();
  EXPECT_EQ(lines_of(door.posts), taken);
  EXPECT_TRUE(reports.ships().waiting().empty());
}

TEST(agent, keeps_an_hour_of_samples_and_no_more) {
  virtual_clock clock;
  scripted_door door(1);
  agent reports(options_for(1), clock, sample_at, door);
  door.answers[0].status = 503;
  for (int i = 0; i < 400; ++i) {
    ASSERT_TRUE(reports.sample_once());
    reports.ship();
  }
  EXPECT_EQ(reports.ships().waiting().size(), 360u);
  EXPECT_EQ(reports.ships().waiting().dropped(), 40u);
}

TEST(agent, a_wall_clock_that_steps_costs_at_most_an_interval) {
  virtual_clock clock;
  scripted_door door(1);
  agent reports(options_for(1), clock, sample_at, door);
  for (const std::int64_t step : {-3'600'000, 3'600'000, -5'000, 25'000}) {
    ASSERT_TRUE(reports.sample_once());
    clock.wall += step;
    const std::int64_t before = clock.steady;
    ASSERT_TRUE(reports.sample_once());
    EXPECT_LE(clock.steady - before, 20'000) << step;
  }
}

TEST(agent, says_that_it_leaves_after_everything_else) {
  virtual_clock clock;
  scripted_door door(1);
  agent reports(options_for(1), clock, sample_at, door);
  door.answers[0] = {.status = 503, .text = {}, .retry_after_ms = 60'000};
  ASSERT_TRUE(reports.sample_once());
  reports.ship();
  const std::string kept = sample_at(clock.wall);
  door.answers[0].status = 202;
  reports.leave();
  EXPECT_EQ(lines_of(door.posts),
            (std::vector<std::string>{kept, leave_json("node-7", clock.wall)}));
}

TEST(agent, says_nothing_when_told_not_to_leave) {
  virtual_clock clock;
  scripted_door door(1);
  auto options = options_for(1);
  options.leave = false;
  agent reports(options, clock, sample_at, door);
  reports.leave();
  EXPECT_TRUE(door.posts.empty());
}

TEST(agent, run_ends_when_the_clock_says_stop_and_has_sent_everything) {
  virtual_clock clock;
  clock.stop_at_steady = 100'000;
  scripted_door door(1);
  agent reports(options_for(1), clock, sample_at, door);
  reports.run();
  const auto lines = lines_of(door.posts);
  const std::set<std::string> once(lines.begin(), lines.end());
  EXPECT_EQ(once.size(), 11u); // ten samples and the leave; a resend may repeat some
  EXPECT_EQ(lines.back(), leave_json("node-7", clock.wall));
}

/// A real server that takes samples as long as it is told to.
struct real_server {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> taken;
  std::string authorization;
  std::atomic<unsigned> status{202};
  std::unique_ptr<http::server> inside;

  real_server() {
    auto started = http::server::listen(
        {.listen = {"127.0.0.1", 0}}, [this](http::request what, http::responder answer) {
          std::lock_guard lock(mutex);
          authorization = what.header("Authorization").value_or("");
          if (status == 202 && what.path == "/base/api/v1/samples" && what.method == "POST") {
            taken.push_back(what.body);
          }
          changed.notify_all();
          answer.send(
              http::response{.status = status, .body = "{}", .headers = {{"Retry-After", "0"}}});
        });
    inside = std::move(*started);
  }
  bool wait_for_posts(std::size_t n) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(60), [&] { return taken.size() >= n; });
  }
  std::string url() const { return "http://" + inside->address() + "/base/"; }
};

TEST(agent, reports_to_a_real_server_past_one_that_is_down) {
  real_server down;
  const std::string down_url = down.url();
  down.inside.reset();
  real_server up;
  agent_options options{.servers = {down_url, up.url()}, .host = "node-7", .interval_ms = 100};
  std::atomic<bool> stopping{false};
  const auto clock = make_system_clock([&] { return stopping.load(); });
  const auto door = make_http_door(options.servers, [] { return "0123456789abcdef"; });
  machine_meter meter;
  agent reports(
      options, *clock,
      [&](std::int64_t ts) { return sample_json("node-7", ts, read_machine(meter)); }, *door);
  std::thread running([&] { reports.run(); });
  EXPECT_TRUE(up.wait_for_posts(3));
  stopping = true;
  running.join();
  EXPECT_EQ(up.authorization, "Bearer 0123456789abcdef");
  const auto lines = lines_of(up.taken);
  EXPECT_NE(lines.front().find("\"mem\":{\"usage\":"), std::string::npos) << lines.front();
  EXPECT_NE(lines.back().find("\"gone\":true"), std::string::npos) << lines.back();
  EXPECT_TRUE(reports.ships().waiting().empty());
}

TEST(http_door, hands_on_status_text_and_retry_after) {
  real_server one;
  one.status = 503;
  std::string token;
  const auto door = make_http_door({one.url()}, [&] { return token; });
  const server_answer answer = door->post(0, "{}\n", 10'000);
  EXPECT_EQ(answer.status, 503u);
  EXPECT_EQ(answer.text, "{}");
  EXPECT_EQ(answer.retry_after_ms, 0);
  EXPECT_EQ(one.authorization, "");
  door->hurry();
  one.status = 202;
  token = "the-next-one";
  EXPECT_EQ(door->post(0, "{}\n", 10'000).status, 202u); // later posts are not affected
  EXPECT_EQ(one.authorization, "Bearer the-next-one");
}

} // namespace
} // namespace tocsin::agent_test
