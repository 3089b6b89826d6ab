#include "actors/engine_state.hpp"

#include "actors/api/engine_page.hpp"
#include "actors/metrics/process.hpp"
#include "actors/sinks/watchdog.hpp"
#include "config/json_text.hpp"
#include "streams/partition/recovery.hpp"
#include "streams/rule/iso_time.hpp"

#include <fmt/format.h>
#include <mutex>

namespace tocsin {

namespace {

constexpr std::int64_t redis_page_ms = 5'000; // so long it is good for others who ask

// What outlives one question.
struct engine_route {
  engine_context& ctx;
  std::shared_ptr<query_desk> desk;
  std::int64_t started_ms;
  std::mutex mutex;
  std::optional<redis_page> last; // what Redis said last
};
using route_ptr = std::shared_ptr<engine_route>;

std::string_view role_name(engine_role role) {
  switch (role) {
  case engine_role::owner:
    return "owner";
  case engine_role::standby:
    return "standby";
  case engine_role::recovering:
    return "recovering";
  case engine_role::connecting:
    break;
  }
  return "connecting";
}

std::string reload_json(const std::optional<last_reload>& last) {
  return last ? fmt::format(R"({{"at":"{}","result":"{}","message":{}}})", iso_time(last->at_ms),
                            last->result, quote_json(last->message))
              : "null";
}

std::string rules_json(const live_rules& rules) {
  const auto now = rules.get();
  return fmt::format(R"({{"count":{},"ruleSet":"{}","since":"{}","source":"{}","lastReload":{}}})",
                     now->rules.size(), now->hash, iso_time(now->since_ms), name_of(now->source),
                     reload_json(rules.reloaded()));
}

std::string about_json(const engine_route& r) {
  const auto& ctx = r.ctx;
  const auto why = why_not_ready(ctx);
  const auto& s = ctx.config;
  return fmt::format(
      R"("version":"{}","startedAt":"{}","role":"{}","ready":{},"notReady":{},"cluster":{},)"
      R"("host":{},"interval":{},"grace":{},"watcherInterval":{},"rules":{})",
      TOCSIN_VERSION, iso_time(r.started_ms), role_name(ctx.role), why.empty(),
      why.empty() ? "null" : quote_json(why), quote_json(s.cluster), quote_json(ctx.host),
      s.interval_ms, s.grace_ms, s.watcher_interval_ms, rules_json(ctx.rules));
}

std::string counts_json(const engine_metrics& m) {
  return fmt::format(
      R"({{"accepted":{},"late":{},"early":{},"rejected":{},"refused":{},"repeated":{},)"
      R"("dropped":{}}})",
      m.samples_accepted.value(), m.samples_late.value(), m.samples_early.value(),
      m.samples_rejected.value(), m.samples_refused.value(), m.values_repeated.value(),
      m.values_dropped.value());
}

std::string page_json(const engine_route& r, const oddities& odd,
                      const std::optional<redis_page>& redis) {
  const auto& ctx = r.ctx;
  const auto& m = ctx.metrics;
  const auto tables = ctx.tables.get();
  return fmt::format(
      R"({{{},"lagMs":{},"stages":{},"redis":{},"log":{},"incidents":{},"ticks":{},"counts":{},)"
      R"("fields":{},"hosts":{},)"
      R"("memory":{{"windowBytes":{:.0f},"budgetBytes":{},"residentBytes":{}}},)"
      R"("examples":{},"skewed":{},"asOf":"{}"}})"
      "\n",
      about_json(r), ctx.parts().lag.ms(monotonic_ms()),
      stages_json(ctx.parts().look(monotonic_ms())),
      redis_json(ctx.address.describe(), ctx.private_redis, redis),
      log_json(ctx.config.log_bytes, redis), incidents_json(ctx.config.incident_bytes, redis),
      ticks_json(ctx.record.ticks()), counts_json(m), fields_json(tables.get()),
      hosts_json(tables.get(), static_cast<std::size_t>(m.hosts_known.value()),
                 ctx.config.hosts_max, static_cast<std::size_t>(m.hosts_skewed.value())),
      m.window_bytes.value(), ctx.config.memory_bytes, write_number(resident_bytes()),
      examples_json(ctx.record.rejections(), odd), skewed_json(odd), iso_time(unix_ms()));
}

void answer_page(const engine_route& r, const oddities& odd, const std::optional<redis_page>& redis,
                 http::responder& owed) {
  owed.send(http::response{.body = page_json(r, odd, redis)});
}

// Redis may be away: that is part of the answer, and not a failure.
void ask_redis(const route_ptr& r, std::shared_ptr<const oddities> odd, http::responder owed) {
  std::optional<redis_page> fresh;
  {
    const std::lock_guard lock(r->mutex);
    if (r->last && monotonic_ms() - r->last->read_at_ms < redis_page_ms && r->ctx.redis_answers)
      fresh = r->last;
  }
  if (fresh)
    return answer_page(*r, *odd, fresh, owed);
  const auto read = [r](redis::connection& c, auto&) -> result<http::response> {
    auto page = read_redis_page(c, r->ctx.keys);
    if (!page)
      return page.failure();
    page->read_at_ms = monotonic_ms();
    const std::lock_guard lock(r->mutex);
    r->last = std::move(*page);
    return http::response{};
  };
  const auto to = std::make_shared<http::responder>(std::move(owed));
  r->desk->ask(read, http::responder([r, odd, to](const http::response& what) {
                 std::optional<redis_page> page;
                 if (what.status == 200) {
                   const std::lock_guard lock(r->mutex);
                   page = r->last;
                 }
                 answer_page(*r, *odd, page, *to);
               }),
               monotonic_ms());
}

// What only the engine's own thread can say; where there is none, nothing of it is said.
class oddities_question final : public engine_question {
public:
  oddities_question(route_ptr r, http::responder owed)
      : route_(std::move(r)), owed_(std::move(owed)) {}

