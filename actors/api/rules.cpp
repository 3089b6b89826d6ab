#include "actors/api/rules.hpp"

#include "actors/api/bad_parameter.hpp"
#include "actors/api/openapi.hpp"
#include "actors/api/rule_board.hpp"
#include "config/json_text.hpp"
#include "config/number_text.hpp"
#include "config/read_settings.hpp"
#include "config/rule_words.hpp"
#include "streams/redis/stream_id.hpp"
#include "streams/rule/iso_time.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::size_t limit_max = 1'000;

std::int64_t monotonic_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

// Behind what the rule says of itself.
std::string state_json(const rule_tally& t) {
  return fmt::format(
      R"(,"state":{{"hosts":{},"breach":{},"clear":{},"unknown":{},"unknownWhy":{{"new":{},)"
      R"("blind":{},"slipped":{},"noData":{},"silent":{}}},"open":{},"coolingDown":{}}},)"
      R"("cost":{{"nsPerTick":{}}}}})",
      t.hosts, t.breach, t.clear, t.unknown(), t.before_first, t.blind, t.slipped, t.no_value,
      t.silent, t.open, t.cooling, t.cost_ns);
}

// `rule_at(i)` gives a rule as JSON.
template <class RuleAt>
http::response rule_page(const rule_question& q, std::size_t total, const std::string& hash,
                         std::int64_t as_of_ms, RuleAt rule_at) {
  std::string body = R"({"rules":[)";
  const auto end = std::min(total, q.offset + q.limit);
  for (auto i = q.offset; i < end; ++i)
    body.append(i > q.offset ? "," : "").append(rule_at(i));
  body += fmt::format("],\"total\":{},\"ruleSet\":\"{}\",\"asOf\":\"{}\"}}\n", total, hash,
                      iso_time(as_of_ms));
  return {.body = std::move(body)};
}

// The rules in force, without asking the engine.
http::response plain_page(const api_context& ctx, const rule_question& q) {
  const auto in_force = ctx.rules.get();
  return rule_page(q, in_force->rules.size(), in_force->hash, ctx.unix_ms(),
                   [&](std::size_t i) { return rule_json(in_force->rules[i]); });
}

// Asks how the rules stand. Where this engine does not evaluate, the answer says nothing of that.
class standings_question final : public engine_question {
public:
  standings_question(const rule_question& q, const api_context& ctx,
                     std::shared_ptr<rule_board> board, http::responder owed)
      : q_(q), ctx_(ctx), board_(std::move(board)), owed_(std::move(owed)) {}

  bool step(const live_aggregator& core) override {
    found_ = board_->step(core.engine());
    return found_ != nullptr;
  }
  void answer() override {
    const auto& s = *found_;
    owed_.send(rule_page(q_, s.rules.size(), s.hash, s.as_of_ms < 0 ? ctx_.unix_ms() : s.as_of_ms,
                         [&](std::size_t i) {
                           const auto& json = s.rules[i];
                           return json.substr(0, json.size() - 1) + state_json(s.tallies[i]);
                         }));
  }
  void refuse(const http::refusal& why) override {
    if (why.code == "not-evaluating")
      return owed_.send(plain_page(ctx_, q_));
    owed_.send(why.status == 503 ? not_now(why.code.c_str(), why.message) : http::to_response(why));
  }

private:
  rule_question q_;
  api_context ctx_;
  std::shared_ptr<rule_board> board_;
  http::responder owed_;
  std::shared_ptr<const rule_standings> found_;
};

} // namespace

std::string rule_json(const rule& r) {
  const auto plain = write_rules({r}); // [{"name":…
  return fmt::format("{{\"text\":{},{}",
                     quote_json(rule_words(name_of(r.aggregate), r.field, r.timeframe_ms,
                                           number_for_people(r.threshold), name_of(r.compare))),
                     std::string_view(plain).substr(2, plain.size() - 3));
}

result<rule_question, http::refusal> read_rule_question(const http::request& what) {
  rule_question q;
  for (const auto& [name, value] : what.query) {
    if (name == "state") {
      q.state = value == "true";
      if (!q.state && value != "false")
        return bad_parameter(name, "must be `true` or `false`");
      continue;
    }
    const auto n = redis::parse_unsigned(value);
    if (name == "limit") {
      if (!n || *n < 1 || *n > limit_max)
        return bad_parameter(name, "must be 1 to 1000");
      q.limit = *n;
    } else if (name == "offset") {
      if (!n || *n > 1'000'000)
        return bad_parameter(name, "must be 0 to 1000000");
      q.offset = *n;
    } else {
      return bad_parameter(name, "is none of state, offset, limit");
    }
  }
  return q;
}

void add_rule_routes(http::router& routes, const api_context& ctx) {
  const auto board = std::make_shared<rule_board>(monotonic_ns);
  routes.add("GET", "/api/v1/rules", http::right::read, [ctx, board](auto what, auto answer) {
    const auto question = read_rule_question(what);
    if (!question)
      return answer.send(question.failure());
    if (!question->state)
      return answer.send(plain_page(ctx, *question));
    ctx.questions.ask(
        std::make_unique<standings_question>(*question, ctx, board, std::move(answer)),
        ctx.monotonic_ms());
  });
}

void add_openapi_route(http::router& routes) {
  routes.add("GET", "/api/v1/openapi.json", http::right::read, [](auto, auto answer) {
    answer.send(http::response{.body = std::string(openapi_text())});
  });
}

} // namespace tocsin
