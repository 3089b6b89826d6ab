#include "actors/sinks/delivery_queue.hpp"

#include "streams/redis/incident_stream.hpp"
#include "tests/support/redis_fixture.hpp"

#include <deque>

namespace tocsin::delivery_queue_test {

namespace {

/// Answers as it was told, then takes everything.
struct scripted_sink : sink {
  const std::string& name() const override { return called; }
  std::size_t batch_max() const override { return batch; }
  delivery deliver(std::span<const redis::stream_event> events) override {
    std::string ids;
    for (const auto& e : events)
      ids += (ids.empty() ? "" : " ") + e.id;
    offered.push_back(ids);
    if (answers.empty())
      return {};
    const auto answer = answers.front();
    answers.pop_front();
    return answer;
  }
  std::int64_t idle(redis::connection&, std::int64_t now_ms) override {
    ++idled;
    return now_ms + 1'000'000;
  }
  void cancel() override { cancelled = true; }

  std::string called = "webhook:a";
  std::size_t batch = 1;
  std::deque<delivery> answers;
  std::vector<std::string> offered;
  int idled = 0;
  bool cancelled = false;
};

const delivery put_off{delivery::outcome::later, 0, "away"};
const delivery refused{delivery::outcome::failed, 0, "answered 400"};

} // namespace

class delivery_queue_test : public test::redis_test {
protected:
  void SetUp() override {
    redis_test::SetUp();
    run("HSET " + keys.lease + " owner me:1:1 beat 1");
    ASSERT_TRUE(redis::consumer_group(keys, to->name()).create(c));
  }
  void add(std::uint64_t seq) {
    const auto n = std::to_string(seq);
    run("XADD " + keys.incidents + " " + std::to_string(1'000 + seq) + "-" + n +
        " event opened id i" + n + " ruleName r hostName h");
  }
  void start() {
    const delivery_wiring w{
        keys, "me:1:1", {1'000'000, 1'000'000}, [] { return 0; }, [this] { return now; }};
    queue.emplace(w, to, metrics);
  }
  /// So many steps, with the clock moved on by what each asks for.
  void steps(int n) {
    for (int i = 0; i < n; ++i) {
      const auto next = queue->step(c, 1);
      ASSERT_TRUE(next) << next.failure().message;
      now += *next;
    }
  }
  void deliver_all() {
    const auto idle = [&] {
      steps(1);
      return queue_is_empty();
    };
    ASSERT_TRUE(test::eventually(idle));
  }
  bool queue_is_empty() {
    const auto at = redis::consumer_group(keys, to->name()).position(c);
    const auto last = redis::read_stream_facts(c, keys.incidents)->last_generated;
    return **at == last && pending() == 0;
  }
  std::size_t pending() { return redis::consumer_group(keys, to->name()).pending(c, 100)->size(); }
  std::vector<redis::stream_entry> dead(const std::string& key) {
    return *redis::last_events(c, key, 100);
  }

  const redis::partition_keys keys{"tocsin", "0"};
  std::shared_ptr<scripted_sink> to = std::make_shared<scripted_sink>();
  metric_registry registry;
  sink_metrics metrics{registry, "webhook:a"};
  std::int64_t now = 1'000'000;
  std::optional<delivery_queue> queue;
};

using texts = std::vector<std::string>;

TEST_F(delivery_queue_test, hands_on_every_event_once_in_order) {
  add(1);
  add(2);
  start();
  deliver_all();
  add(3);
  deliver_all();
  EXPECT_EQ(to->offered, (texts{"i1", "i2", "i3"}));
  EXPECT_EQ(metrics.delivered.value(), 3u);
  EXPECT_EQ(metrics.retries.value(), 0u);
}

TEST_F(delivery_queue_test, hands_on_several_at_once_where_the_sink_takes_them) {
  to->batch = 2;
  for (std::uint64_t i = 1; i <= 5; ++i)
    add(i);
  to->answers = {{delivery::outcome::done}, {delivery::outcome::later, 1, "away"}};
  start();
  deliver_all();
  EXPECT_EQ(to->offered, (texts{"i1 i2", "i3 i4", "i4 i5"}));
}

TEST_F(delivery_queue_test, counts_apart_what_the_sink_took_and_did_not_send) {
  to->batch = 3;
  for (std::uint64_t i = 1; i <= 3; ++i)
    add(i);
  to->answers = {{.what = delivery::outcome::later, .taken = 2, .why = "away", .unmatched = 1}};
  start();
  deliver_all();
  EXPECT_EQ(metrics.unmatched.value(), 1u);
  EXPECT_EQ(metrics.delivered.value(), 2u);
}

TEST_F(delivery_queue_test, keeps_the_order_while_an_event_is_put_off) {
  add(1);
  add(2);
  to->answers = {put_off, put_off, put_off};
  start();
  const auto began = now;
  deliver_all();
  EXPECT_EQ(to->offered, (texts{"i1", "i1", "i1", "i1", "i2"}));
  EXPECT_GE(now - began, 7'000);
  EXPECT_EQ(metrics.retries.value(), 3u);
  EXPECT_TRUE(dead(keys.webhooks_dead).empty());
}

TEST_F(delivery_queue_test, gives_an_event_up_after_five_tries_and_goes_on) {
  add(1);
  add(2);
  to->answers = {refused, refused, refused, refused, refused};
  start();
  deliver_all();
  EXPECT_EQ(to->offered, (texts{"i1", "i1", "i1", "i1", "i1", "i2"}));
  const auto letters = dead(keys.webhooks_dead);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(field_of(letters[0], "why"), "answered 400");
  EXPECT_EQ(field_of(letters[0], "tries"), "5");
  EXPECT_EQ(field_of(letters[0], "eventId"), "1001-1");
  EXPECT_EQ(field_of(letters[0], "ruleName"), "r");
  EXPECT_EQ(metrics.given_up.value(), 1u);
  EXPECT_EQ(metrics.delivered.value(), 1u);
}

TEST_F(delivery_queue_test, dead_letters_of_hooks_lie_apart) {
  to->called = "hooks";
  ASSERT_TRUE(redis::consumer_group(keys, "hooks").create(c));
  add(1);
  to->answers = {refused, refused, refused, refused, refused};
  start();
  deliver_all();
  EXPECT_EQ(dead(keys.hooks_dead).size(), 1u);
  EXPECT_TRUE(dead(keys.webhooks_dead).empty());
}

TEST_F(delivery_queue_test, goes_on_after_a_restart_with_what_was_not_acknowledged_and_its_tries) {
  add(1);
  add(2);
  to->answers = {refused, refused, refused};
  start();
  while (!to->answers.empty())
    steps(1);
  steps(1); // the tries are in Redis
  start();
  to->answers = {refused, refused};
  deliver_all();
  EXPECT_EQ(to->offered, (texts{"i1", "i1", "i1", "i1", "i1", "i2"}));
  EXPECT_EQ(field_of(dead(keys.webhooks_dead).at(0), "tries"), "5");
}

TEST_F(delivery_queue_test, delivers_again_what_an_engine_took_and_did_not_acknowledge) {
  add(1);
  add(2);
  start();
  steps(2); // taken, the first handed on
  start();
  deliver_all();
  EXPECT_EQ(to->offered, (texts{"i1", "i1", "i2"}));
}

TEST_F(delivery_queue_test, acknowledges_over_a_new_connection_what_it_delivered_over_the_last) {
  add(1);
  start();
  steps(2);
  ASSERT_EQ(to->offered, (texts{"i1"}));
  auto next = server().connect();
  ASSERT_TRUE(queue->step(next, 2));
  EXPECT_EQ(pending(), 0u);
  deliver_all();
  EXPECT_EQ(to->offered, (texts{"i1"}));
}

TEST_F(delivery_queue_test, takes_nothing_under_a_lease_that_is_anothers) {
  run("HSET " + keys.lease + " owner other:1:2");
  add(1);
  start();
  steps(3);
  EXPECT_TRUE(to->offered.empty());
  EXPECT_EQ(pending(), 0u);
}

TEST_F(delivery_queue_test, counts_what_was_trimmed_before_it_was_taken_as_lost) {
  for (std::uint64_t i = 1; i <= 5; ++i)
    add(i);
  start();
  steps(1); // all taken
  for (std::uint64_t i = 6; i <= 9; ++i)
    add(i);
  run("XTRIM " + keys.incidents + " MAXLEN 2");
  start();
  deliver_all();
  EXPECT_EQ(to->offered, (texts{"i8", "i9"}));
  EXPECT_EQ(metrics.lost.value(), 7u);
}

TEST_F(delivery_queue_test, makes_a_group_that_somebody_removed_again_where_it_stood) {
  add(1);
  start();
  deliver_all();
  add(2);
  run("XGROUP DESTROY " + keys.incidents + " tocsin:webhook:a");
  add(3);
  deliver_all();
  EXPECT_EQ(to->offered, (texts{"i1", "i2", "i3"}));
}

TEST_F(delivery_queue_test, passes_over_an_entry_that_is_no_event) {
  add(1);
  run("XADD " + keys.incidents + " 1002-2 something else");
  add(3);
  start();
  deliver_all();
  EXPECT_EQ(to->offered, (texts{"i1", "i3"}));
  EXPECT_EQ(metrics.lost.value(), 0u);
}

TEST_F(delivery_queue_test, shows_how_many_events_wait_and_since_when) {
  for (std::uint64_t i = 1; i <= 5; ++i)
    add(i);
  to->answers = std::deque<delivery>(100, put_off);
  start();
  const auto seen = [&] {
    steps(1);
    return metrics.undelivered.value() == 5;
  };
  ASSERT_TRUE(test::eventually(seen));
  EXPECT_GT(now - *metrics.oldest_ms, 1'000'000);
  EXPECT_EQ(metrics.endangered.value(), 1) << "ids of 1970 are older than any retention";
  to->answers.clear();
  const auto gone = [&] {
    steps(1);
    return metrics.undelivered.value() == 0 && metrics.endangered.value() == 0;
  };
  EXPECT_TRUE(test::eventually(gone));
}

TEST_F(delivery_queue_test, what_a_cancelled_delivery_says_is_no_try) {
  add(1);
  start();
  steps(1);
  queue->cancel();
  EXPECT_TRUE(to->cancelled);
  to->answers = {refused};
  steps(1);
  const auto left = redis::consumer_group(keys, to->name()).pending(c, 10);
  ASSERT_EQ(left->size(), 1u);
  EXPECT_EQ(left->front().tries, 0u);
  EXPECT_EQ(metrics.retries.value(), 0u);
}

TEST_F(delivery_queue_test, acknowledges_what_a_cancelled_delivery_took) {
  add(1);
  start();
  steps(1);
  queue->cancel();
  steps(1);
  EXPECT_EQ(to->offered, (texts{"i1"}));
  EXPECT_EQ(pending(), 0u);
}

} // namespace tocsin::delivery_queue_test
