#include "actors/sinks/webhook_sink.hpp"

#include "actors/http/server.hpp"
#include "config/body_reader.hpp"
#include "config/json_document.hpp"
#include "tests/support/redis_fixture.hpp"

#include <mutex>

namespace tocsin::webhook_sink_test {

namespace {

// Keeps what it is sent, and answers as it is told.
class recorder {
public:
  recorder() {
    server_ = std::move(
        *http::server::listen({.listen = {"127.0.0.1", 0}}, [this](auto request, auto answer) {
          const std::lock_guard lock(mutex_);
          requests_.push_back(request);
          answer.send(http::response{.status = status_});
        }));
  }
  std::string url() const { return "http://" + server_->address() + "/"; }
  void answer(unsigned status) {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }
  std::vector<http::request> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(requests_, {});
  }

private:
  std::mutex mutex_;
  unsigned status_ = 200;
  std::vector<http::request> requests_;
  std::unique_ptr<http::server> server_;
};

redis::stream_event event(const std::string& host, const std::string& severity) {
  redis::stream_event e;
  e.id = "i-" + host;
  e.rule_name = "hot";
  e.host_name = host;
  e.trigger_value = "9";
  e.labels = {{"severity", severity}};
  return e;
}

std::vector<label_condition> page_only() {
  text_pattern_list wanted;
  wanted.add(*text_pattern::read("page"));
  return {{"severity", wanted}};
}

body_template body(std::string_view json) {
  const auto document = json_document::read(json);
  problem_list problems;
  return read_body(json_cursor(*document, "c.json"), problems);
}

std::string header(const http::request& r, std::string_view name) {
  return std::string(http::find_field(r.headers, name).value_or("none"));
}

} // namespace

class webhook_sink_test : public test::redis_test {
protected:
  webhook config() const {
    webhook out;
    out.name = "w";
    out.url = to.url();
    return out;
  }
  static webhook_sink make(webhook w, watchdog_wiring watchdog = {}) {
    return {std::move(w), {"eu", "https://t"}, std::move(watchdog)};
  }

  recorder to;
};

TEST_F(webhook_sink_test, what_does_not_match_is_taken_and_counted_and_not_sent) {
  auto w = config();
  w.match = page_only();
  auto sink = make(w);
  const redis::stream_event all[] = {event("a", "page"), event("b", "ticket"), event("c", "page")};
  const auto d = sink.deliver(all);
  EXPECT_EQ(d.what, delivery::outcome::done);
  EXPECT_EQ(d.unmatched, 1u);
  EXPECT_EQ(to.take().size(), 2u);
}

TEST_F(webhook_sink_test, what_does_not_match_is_left_out_of_a_group) {
  auto w = config();
  w.match = page_only();
  w.format = webhook_format::alertmanager;
  auto sink = make(w);
  const redis::stream_event all[] = {event("a", "page"), event("b", "page"), event("c", "ticket"),
                                     event("d", "page")};
  EXPECT_EQ(sink.deliver(all).unmatched, 1u);
  const auto sent = to.take();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].body.find("\"c\""), std::string::npos);
  EXPECT_NE(sent[0].body.find("\"b\""), std::string::npos);
  EXPECT_NE(sent[1].body.find("\"d\""), std::string::npos);
}

TEST_F(webhook_sink_test, a_failure_says_how_many_before_it_were_not_sent) {
  auto w = config();
  w.match = page_only();
  auto sink = make(w);
  to.answer(503);
  const redis::stream_event all[] = {event("a", "ticket"), event("b", "page")};
  const auto d = sink.deliver(all);
  EXPECT_EQ(d.what, delivery::outcome::later);
  EXPECT_EQ(d.taken, 1u);
  EXPECT_EQ(d.unmatched, 1u);
}

TEST_F(webhook_sink_test, a_body_of_ones_own_is_json_or_plain_text) {
  auto w = config();
  w.body = body(R"_({"text":"{{event}}: {{ruleName}} on {{hostName}} ({{labels.severity}})"})_");
  const auto e = event("a \"b\"", "page");
  make(w).deliver({&e, 1});
  w.body = body(R"(["x"])");
  w.body.plain_text = true;
  make(w).deliver({&e, 1});
  const auto sent = to.take();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].body, R"_({"text":"opened: hot on a \"b\" (page)"})_");
  EXPECT_EQ(header(sent[0], "Content-Type"), "application/json");
  EXPECT_EQ(header(sent[0], "Idempotency-Key"), "i-a\"b\"-opened");
  EXPECT_EQ(header(sent[0], "Tocsin-Test"), "none");
  EXPECT_EQ(header(sent[1], "Content-Type"), "text/plain; charset=utf-8");
}

TEST_F(webhook_sink_test, a_test_says_that_it_is_one) {
  auto e = event("a", "page");
  e.test = true;
  make(config()).deliver({&e, 1});
  const auto sent = to.take();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(header(sent[0], "Tocsin-Test"), "true");
  EXPECT_NE(sent[0].body.find(R"("triggerValue":9,"test":true})"), std::string::npos);
}

TEST_F(webhook_sink_test, the_watchdog_is_told_to_those_who_ask_for_it) {
  const watchdog_wiring on{"eu", 60'000, [] { return true; }};
  auto w = config();
  auto silent = make(w, on);
  EXPECT_EQ(silent.idle(c, 1'000), INT64_MAX);
  EXPECT_TRUE(to.take().empty());
  w.on_watchdog = true;
  w.match = page_only(); // of rules, and the watchdog is none
  auto sink = make(w, on);
  EXPECT_EQ(sink.idle(c, 1'000), 61'000);
  EXPECT_EQ(sink.idle(c, 2'000), 61'000);
  const auto sent = to.take();
  ASSERT_EQ(sent.size(), 1u);
  const auto document = json_document::read(sent[0].body);
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().find("event")->value.text, "watchdog");
  EXPECT_EQ(document->root().find("cluster")->value.text, "eu");
  EXPECT_EQ(header(sent[0], "Idempotency-Key"), "none");
}

TEST_F(webhook_sink_test, the_watchdog_comes_in_the_form_of_the_webhook) {
  const watchdog_wiring on{"eu", 60'000, [] { return true; }};
  auto w = config();
  w.on_watchdog = true;
  w.format = webhook_format::alertmanager;
  make(w, on).idle(c, 0);
  w.body = body(R"(["{{event}} of {{cluster}}{{hostName}}"])");
  make(w, on).idle(c, 0);
  const auto sent = to.take();
  ASSERT_EQ(sent.size(), 2u);
  const auto document = json_document::read(sent[0].body);
  ASSERT_TRUE(document) << sent[0].body;
  const auto& alert = document->root().find("alerts")->value.items.at(0);
  EXPECT_EQ(alert.find("labels")->value.find("alertname")->value.text, "Watchdog");
  EXPECT_EQ(alert.find("labels")->value.find("cluster")->value.text, "eu");
  EXPECT_EQ(alert.find("status")->value.text, "firing");
  EXPECT_EQ(sent[1].body, R"(["watchdog of eu"])");
}

TEST_F(webhook_sink_test, the_watchdog_is_not_tried_again_and_not_told_while_nothing_evaluates) {
  bool lives = true;
  auto w = config();
  w.on_watchdog = true;
  auto sink = make(w, {"eu", 60'000, [&] { return lives; }});
  to.answer(500);
  EXPECT_EQ(sink.idle(c, 0), 60'000);
  EXPECT_EQ(to.take().size(), 1u);
  lives = false;
  sink.idle(c, 60'000);
  EXPECT_TRUE(to.take().empty());
}

} // namespace tocsin::webhook_sink_test