  bool step(const live_aggregator& core) override {
    *found_ = oddities_of(core);
    return true;
  }
  void answer() override { ask_redis(route_, found_, std::move(owed_)); }
  void refuse(const http::refusal&) override { answer(); }

private:
  route_ptr route_;
  http::responder owed_;
  std::shared_ptr<oddities> found_ = std::make_shared<oddities>();
};

} // namespace

void add_engine_route(http::router& routes, engine_context& ctx, std::shared_ptr<query_desk> desk) {
  const auto r = std::make_shared<engine_route>(ctx, std::move(desk), unix_ms());
  routes.add("GET", "/api/v1/engine", http::right::read, [r](auto what, auto answer) {
    if (!what.query.empty())
      return answer.send(http::refusal{400, "bad-parameter", "there are no parameters here"});
    r->ctx.questions.ask(std::make_unique<oddities_question>(r, std::move(answer)), monotonic_ms());
  });
}

namespace {

std::string with_reason(std::string what, const std::string& why) {
  return why.empty() ? what : std::move(what) + ": " + why;
}

} // namespace

std::string why_not_ready(const engine_context& ctx) {
  if (const auto ended = ctx.redis_ended.get(); !ended.empty())
    return ended;
  if (!ctx.redis_answers)
    return with_reason("Redis does not answer at " + ctx.address.describe(), ctx.redis_said.get());
  if (const auto unfit = ctx.redis_unfit.get(); !unfit.empty())
    return unfit;
  const auto now = monotonic_ms();
  if (ctx.samples_refused)
    return with_reason("Redis takes no samples at " + ctx.address.describe(),
                       ctx.parts().writer.look(now).why);
  if (ctx.log_full)
    return "the log is full of samples that no engine has evaluated yet";
  const auto disagreement = ctx.clock_disagreement_ms.load();
  if (disagreement != 0)
    return fmt::format("Redis's clock stepped by {} ms", disagreement);
  switch (ctx.role.load()) {
  case engine_role::connecting:
    return with_reason("joining the cluster", ctx.parts().membership.look(now).refusal());
  case engine_role::recovering:
    return with_reason("reading the partition's state back",
                       ctx.parts().membership.look(now).refusal());
  case engine_role::standby:
    return ctx.parts().trouble(now);
  case engine_role::owner:
    break;
  }
  if (auto trouble = ctx.parts().trouble(now); !trouble.empty())
    return trouble;
  return ctx.caught_up ? "" : "reading what came into the log while nobody evaluated it";
}

bool evaluates_now(const engine_context& ctx) {
  const auto now = monotonic_ms();
  return evaluates({.owns = ctx.role == engine_role::owner && now < ctx.lease_until_ms,
                    .caught_up = ctx.caught_up,
                    .alerting = ctx.rules.alerting(),
                    .redis_answers = ctx.redis_answers,
                    .takes_samples = !ctx.samples_refused && !ctx.log_full,
                    .lag_ms = ctx.parts().lag.ms(now)});
}

} // namespace tocsin
