#include "actors/sinks/alertmanager.hpp"

#include "actors/http/server.hpp"
#include "config/json_document.hpp"
#include "config/text_map_reader.hpp"
#include "tests/support/redis_fixture.hpp"

#include <chrono>
#include <fmt/format.h>
#include <map>
#include <mutex>

namespace tocsin::alertmanager_test {

namespace {

const redis::partition_keys keys("tocsin", "0");

std::int64_t clock_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

// Keeps what it is sent, and answers as it is told. (That a real one takes it is seen in
// tests/integration/alertmanager.py; here it is what is sent that counts.)
class recorder {
public:
  recorder() {
    server_ = std::move(
        *http::server::listen({.listen = {"127.0.0.1", 0}}, [this](auto request, auto answer) {
          const std::lock_guard lock(mutex_);
          bodies_.push_back(request.body);
          authorization_ = http::find_field(request.headers, "Authorization").value_or("none");
          answer.send(http::response{.status = status_});
        }));
  }
  std::string url() const { return "http://" + server_->address(); }
  void answer(unsigned status) {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }
  std::string authorization() {
    const std::lock_guard lock(mutex_);
    return authorization_;
  }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(bodies_, {});
  }

private:
  std::mutex mutex_;
  unsigned status_ = 200;
  std::vector<std::string> bodies_;
  std::string authorization_;
  std::unique_ptr<http::server> server_;
};

std::size_t count_alerts(const std::string& body, std::map<std::string, int>& by_host) {
  const auto document = json_document::read(body);
  EXPECT_TRUE(document) << body;
  for (const auto& alert : document->root().items)
    ++by_host[alert.find("labels")->value.find("instance")->value.text];
  return document->root().items.size();
}

} // namespace

class alertmanager_test : public test::redis_test {
protected:
  void open(int from, int to) {
    for (int i = from; i < to; ++i)
      ASSERT_TRUE(c.call({"HSET", keys.open, fmt::format("i{}", i),
                          fmt::format(R"({{"id":"i{}","ruleName":"r","hostName":"h{}",)"
                                      R"("startTime":"2023-11-14T22:13:20.000Z"}})",
                                      i, i)}));
  }
  // Calls idle() from then on until a round is over; how often each host was sent.
  std::map<std::string, int> round(alertmanager_sink& sink, std::int64_t now = clock_ms()) {
    std::map<std::string, int> by_host;
    for (auto due = now; due <= now;) {
      due = sink.idle(c, now);
      now = std::max(now, clock_ms());
    }
    for (const auto& body : to.take())
      EXPECT_LE(count_alerts(body, by_host), 2 * alertmanager_sink::alerts_max);
    return by_host;
  }
  alertmanager_sink make() { return alertmanager_sink({to.url(), "http://t", keys, 3'600'000}); }

  recorder to;
};

TEST_F(alertmanager_test, a_round_sends_everything_that_is_open_in_bounded_pieces) {
  open(0, 2'345);
  auto sink = make();
  const auto sent = round(sink);
  EXPECT_EQ(sent.size(), 2'345u);
}

TEST_F(alertmanager_test, nothing_open_sends_nothing) {
  auto sink = make();
  EXPECT_TRUE(round(sink).empty());
}

TEST_F(alertmanager_test, what_is_resolved_between_two_pieces_is_in_none_of_the_next) {
  open(0, 2'000);
  auto sink = make();
  sink.idle(c, clock_ms());
  std::map<std::string, int> before;
  for (const auto& body : to.take())
    count_alerts(body, before);
  run("DEL " + keys.open);
  open(5'000, 5'001);
  for (const auto& [host, times] : round(sink))
    EXPECT_TRUE(host == "h5000" || before.contains(host)) << host;
}

TEST_F(alertmanager_test, a_round_that_fails_begins_again) {
  open(0, 2'000);
  auto sink = make();
  to.answer(503);
  const auto due = sink.idle(c, clock_ms());
  EXPECT_EQ(to.take().size(), 1u);
  to.answer(200);
  EXPECT_EQ(sink.idle(c, due - 1), due);
  EXPECT_TRUE(to.take().empty()) << "not before it is due";
  EXPECT_EQ(round(sink, due).size(), 2'000u);
}

TEST_F(alertmanager_test, a_piece_with_an_alert_at_fault_does_not_keep_the_others_back) {
  open(0, 2'000);
  to.answer(400);
  auto sink = make();
  EXPECT_EQ(round(sink).size(), 2'000u);
}

TEST_F(alertmanager_test, credentials_go_with_every_request) {
  open(0, 1);
  alertmanager_options o{to.url(), "http://t", keys, 3'600'000};
  round(*std::make_unique<alertmanager_sink>(o));
  EXPECT_EQ(to.authorization(), "none");
  o.authorization = "Bearer abc";
  round(*std::make_unique<alertmanager_sink>(o));
  EXPECT_EQ(to.authorization(), "Bearer abc");
}

TEST_F(alertmanager_test, the_watchdog_fires_while_evaluation_goes_on_and_is_sent_no_more_then) {
  bool lives = true;
  alertmanager_options o{to.url(), "http://t", keys, 60'000};
  o.watchdog = {"eu", 60'000, [&] { return lives; }};
  alertmanager_sink sink(o);
  const auto began = clock_ms();
  EXPECT_LE(sink.idle(c, began), began + 60'000);
  const auto sent = to.take();
  ASSERT_EQ(sent.size(), 1u) << "nothing else is open";
  const auto document = json_document::read(sent[0]);
  ASSERT_TRUE(document);
  const auto& alert = document->root().items.at(0);
  EXPECT_EQ(write_texts(texts_of(alert.find("labels")->value)),
            R"({"alertname":"Watchdog","cluster":"eu"})");
  EXPECT_LT(alert.find("startsAt")->value.text, alert.find("endsAt")->value.text);
  lives = false;
  sink.idle(c, began + 60'000);
  EXPECT_TRUE(to.take().empty());
}

TEST_F(alertmanager_test, it_is_named_by_its_url) {
  EXPECT_EQ(make().name(), "alertmanager:" + to.url());
}

} // namespace tocsin::alertmanager_test
